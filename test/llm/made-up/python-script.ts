import type { RandomStream } from '../../../src/policy/random-stream';

const MODELS = [
  'HistGradientBoostingRegressor(max_iter=600, learning_rate=0.05, max_leaf_nodes=63, random_state=SEED)',
  'ExtraTreesRegressor(n_estimators=400, min_samples_leaf=2, max_features=0.7, n_jobs=-1, random_state=SEED)',
  'RandomForestRegressor(n_estimators=300, min_samples_leaf=3, max_features=0.6, n_jobs=-1, random_state=SEED)',
  'GradientBoostingRegressor(n_estimators=500, learning_rate=0.05, max_depth=6, subsample=0.8, random_state=SEED)',
  'KNeighborsRegressor(n_neighbors=12, weights="distance", p=1, n_jobs=-1)',
];

const FEATURES = [
  'frame["volume"] = frame["x"] * frame["y"] * frame["z"]',
  'frame["density"] = frame["carat"] / frame["volume"].replace(0, np.nan)',
  'frame["log_carat"] = np.log1p(frame["carat"])',
  'frame["face_area"] = frame["x"] * frame["y"]',
  'frame["elongation"] = frame["x"] / frame["y"].replace(0, np.nan)',
  'frame["depth_error"] = frame["depth"] - 200 * frame["z"] / (frame["x"] + frame["y"])',
  'frame["table_ratio"] = frame["table"] / frame["depth"].replace(0, np.nan)',
  'frame["carat_clarity"] = frame["carat"] * frame["clarity"]',
  'frame["carat_color"] = frame["carat"] * frame["color"]',
  'frame["cut_clarity"] = frame["cut"] + frame["clarity"]',
  'frame["near_carat"] = (frame["carat"] * 10).round() / 10',
  'frame["above_carat"] = frame["carat"] - np.floor(frame["carat"])',
];

/** A script of about 100 lines as models write them for a table: the case that prompt sizes are measured on. */
export function madeUpScript(random: RandomStream): string {
  const chosen = FEATURES.filter(() => random.chance() < 0.5);
  return `import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor

SEED = 42
FOLDS = 5
INPUT = Path("./input")
WORKING = Path("./working")
TARGET = "price"
ID = "id"

CUT_ORDER = ["Fair", "Good", "Very Good", "Premium", "Ideal"]
COLOR_ORDER = ["J", "I", "H", "G", "F", "E", "D"]
CLARITY_ORDER = ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"]


def encode_grades(frame):
    frame = frame.copy()
    for column, order in (
        ("cut", CUT_ORDER),
        ("color", COLOR_ORDER),
        ("clarity", CLARITY_ORDER),
    ):
        ranks = {grade: rank for rank, grade in enumerate(order)}
        frame[column] = frame[column].map(ranks).fillna(-1).astype(int)
    return frame


def add_features(frame):
    frame = frame.copy()
${chosen.map((line) => `    ${line}`).join('\n')}
    return frame.replace([np.inf, -np.inf], np.nan).fillna(0)


def make_model():
    return ${random.pick(MODELS) ?? ''}


def prepare(frame):
    frame = add_features(encode_grades(frame))
    columns = [name for name in frame.columns if name not in (TARGET, ID)]
    return frame[columns].to_numpy(dtype=float)


def cross_validate(features, target):
    folds = KFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
    out_of_fold = np.zeros(len(target))
    for fold, (train_rows, valid_rows) in enumerate(folds.split(features)):
        model = make_model()
        model.fit(features[train_rows], np.log1p(target[train_rows]))
        predicted = np.expm1(model.predict(features[valid_rows]))
        out_of_fold[valid_rows] = np.clip(predicted, 0, None)
        score = mean_absolute_error(target[valid_rows], out_of_fold[valid_rows])
        print(f"fold {fold + 1}: {score:.2f}")
    return mean_absolute_error(target, out_of_fold)


def main():
    WORKING.mkdir(exist_ok=True)
    train = pd.read_csv(INPUT / "train.csv")
    test = pd.read_csv(INPUT / "test.csv")
    sample = pd.read_csv(INPUT / "sample_submission.csv")

    features = prepare(train)
    target = train[TARGET].to_numpy(dtype=float)
    print(f"{features.shape[0]} rows, {features.shape[1]} features")

    score = cross_validate(features, target)

    model = make_model()
    model.fit(features, np.log1p(target))
    predicted = np.clip(np.expm1(model.predict(prepare(test))), 0, None)

    submission = pd.DataFrame({ID: test[ID], TARGET: predicted})
    submission = submission.set_index(ID).loc[sample[ID]].reset_index()
    submission.to_csv(WORKING / "submission.csv", index=False)

    (WORKING / "result.json").write_text(json.dumps({"metric": score}))
    print(f"Validation metric (mae): {score:.4f}")


if __name__ == "__main__":
    main()
`;
}

/** The same script with one change: a feature more or less, or another model. */
export function changedScript(script: string, random: RandomStream): string {
  if (random.chance() < 0.3)
    return script.replace(/( {4}return )(?:Hist|Extra|Random|Gradient|KNei).*/, `$1${random.pick(MODELS) ?? ''}`);
  const feature = `    ${random.pick(FEATURES) ?? ''}\n`;
  if (script.includes(feature)) return script.replace(feature, '');
  return script.replace('    return frame.replace(', `${feature}    return frame.replace(`);
}

/** What such a script prints. */
export function madeUpOutput(metric: number, random: RandomStream): string {
  const folds = [1, 2, 3, 4, 5].map((fold) => `fold ${fold}: ${(metric * (0.97 + 0.06 * random.chance())).toFixed(2)}`);
  return ['8000 rows, 15 features', ...folds, `Validation metric (mae): ${metric.toFixed(4)}`, ''].join('\n');
}

/** What it prints when a line of it fails. */
export function madeUpTraceback(): string {
  return `8000 rows, 15 features
Traceback (most recent call last):
  File "/work/solution.py", line 99, in <module>
    main()
  File "/work/solution.py", line 82, in main
    score = cross_validate(features, target)
  File "/work/solution.py", line 64, in cross_validate
    model.fit(features[train_rows], np.log1p(target[train_rows]))
  File "/env/lib/python3.12/site-packages/sklearn/base.py", line 1389, in wrapper
    return fit_method(estimator, *args, **kwargs)
  File "/env/lib/python3.12/site-packages/sklearn/utils/validation.py", line 1107, in check_array
    _assert_all_finite(
ValueError: Input X contains NaN.
GradientBoostingRegressor does not accept missing values encoded as NaN natively.
`;
}
