"""Makes this example's files from the breast cancer table in scikit-learn's wheel.

Usage, from the root of the checkout (Python 3.11 or newer, standard library only):

    python -m pip download scikit-learn==1.9.1 --no-deps --dest DIR
    python examples/breast-cancer/make.py DIR/scikit_learn-1.9.1-*.whl

Writes examples/breast-cancer/input/{train,test,sample_submission}.csv and, outside the task so
that no run can read them, the answers of the test rows to test/fixtures/breast-cancer-answers.csv.
"""

import csv
import sys
from pathlib import Path

TASK = Path(__file__).resolve().parent
sys.path.insert(0, str(TASK.parent))

from making import Row, numbered, package_named, shuffled, table_in, write_example  # noqa: E402

SEED = "coppice-breast-cancer-1"
MEMBER = "sklearn/datasets/data/breast_cancer.csv"
MEMBER_SHA256 = "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed"
TRAIN_ROWS = 400
TARGET = "malignant"

MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)
FEATURES = [f"{kind} {measure}" for kind in ("mean", "error of", "worst") for measure in MEASURES]


def as_task(line: list[str]) -> Row:
    # The table has 0 for malignant and 1 for benign.
    return {**dict(zip(FEATURES, line[:-1], strict=True)), TARGET: {"0": "1", "1": "0"}[line[-1]]}


def main() -> None:
    package = package_named("scikit_learn-1.9.1-….whl")
    # The first line holds counts and the names of the classes.
    _, *lines = csv.reader(table_in(package, MEMBER, MEMBER_SHA256))
    rows = numbered(shuffled([as_task(line) for line in lines], TARGET, SEED))
    train, test = rows[:TRAIN_ROWS], rows[TRAIN_ROWS:]
    share = sum(int(row[TARGET]) for row in train) / len(train)
    write_example(TASK, TARGET, train, test, guess=f"{share:.4f}")


if __name__ == "__main__":
    main()
