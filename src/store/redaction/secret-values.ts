/** Shorter values would be found by chance in what is no secret. */
const SHORTEST_SECRET = 8;

const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)$/i;

/** Of an environment file everything counts as secret but what is plainly a setting. */
const PLAIN_NAME =
  /^COPPICE_|^OPENAI_(?:BASE_URL|ORG_ID|PROJECT_ID)$|(?:PROXY|URL|URI|HOST|PORT|DIR|PATH|FILE|NAME|MODEL|LEVEL|REGION|CERTS)$/i;

/** What people write where a server wants some key but does not look at it. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  'not-needed',
  'no-key-needed',
  'not-required',
  'placeholder',
  'dummy-key',
  'changeme',
]);

/** What tells of a process's secrets. */
export interface SecretSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Variables that came from an environment file (`.env`). */
  readonly fromFile?: ReadonlySet<string>;
  /** Further variables that hold keys, whatever their names. */
  readonly keyVariables?: readonly string[];
}

/**
 * The values that must not be stored: of variables named as secrets are (`…_KEY`, `…_TOKEN`, `…_SECRET`, `…PASSWORD`),
 * of those from an environment file that are no plain settings, and passwords within addresses. At least eight
 * characters long; each also as JSON, URLs and base64 write it.
 */
export function secretValues({ environment, fromFile, keyVariables = [] }: SecretSources): string[] {
  const values = Object.entries(environment).flatMap(([name, value]) => {
    const text = value?.trim() ?? '';
    const isSecret =
      SECRET_NAME.test(name) || keyVariables.includes(name) || (fromFile?.has(name) === true && !PLAIN_NAME.test(name));
    return isSecret ? text.split(/[\r\n]+/) : passwordOf(text);
  });
  const secrets = values
    .map((value) => value.trim())
    .filter((value) => value.length >= SHORTEST_SECRET && !PLACEHOLDERS.has(value.toLowerCase()));
  return [...new Set(secrets.flatMap(writings))];
}

function passwordOf(text: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return [];
  const { password } = new URL(text);
  return password === '' ? [] : [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function writings(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '');
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), base64];
}
