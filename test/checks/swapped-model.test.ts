import { checkRepair, unindented } from './support';

const PARENT = unindented(`
  import lightgbm as lgb
  import pandas as pd
  from sklearn.linear_model import Ridge

  def build():
      return lgb.LGBMRegressor(objectiv="wrong")

  train = pd.read_csv("input/train.csv")
  train["area"] = train["x"] * train["why"]
  model = build()
  model.fit(train[["x"]], train["y"])
`);
/** The line of PARENT that has the text. */
function lineOf(text: string): number {
  return PARENT.split('\n').findIndex((line) => line.includes(text)) + 1;
}

function failure(line: number, more = ''): string {
  return `fold 1\nTraceback (most recent call last):\n  File "/coppice/solution.py", line ${line}, in <module>\n    …\n${more}ValueError: no\n`;
}

const FOREST = unindented(`
  import pandas as pd
  from sklearn.ensemble import RandomForestRegressor

  train = pd.read_csv("input/train.csv")
  RandomForestRegressor().fit(train[["x"]], train["y"])
`);

describe('a repair that takes another family of models', () => {
  it('is noticed when the error came from the family that is gone', async () => {
    expect(await checkRepair(PARENT, failure(lineOf('model.fit')), FOREST)).toEqual([
      {
        kind: 'swapped_model',
        message: `The parent failed in line ${lineOf('model.fit')} with lightgbm; this repair uses forests instead of mending it.`,
      },
    ]);
  });

  it('is noticed when the error came up deep in the library', async () => {
    const inner = '  File "/env/lib/python3.12/site-packages/lightgbm/basic.py", line 3, in fit\n    raise\n';
    const parent = PARENT.replace('model.fit(', 'run(model, ');
    const marks = await checkRepair(parent, failure(lineOf('model.fit'), inner), FOREST);

    expect(marks.map(({ kind }) => kind)).toEqual(['swapped_model']);
  });

  it('tells families of one package apart', async () => {
    const parent = 'from sklearn.svm import SVR\nSVR(kernel="x").fit(X, y)\n';
    const repaired = 'from sklearn.linear_model import Ridge\nRidge().fit(X, y)\n';

    expect(await checkRepair(parent, failure(2), repaired)).toHaveLength(1);
  });
});

describe('a repair is not suspected', () => {
  const other = PARENT.replace('objectiv="wrong"', 'objective="regression"');
  const cases: Readonly<Record<string, [output: string, repaired: string, parent?: string]>> = {
    'when it mends the family': [failure(lineOf('model.fit')), other],
    'when it adds a family beside the mended one': [failure(lineOf('model.fit')), `${other}Ridge().fit(X, y)\n`],
    'when the error had nothing to do with the model': [failure(lineOf('train["area"]')), FOREST],
    'when the package cannot be imported': [failure(lineOf('import lightgbm')), FOREST],
    'when it leaves the failing one of several models out': [
      failure(lineOf('model.fit')),
      'from sklearn.linear_model import Ridge\nRidge().fit(X, y)\n',
      `${PARENT}Ridge().fit(train[["x"]], train["y"])\n`,
    ],
    'when the output shows no error': ['Killed\n', FOREST],
    'when either script is no Python': [failure(3), 'this is not Python\n'],
  };

  it.each(Object.entries(cases))('%s', async (_when, [output, repaired, parent = PARENT]) => {
    expect(await checkRepair(parent, output, repaired)).toEqual([]);
  });
});
