const { default: Sequencer } = require('@jest/test-sequencer');

/** Suites of several minutes, the longest first: started last they would keep one worker busy alone at the end. */
const SLOW = [
  'end-to-end/diamonds',
  'recovery/chaos',
  'offline/made-up-tables',
  'recovery/kill',
  'end-to-end/time-limit',
  'workflows/tree-search',
  'end-to-end/model-trouble',
  'workflows/continue-as-new',
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
