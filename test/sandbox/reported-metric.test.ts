import { isMetricLine, metricFromLine, metricFromResult } from '../../src/domain/reported-metric';

describe('the score in result.json', () => {
  it.each([
    ['{"metric": 0.25}', 0.25],
    ['{"metric": 3}', 3],
    ['{"metric": 0}', 0],
    ['{"metric": -1.5e-7, "note": "x"}', -1.5e-7],
  ])('%s is a score', (text, value) => {
    expect(metricFromResult(text)).toEqual({ status: 'value', value });
  });

  it.each([
    ['{"metric": NaN}', /holds NaN/],
    ['{"metric": -Infinity}', /holds -Infinity/],
    ['{"metric": 1e999}', /a number too large/],
    ['{"metric": "0.5"}', /the text "0\.5"/],
    ['{"metric": null}', /is null/],
    ['{"metric": true}', /is true/],
    ['{"metric": [0.5]}', /is a list/],
    ['{"metric": {"value": 1}}', /is an object/],
    ['{"metric": 0.5', /not valid JSON/],
    ['', /not valid JSON/],
  ])('%s is a bad one, and the message says why', (text, message) => {
    expect(metricFromResult(text)).toEqual({ status: 'bad', message: expect.stringMatching(message) as unknown });
  });

  it.each(['{}', '[0.5]', '0.5', 'null', '{"Metric": 1}'])('%s holds none', (text) => {
    expect(metricFromResult(text).status).toBe('none');
  });
});

describe('the score in a line of output', () => {
  it.each([
    ['metric: 0.5', 0.5],
    ['  Metric : 12  ', 12],
    ['Validation metric (RMSE): 1.25e-3', 0.00125],
    ['validation metric: .5', 0.5],
    ['metric = -3.', -3],
  ])('%s is a score', (line, value) => {
    expect(metricFromLine(line)).toEqual({ status: 'value', value });
  });

  it.each(['metric: nan', 'Validation metric (AUC): -inf', 'metric: Infinity', 'metric: 1e999'])(
    '%s is a bad one',
    (line) => {
      expect(metricFromLine(line).status).toBe('bad');
    },
  );

  it.each([
    'metric: rmse',
    'metric: 0.5 and more',
    'my metric: 0.5',
    'metric 0.5',
    'metrics: 0.5',
    'symmetric: 0.5',
    '',
  ])('%j is none', (line) => {
    expect(isMetricLine(line)).toBe(false);
    expect(metricFromLine(line).status).toBe('none');
  });
});
