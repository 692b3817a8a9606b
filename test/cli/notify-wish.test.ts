import { createCommandContext } from '../../src/cli/command-context';
import { notifyWish } from '../../src/cli/notify-wish';
import { checkWish } from '../../src/cli/request';
import { differingFields } from '../../src/domain/same-request';

const context = createCommandContext({}, '/');

function specOf(notify: object | undefined) {
  return checkWish(context, { task: '/tasks/diamonds', ...(notify === undefined ? {} : { notify }) }).spec;
}

test('the flags become the spec: a command is run by a shell, and every event is told of unless some are named', () => {
  expect(notifyWish({})).toBeUndefined();
  expect(specOf(notifyWish({ notifyCommand: 'jq -r .text | mail me' })).notify).toEqual({
    command: ['sh', '-c', 'jq -r .text | mail me'],
    on: ['new_best', 'paused', 'failed', 'finished'],
  });
  expect(
    specOf(notifyWish({ notifyWebhook: 'https://example.org/hook', notifyOn: 'failed, finished' })).notify,
  ).toEqual({
    webhook: 'https://example.org/hook',
    on: ['failed', 'finished'],
  });
});

test.each([
  [{ notifyWebhook: 'example.org' }, '--notify-webhook: expected an address'],
  [{ notifyOn: 'finished' }, '--notify-on: expected a command or a webhook'],
  [{ notifyCommand: 'true', notifyOn: 'started' }, '--notify-on'],
])('%j is refused by the name of its flag', (flags, problem) => {
  expect(() => specOf(notifyWish(flags))).toThrow(problem);
});

test('who is told makes no other run of it', () => {
  expect(differingFields(specOf(undefined), specOf(notifyWish({ notifyCommand: 'true' })))).toEqual([]);
});
