"""Makes this example's files from the breast cancer table in scikit-learn's wheel.

Usage, from the root of the checkout (Python 3.11 or newer, standard library only):

    python -m pip download scikit-learn==1.9.1 --no-deps --dest DIR
    python examples/breast-cancer/make.py DIR/scikit_learn-1.9.1-*.whl

Writes examples/breast-cancer/input/{train,test,sample_submission}.csv and, outside the task so
that no run can read them, the answers of the test rows to test/fixtures/breast-cancer-answers.csv.
The same table gives the same bytes with every version of Python: the rows are put in the order
of a seeded hash of their text, so no random generator is involved.
"""

import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path

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

TASK = Path(__file__).resolve().parent
ANSWERS = TASK.parent.parent / "test" / "fixtures" / "breast-cancer-answers.csv"


def read_table(wheel: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MEMBER)
    found = hashlib.sha256(content).hexdigest()
    if found != MEMBER_SHA256:
        sys.exit(f"{wheel}: {MEMBER} is not the expected table (sha256 {found}, expected {MEMBER_SHA256})")
    # The first line holds counts and the names of the classes: 0 is malignant there, and 1 benign.
    lines = list(csv.reader(io.StringIO(content.decode("utf-8"))))[1:]
    return [
        {**dict(zip(FEATURES, line[:-1], strict=True)), TARGET: {"0": "1", "1": "0"}[line[-1]]} for line in lines
    ]


def shuffled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    def position(row: dict[str, str]) -> str:
        # Without the diagnosis, so that the order (and with it the id) says nothing about it.
        return hashlib.sha256("\n".join([SEED, *(row[name] for name in FEATURES)]).encode("utf-8")).hexdigest()

    return sorted(rows, key=position)


def write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python make.py scikit_learn-1.9.1-….whl")
    rows = [
        {"id": str(number), **row} for number, row in enumerate(shuffled(read_table(Path(sys.argv[1]))), start=1)
    ]
    train, test = rows[:TRAIN_ROWS], rows[TRAIN_ROWS:]
    share = sum(int(row[TARGET]) for row in train) / len(train)

    write(TASK / "input" / "train.csv", ["id", *FEATURES, TARGET], train)
    write(TASK / "input" / "test.csv", ["id", *FEATURES], test)
    guesses = [{"id": row["id"], TARGET: f"{share:.4f}"} for row in test]
    write(TASK / "input" / "sample_submission.csv", ["id", TARGET], guesses)
    write(ANSWERS, ["id", TARGET], test)


if __name__ == "__main__":
    main()
