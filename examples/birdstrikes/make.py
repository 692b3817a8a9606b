"""Makes this example's files from the birdstrikes table in the npm package vega-datasets.

Usage, from the root of the checkout (Python 3.11 or newer, standard library only):

    npm pack vega-datasets@3.2.1 --pack-destination DIR
    python examples/birdstrikes/make.py DIR/vega-datasets-3.2.1.tgz

Writes examples/birdstrikes/input/{train,test,sample_submission}.csv and, outside the task so
that no run can read them, the answers of the test rows to test/fixtures/birdstrikes-answers.csv.
"""

import csv
import sys
from pathlib import Path

TASK = Path(__file__).resolve().parent
sys.path.insert(0, str(TASK.parent))

from making import Row, numbered, package_named, shuffled, table_in, without_twins, write_example  # noqa: E402

SEED = "coppice-birdstrikes-1"
MEMBER = "package/data/birdstrikes.csv"
MEMBER_SHA256 = "45777edf69984b37599e73dbfb34dbc976055243547407214261a4fcb9466462"
TRAIN_ROWS = 6_000
TEST_ROWS = 2_000
TARGET = "damaged"
DAMAGE = "Effect Amount of damage"
# What is only known once the damage has been looked at.
AFTERWARDS = (DAMAGE, "Cost Other", "Cost Repair", "Cost Total $")


def as_task(row: Row) -> Row:
    before = {name: value for name, value in row.items() if name not in AFTERWARDS}
    return {**before, TARGET: "0" if row[DAMAGE] == "None" else "1"}


def main() -> None:
    package = package_named("vega-datasets-3.2.1.tgz")
    table = [as_task(row) for row in csv.DictReader(table_in(package, MEMBER, MEMBER_SHA256))]
    rows = numbered(shuffled(without_twins(table, TARGET), TARGET, SEED)[: TRAIN_ROWS + TEST_ROWS])
    train, test = rows[:TRAIN_ROWS], rows[TRAIN_ROWS:]
    share = sum(int(row[TARGET]) for row in train) / len(train)
    write_example(TASK, TARGET, train, test, guess=f"{share:.4f}")


if __name__ == "__main__":
    main()
