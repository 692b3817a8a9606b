import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Redactor } from '../../src/store/redaction/redactor';
import { redactedFailure } from '../../src/workers/redact-failures';

const SECRET = 'correct horse battery';
const redactor = new Redactor([SECRET]);

test('a failure tells no secret in its message, details, causes and stack, and stays what it is otherwise', () => {
  const failure = redactedFailure(
    redactor,
    ApplicationFailure.create({
      message: `no ${SECRET}`,
      type: 'EnvironmentFailed',
      nonRetryable: true,
      details: [{ said: SECRET, status: 401 }],
      nextRetryDelay: 3000,
      cause: new Error(`since ${SECRET}`, { cause: new Error(`and ${SECRET}`) }),
    }),
  );
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({
    message: 'no [redacted]',
    type: 'EnvironmentFailed',
    nonRetryable: true,
    details: [{ said: '[redacted]', status: 401 }],
    nextRetryDelay: 3000,
    cause: { message: 'since [redacted]', cause: { message: 'and [redacted]' } },
  });
  let told = '';
  for (let error = failure; error instanceof Error; error = error.cause) told += error.stack ?? '';
  expect(told).not.toContain(SECRET);
});

test('other errors stay the same ones', () => {
  const cancelled = new CancelledFailure(`cancelled: ${SECRET}`);
  expect(redactedFailure(redactor, cancelled)).toBe(cancelled);
  expect(cancelled.message).toBe('cancelled: [redacted]');
  expect(redactedFailure(redactor, SECRET)).toBe('[redacted]');
  expect(redactedFailure(redactor, undefined)).toBeUndefined();
});
