"""Makes this example's files from the diamonds table in plotnine's wheel.

Usage, from the root of the checkout (Python 3.11 or newer, standard library only):

    python -m pip download plotnine==0.15.9 --no-deps --dest DIR
    python examples/diamonds/make.py DIR/plotnine-0.15.9-py3-none-any.whl

Writes examples/diamonds/input/{train,test,sample_submission}.csv and, outside the task so that
no run can read them, the prices of the test rows to test/fixtures/diamonds-answers.csv.
"""

import csv
import statistics
import sys
from pathlib import Path

TASK = Path(__file__).resolve().parent
sys.path.insert(0, str(TASK.parent))

from making import numbered, package_named, shuffled, table_in, without_twins, write_example  # noqa: E402

SEED = "coppice-diamonds-1"
MEMBER = "plotnine/data/diamonds.csv"
MEMBER_SHA256 = "9574730b03aba241d899c4a97511c5061b19358fab89510774fb6c24168345c4"
TRAIN_ROWS = 8_000
TEST_ROWS = 2_000
TARGET = "price"


def main() -> None:
    package = package_named("plotnine-0.15.9-py3-none-any.whl")
    table = list(csv.DictReader(table_in(package, MEMBER, MEMBER_SHA256)))
    rows = numbered(shuffled(without_twins(table, TARGET), TARGET, SEED)[: TRAIN_ROWS + TEST_ROWS])
    train, test = rows[:TRAIN_ROWS], rows[TRAIN_ROWS:]
    mean = statistics.mean(int(row[TARGET]) for row in train)
    write_example(TASK, TARGET, train, test, guess=str(round(mean)))


if __name__ == "__main__":
    main()
