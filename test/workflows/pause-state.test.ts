import type { Pause } from '../../src/domain/run-files';
import { NOT_PAUSED, Pauses } from '../../src/workflows/pause-state';

const NO_KEY: Pause = { reason: 'model_key', message: 'the key is refused' };
const CHANGED: Pause = { reason: 'data_changed', message: 'a file has another size' };

it("a person's pause is never turned into one of coppice's", () => {
  const pauses = new Pauses(NOT_PAUSED);
  expect(pauses.beginByPerson(false)).toBe(true);
  expect([pauses.begin(NO_KEY), pauses.begin(CHANGED), pauses.beginByPerson(false)]).toEqual([false, false, false]);
  expect(pauses.current?.reason).toBe('person');
});

it('changed data waits for a person, who may pause on top; other causes are replaced by what came last', () => {
  const pauses = new Pauses(NOT_PAUSED);
  expect([pauses.begin(NO_KEY), pauses.waitsForPerson]).toEqual([true, false]);
  expect([pauses.begin(CHANGED), pauses.waitsForPerson]).toEqual([true, true]);
  expect(pauses.begin(NO_KEY)).toBe(false);
  expect(pauses.current).toEqual(CHANGED);
  expect(pauses.beginByPerson(false)).toBe(true);
});

it('`now` ends scripts also in a pause that began without, and until the pause ends', () => {
  const pauses = new Pauses(NOT_PAUSED);
  pauses.beginByPerson(false);
  const before = pauses.current;
  expect(pauses.beginByPerson(true)).toBe(true);
  expect([pauses.endsScripts, pauses.current === before]).toEqual([true, false]);
  expect(new Pauses(pauses.state())).toEqual(pauses);
  expect([pauses.end(), pauses.endsScripts, pauses.current, pauses.end()]).toEqual([true, false, null, false]);
});
