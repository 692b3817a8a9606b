const { default: Sequencer } = require('@jest/test-sequencer');

/** Suites of several minutes, the longest first: started last they would keep one worker busy alone at the end. */
const SLOW = [
  'recovery/kill',
  'end-to-end/diamonds',
  'end-to-end/time-limit',
  'recovery/chaos',
  'cli/running-commands',
  'offline/made-up-tables',
  'offline/awkward-tables',
  'workflows/scale',
  'end-to-end/replay',
  'end-to-end/secrets-and-disks',
  'workflows/continue-as-new',
  'workflows/steering',
  'recovery/take-over',
  'recovery/two-hosts',
  'recovery/foreground',
  'deployment/production',
];

module.exports = class SlowSuitesFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = SLOW.findIndex((name) => path.endsWith(`${name}.test.ts`));
      return place === -1 ? SLOW.length : place;
    };
    return super.sort(tests).sort((left, right) => rank(left) - rank(right));
  }
};
