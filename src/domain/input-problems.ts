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

function toProblems(issue: z.core.$ZodIssue): InputProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: jsonPath([...issue.path, key]), message: 'unknown key' }));
  }
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors.flat().filter((inner) => inner.path.length > 0);
    if (deepest.length > 0) {
      return deepest.flatMap((inner) => toProblems({ ...inner, path: [...issue.path, ...inner.path] }));
    }
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.flatMap((inner) => toProblems({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [{ path: jsonPath(issue.path), message: issue.message }];
}

function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
    '$',
  );
}
