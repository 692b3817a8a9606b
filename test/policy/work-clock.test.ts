import { WorkClock } from '../../src/policy/work-clock';

describe('work clock', () => {
  it('counts neither pauses nor the time the server was down', () => {
    const clock = new WorkClock({ workedMs: 0, serverDownMs: 500 });
    clock.start(1_000);
    expect(clock.elapsedMs(11_000)).toBe(10_000);
    clock.stop(11_000);
    expect(clock.elapsedMs(99_000)).toBe(10_000);
    clock.start(100_000);
    clock.learnServerDown(3_500, 105_000);
    expect(clock.elapsedMs(105_000)).toBe(12_000);
    clock.learnServerDown(3_500, 106_000);
    expect(clock.elapsedMs(106_000)).toBe(13_000);
  });

  it('does not count a server outage twice when the run was paused anyway', () => {
    const clock = new WorkClock({ workedMs: 7_000, serverDownMs: 0 });
    clock.learnServerDown(60_000, 1_000);
    clock.start(2_000);
    clock.learnServerDown(60_000, 3_000);
    expect(clock.elapsedMs(3_000)).toBe(8_000);
  });

  it('never goes below zero and goes on from its carried state', () => {
    const clock = new WorkClock({ workedMs: 0, serverDownMs: 0 });
    clock.start(0);
    clock.learnServerDown(5_000, 1_000);
    expect(clock.elapsedMs(1_000)).toBe(0);
    const next = new WorkClock(clock.state(4_000));
    next.start(10_000);
    expect(next.elapsedMs(11_000)).toBe(4_000);
  });
});
