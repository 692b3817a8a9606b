import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { types } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';

/**
 * Makes sure that the interpreter can be run, before a script is blamed for what it cannot help.
 *
 * @throws ApplicationFailure of type `PythonUnavailable`
 */
export async function requirePython(pythonPath: string): Promise<void> {
  try {
    await access(pythonPath, constants.X_OK);
  } catch (error) {
    throw ApplicationFailure.create({
      message: `the Python interpreter ${pythonPath} is missing or cannot be executed; run "npm run setup"`,
      type: FailureType.PythonUnavailable,
      nonRetryable: false,
      ...(types.isNativeError(error) ? { cause: error } : {}),
    });
  }
}
