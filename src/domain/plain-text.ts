/**
 * What a text can move a terminal's cursor, name its window or hide words with: control sequences and strings (ECMA-48,
 * 5.4 and 5.6), single control characters but for tabs and line breaks, and marks that turn the direction of writing.
 */
const CONTROLS =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

// eslint-disable-next-line no-control-regex -- see above
const COLOUR = /^\u001b\[[0-9;:]*m$/;

const RESET = '\u001b[0m';

/** A text of a model, a script or a person, with nothing in it that a terminal would do other than show. */
export function plainText(text: string): string {
  return text.replace(CONTROLS, '');
}

/** The same with its colours, which end with it. */
export function colouredText(text: string): string {
  const kept = text.replace(CONTROLS, (control) => (COLOUR.test(control) ? control : ''));
  return kept.includes('\u001b[') && !kept.endsWith(RESET) ? kept + RESET : kept;
}
