import { analyse } from 'chardet';
import { decode } from 'iconv-lite';

/** How a text file is encoded. */
export interface TextEncoding {
  /** Name of Python's codec, without the byte order mark: `utf-8`, `utf-16`, `cp1252`. */
  readonly codec: string;
  readonly byteOrderMark: boolean;
}

/** Bytes beyond ASCII that the statistics of a language need to tell encodings apart. */
const ENOUGH_BYTES = 24;

/** Of the lines with bytes beyond ASCII, this much is looked at. */
const LOOKED_AT = 64 * 1024;

/** Of 100: from here on a guess of an encoding with several bytes a letter is sure. */
const SURE = 80;

/** Share of the letters that are beyond ASCII in words of Cyrillic, Greek and the like. */
const FOREIGN_SHARE = 0.8;

/** What a guess is called in Python; supersets where files of that name use them. */
const PYTHON_CODECS: Readonly<Record<string, string>> = {
  Shift_JIS: 'cp932',
  'EUC-JP': 'euc_jp',
  'EUC-KR': 'cp949',
  Big5: 'cp950',
  GB18030: 'gb18030',
  'KOI8-R': 'koi8_r',
  'UTF-32LE': 'utf-32-le',
  'UTF-32BE': 'utf-32-be',
  'windows-1250': 'cp1250',
  'windows-1251': 'cp1251',
  'windows-1253': 'cp1253',
  'windows-1254': 'cp1254',
  'windows-1255': 'cp1255',
  'windows-1256': 'cp1256',
  'ISO-8859-2': 'iso8859-2',
  'ISO-8859-5': 'iso8859-5',
  'ISO-8859-6': 'iso8859-6',
  'ISO-8859-7': 'iso8859-7',
  'ISO-8859-8': 'iso8859-8',
  'ISO-8859-9': 'iso8859-9',
};

const SEVERAL_BYTES: readonly string[] = ['Shift_JIS', 'EUC-JP', 'EUC-KR', 'Big5', 'GB18030'];

/** Scripts of their own, in which every letter is beyond ASCII. */
const FOREIGN: readonly string[] = ['windows-1251', 'KOI8-R', 'ISO-8859-5', 'windows-1253', 'ISO-8859-7'];

/** Guesses that mean Western European text, of which the bytes themselves tell which. */
const WESTERN: readonly string[] = ['ISO-8859-1', 'windows-1252'];

/** Bytes that Windows-1252 leaves without a meaning. */
const NOT_WINDOWS: readonly number[] = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

/**
 * The encoding of a text by its first bytes, or null when it is no text. Byte order marks and valid UTF-8 decide by
 * themselves; the rest is a guess from how often which letters come.
 */
export function detectEncoding(bytes: Buffer): TextEncoding | null {
  const marked = byteOrderMark(bytes);
  if (marked !== null) return { codec: marked, byteOrderMark: true };
  if (bytes.includes(0)) {
    const codec = zerosTell(bytes);
    return codec === null ? null : { codec, byteOrderMark: false };
  }
  return { codec: isUtf8(bytes) ? 'utf-8' : guess(bytes), byteOrderMark: false };
}

/** The name of the same encoding for iconv-lite. */
export function iconvName(codec: string): string {
  return codec === 'latin-1' ? 'iso-8859-1' : codec.replaceAll('_', '-').replace(/^(utf-\d\d)-(le|be)$/, '$1$2');
}

function byteOrderMark(bytes: Buffer): string | null {
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfeff) return 'utf-32';
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeff) return 'utf-32';
  if (bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0))) return 'utf-16';
  return bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf ? 'utf-8' : null;
}

/** Text in UTF-16 without a mark: in most languages the header's letters have a zero at every second place. */
function zerosTell(bytes: Buffer): string | null {
  const start = bytes.subarray(0, 1000);
  const even = start.filter((byte, index) => byte === 0 && index % 2 === 0).length;
  const odd = start.filter((byte, index) => byte === 0 && index % 2 === 1).length;
  const half = start.length / 2;
  if (odd > 0.8 * half && even === 0) return 'utf-16-le';
  return even > 0.8 * half && odd === 0 ? 'utf-16-be' : null;
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function guess(bytes: Buffer): string {
  const telling = linesBeyondAscii(bytes);
  const high = telling.filter((byte) => byte >= 0x80);
  const western = high.some((byte) => byte < 0xa0) && !high.some((byte) => NOT_WINDOWS.includes(byte));
  const usual = western ? 'cp1252' : 'latin-1';
  if (high.length < ENOUGH_BYTES) return usual;
  const guesses = analyse(telling);
  const several = guesses.find(({ name, confidence }) => SEVERAL_BYTES.includes(name) && confidence >= SURE);
  const name = several?.name ?? (isForeign(telling) ? mostLikeWords(telling) : latinGuess(guesses));
  return name === null ? usual : (PYTHON_CODECS[name] ?? usual);
}

/** Whether words with letters beyond ASCII have next to no others. */
function isForeign(bytes: Buffer): boolean {
  const words = bytes.toString('latin1').match(/[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*/g) ?? [];
  const letters = words.join('');
  return letters.replace(/[A-Za-z]/g, '').length >= FOREIGN_SHARE * letters.length;
}

/** Of encodings of scripts the one that makes words of small letters, which the wrong one hardly does. */
function mostLikeWords(bytes: Buffer): string | null {
  const likeness = FOREIGN.map((name) => {
    const letters = decode(bytes, name).match(/[^\0-\x7f]/g) ?? [];
    return { name, small: letters.filter((letter) => /\p{Ll}/u.test(letter)).length / letters.length };
  });
  return likeness.reduce((best, other) => (other.small > best.small ? other : best)).name;
}

/** Another guess than Western text only where that is far less likely. */
function latinGuess(guesses: readonly { readonly name: string; readonly confidence: number }[]): string | null {
  const single = guesses.filter(({ name }) => !name.startsWith('UTF-') && !SEVERAL_BYTES.includes(name));
  const [best] = single;
  const western = single.find(({ name }) => WESTERN.includes(name));
  if (best === undefined || WESTERN.includes(best.name) || best.confidence === 0) return null;
  return western !== undefined && western.confidence * 2 > best.confidence ? null : best.name;
}

/** The lines that say something: in a large table of numbers they are few. */
function linesBeyondAscii(bytes: Buffer): Buffer {
  const lines: Buffer[] = [];
  let taken = 0;
  for (let start = 0; start < bytes.length && taken < LOOKED_AT;) {
    const end = bytes.indexOf(10, start);
    const line = bytes.subarray(start, end === -1 ? bytes.length : end + 1);
    if (line.some((byte) => byte >= 0x80)) {
      lines.push(line.subarray(0, LOOKED_AT));
      taken += line.length;
    }
    start += line.length;
  }
  return Buffer.concat(lines);
}
