"""Makes this example's files from the birdstrikes table in the npm package vega-datasets.

Usage, from the root of the checkout (Python 3.11 or newer, standard library only):

    npm pack vega-datasets@3.2.1 --pack-destination DIR
    python examples/birdstrikes/make.py DIR/vega-datasets-3.2.1.tgz

Writes examples/birdstrikes/input/{train,test,sample_submission}.csv and, outside the task so
that no run can read them, the answers of the test rows to test/fixtures/birdstrikes-answers.csv.
The same package gives the same bytes with every version of Python: the rows are put in the order
of a seeded hash of their text, so no random generator is involved.
"""

import csv
import hashlib
import io
import sys
import tarfile
from pathlib import Path

SEED = "coppice-birdstrikes-1"
MEMBER = "package/data/birdstrikes.csv"
MEMBER_SHA256 = "45777edf69984b37599e73dbfb34dbc976055243547407214261a4fcb9466462"
TRAIN_ROWS = 6_000
TEST_ROWS = 2_000
TARGET = "damaged"
DAMAGE = "Effect Amount of damage"
# What is only known once the damage has been looked at.
AFTERWARDS = (DAMAGE, "Cost Other", "Cost Repair", "Cost Total $")

TASK = Path(__file__).resolve().parent
ANSWERS = TASK.parent.parent / "test" / "fixtures" / "birdstrikes-answers.csv"


def read_table(package: Path) -> list[dict[str, str]]:
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        if member is None:
            sys.exit(f"{package}: {MEMBER} is not a file")
        content = member.read()
    found = hashlib.sha256(content).hexdigest()
    if found != MEMBER_SHA256:
        sys.exit(f"{package}: {MEMBER} is not the expected table (sha256 {found}, expected {MEMBER_SHA256})")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
    return [{**known(row), TARGET: "0" if row[DAMAGE] == "None" else "1"} for row in rows]


def known(row: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name not in AFTERWARDS}


def features(row: dict[str, str]) -> list[str]:
    return [value for name, value in row.items() if name != TARGET]


def without_twins(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Keeps the first of all rows that agree in everything but the damage, so that no test row has a twin to learn from."""
    first: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        first.setdefault(tuple(features(row)), row)
    return list(first.values())


def shuffled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    def position(row: dict[str, str]) -> str:
        # Without the damage, so that the order (and with it the id) says nothing about it.
        return hashlib.sha256("\n".join([SEED, *features(row)]).encode("utf-8")).hexdigest()

    return sorted(rows, key=position)


def write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python make.py vega-datasets-3.2.1.tgz")
    rows = shuffled(without_twins(read_table(Path(sys.argv[1]))))[: TRAIN_ROWS + TEST_ROWS]
    # Numbered only now, so that an id says nothing of the row's place in the original table.
    rows = [{"id": str(number), **row} for number, row in enumerate(rows, start=1)]
    train, test = rows[:TRAIN_ROWS], rows[TRAIN_ROWS:]
    columns = [name for name in rows[0] if name != TARGET]
    share = sum(int(row[TARGET]) for row in train) / len(train)

    write(TASK / "input" / "train.csv", [*columns, TARGET], train)
    write(TASK / "input" / "test.csv", columns, test)
    guesses = [{"id": row["id"], TARGET: f"{share:.4f}"} for row in test]
    write(TASK / "input" / "sample_submission.csv", ["id", TARGET], guesses)
    write(ANSWERS, ["id", TARGET], test)


if __name__ == "__main__":
    main()
