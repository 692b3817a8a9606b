import { scoreFromOutput } from '../../src/domain/evaluator-score';

test.each([
  ['{"score": 0.5}', 0.5],
  ['{"metric": 3}\n', 3],
  ['{"score": 1}\n{"score": 2}\nready\n', 2],
  ['  {"score": -1e-3, "metric": 7, "cases": [1, 2]}  ', -0.001],
  ['{"score": 4}\n{"time": 3}\n{"score"\n[5]\n6\n', 4],
])('%j is scored', (output, value) => {
  expect(scoreFromOutput(output)).toEqual({ status: 'value', value });
});

test.each([
  ['{"score": NaN}', 'NaN'],
  ['{"time": 1, "metric": -Infinity}', '-Infinity'],
  ['{"score": 1e999}', 'a number too large'],
  ['{"score": "0.5"}', '"0.5"'],
  ['{"score": null, "metric": 1}', 'null'],
  ['{"score": true}', 'true'],
  ['{"score": 1}\n{"score": NaN}', 'NaN'],
])('%j is no score that could be used', (output, found) => {
  const message = `the evaluator's score is ${found}, expected a finite number`;
  expect(scoreFromOutput(output)).toEqual({ status: 'bad', message });
});

test.each(['', '0.5', 'score: 0.5', '{"time": 3}', '[{"score": 1}]', 'x {"score": 1}', "{'score': 1}"])(
  '%j holds no score',
  (output) => {
    expect(scoreFromOutput(output)).toMatchObject({ status: 'none' });
  },
);
