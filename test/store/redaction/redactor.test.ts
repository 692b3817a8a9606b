import { Redactor } from '../../../src/store/redaction/redactor';
import { RedactingStream } from '../../../src/store/redaction/redacting-stream';
import { secretValues } from '../../../src/store/redaction/secret-values';
import { KEY_BLOCK, KEYS } from './made-up-keys';

const redactor = new Redactor(['correct horse battery', 'p4ss"word\\x']);

describe('what looks like a key', () => {
  it.each(KEYS)('%s goes, what stands around it stays', (_kind, before, secret, after) => {
    const text = `line\n${before}${secret}${after}\nnext`;
    expect(redactor.redact(text)).toBe(`line\n${before}[redacted]${after}\nnext`);
  });

  it('goes at the very beginning and end, more than once in a line, and doing it again changes nothing', () => {
    const [, before = '', secret = ''] = KEYS[0] ?? [];
    const text = `${secret} and ${before}${secret}`;
    const once = redactor.redact(text);
    expect(once).toBe(`[redacted] and ${before}[redacted]`);
    for (const [, prefix, key, suffix] of KEYS) {
      const redacted = redactor.redact(`${prefix}${key}${suffix}`);
      expect(redactor.redact(redacted)).toBe(redacted);
    }
  });

  it.each([
    ['words with hyphens', 'sk-learn-style-estimators-and-transformers, task-specific-feature-engineering-2'],
    ['hashes', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['identifiers', '3b241101-e2bb-4255-8caf-4136c566a962'],
    ['code that makes an address', 'f"postgresql://{user}:{password}@{host}/db"'],
    ['code that makes a header', `headers = {"Authorization": f"Bearer {token}"}`],
    ['prose', 'Bearer tokens are basic HistGradientBoostingClassifier2 authentication.'],
    ['a public key', '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----'],
    ['addresses', 'https://example.org:8080/path?x=1 and sqlite:///:memory: and user@example.org'],
    ['numbers', 'metric: 0.123456789012345678901234567890'],
  ])('%s stay', (_name, text) => {
    expect(redactor.redact(text)).toBe(text);
  });
});

describe('values that are secrets here', () => {
  it('go whatever they look like', () => {
    expect(redactor.redact('it is correct horse battery staple')).toBe('it is [redacted] staple');
    expect(redactor.redact('p4ss"word\\x!')).toBe('[redacted]!');
  });

  it('go from JSON as values, also directly behind an escape', () => {
    const [, , secret = ''] = KEYS[0] ?? [];
    expect(redactor.redactAll({ a: [`\n${secret}`, 1, null, true], b: { c: 'correct horse battery' } })).toEqual({
      a: ['\n[redacted]', 1, null, true],
      b: { c: '[redacted]' },
    });
  });

  it('are those of variables named so, of an environment file, and passwords in addresses', () => {
    const environment = {
      OPENAI_API_KEY: 'a-key-of-mine',
      GH_TOKEN: 'a-token-of-mine',
      DB_PASSWORD: 'a"password',
      SHORT_KEY: 'short',
      SOME_KEY: 'not-needed',
      HTTPS_PROXY: 'http://me:pro%40xyword@proxy:3128',
      HOME: '/home/somebody',
      LICENCE: 'from-the-file',
      COPPICE_MODEL: 'some-large-model',
      ODDLY_NAMED: 'endpoint-credential',
      PEM_SECRET: 'first line\nsecond line',
    };
    const values = secretValues({
      environment,
      fromFile: new Set(['LICENCE', 'COPPICE_MODEL']),
      keyVariables: ['ODDLY_NAMED'],
    });
    for (const secret of [
      'a-key-of-mine',
      'a-token-of-mine',
      'a"password',
      'a\\"password',
      'a%22password',
      Buffer.from('a-token-of-mine').toString('base64').replace(/=+$/, ''),
      'pro%40xyword',
      'pro@xyword',
      'from-the-file',
      'endpoint-credential',
      'first line',
      'second line',
    ]) {
      expect(values).toContain(secret);
    }
    for (const plain of ['short', 'not-needed', '/home/somebody', 'some-large-model', 'http://me', '']) {
      expect(values).not.toContain(plain);
    }
  });
});

describe('a text that comes in pieces', () => {
  const text = [
    'fit 1: 0.5',
    ...KEYS.map(([, before, secret, after]) => `${before}${secret}${after}`),
    KEY_BLOCK,
    'it is correct horse battery staple',
    `${'x'.repeat(3000)} ${KEYS[0]?.[2] ?? ''} ${'progress '.repeat(400)}`,
    'the end, without a line break',
  ].join('\n');

  it.each([5, 64, 1000, 5000, 1_000_000])('is redacted as a whole one is, in pieces of %i', (size) => {
    const stream = new RedactingStream(redactor);
    let redacted = '';
    for (let at = 0; at < text.length; at += size) redacted += stream.push(text.slice(at, at + size));
    expect(redacted + stream.end()).toBe(redactor.redact(text));
    expect(redactor.redact(text)).not.toContain('MIIE');
  });

  it('gives whole lines out at once, but holds a private key until it has ended', () => {
    const stream = new RedactingStream(redactor);
    expect(stream.push('epoch 1\nepoch 2\nepo')).toBe('epoch 1\nepoch 2\n');
    expect(stream.push('ch 3\n-----BEGIN PRIVATE KEY-----\nMIIEabc\n')).toBe('epoch 3\n');
    expect(stream.push('MIIEdef\n-----END PRIVATE KEY-----\nepoch 4\n')).toBe('[redacted]\nepoch 4\n');
    expect(stream.end()).toBe('');
  });

  it('keeps little of a line that does not end', () => {
    const stream = new RedactingStream(redactor);
    const out = stream.push('#'.repeat(10_000));
    expect(out.length).toBeGreaterThan(8000);
    expect(out + stream.end()).toBe('#'.repeat(10_000));
  });
});
