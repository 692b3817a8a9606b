import type { z } from 'zod';

/** One problem of an input: where (JSON path such as `$.limits.time`) and what. */
export interface InputProblem {
  readonly path: string;
  readonly message: string;
}

/** Every problem that a schema found. */
export function inputProblems(error: z.ZodError): InputProblem[] {
  return error.issues.flatMap(toProblems);
}

/** Every problem in words for people, by its key: `limits.time: …`; what is about the whole has no key. */
export function inputProblemsInWords(error: z.ZodError): string {
  const words = inputProblems(error).map(({ path, message }) => {
    const key = path.replace(/^\$\.?/, '');
    return key === '' ? message : `${key}: ${message}`;
  });
  return words.join('; ');
}

function toProblems(issue: z.core.$ZodIssue): InputProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: jsonPath([...issue.path, key]), message: 'unknown key' }));
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => !branch.some(refusesKind));
    if (meant !== undefined) return within(issue.path, meant);
  }
  if (issue.code === 'invalid_key') return within(issue.path, issue.issues);
  return [{ path: jsonPath(issue.path), message: isMissing(issue) ? 'missing' : issue.message }];
}

function within(path: readonly PropertyKey[], issues: readonly z.core.$ZodIssue[]): InputProblem[] {
  return issues.flatMap((inner) => toProblems({ ...inner, path: [...path, ...inner.path] }));
}

/**
 * Whether the value is of another kind than a branch of a union takes: that branch was not meant then. Where no branch
 * was, the union's own message says what there may be.
 */
function refusesKind(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(refusesKind));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

/** An issue does not hold the value, so that only zod's own words tell a key that is not there. */
function isMissing({ code, path, message }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && path.length > 0 && message.endsWith('received undefined');
}

function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
    '$',
  );
}
