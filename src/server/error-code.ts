/**
 * Whether `error` is one of the operating system with this code, such as `ENOENT`. Such errors need not be instances
 * of the `Error` known here: they come from another realm where the code runs inside a VM context.
 */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
