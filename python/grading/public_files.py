"""The files that scripts may see: the training table less the hidden rows, which join the rows to predict."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tables import Table, cell_of, value


@dataclass(frozen=True)
class HiddenRow:
    """A withheld row under the id that scripts know it by; `cells` by column, as they stand in the training table."""

    row: int
    id: str
    cells: dict[str, str]


class HashedFiles:
    """Writes below a directory and keeps one hash over the name and bytes of everything written."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._hash = hashlib.sha256()

    def write(self, name: str, encoding: str, texts: Iterable[str]) -> None:
        path = self._directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._hash.update(f"{name}\n".encode())
        errors = "surrogateescape" if encoding == "utf-8" else "strict"
        with open(path, "wb") as file:
            for text in texts:
                data = text.encode(encoding, errors)
                self._hash.update(data)
                file.write(data)

    def hash(self) -> str:
        return self._hash.hexdigest()


def train_texts(train: Table, hidden: set[int]) -> Iterator[str]:
    end = train.line_end()
    yield train.header()
    for row, record in enumerate(train.records()):
        if row not in hidden:
            yield record.text + end


def places(real: int, hidden: int, random: Random | None) -> list[int]:
    """Where hidden rows stand among all; without chance they come first, as earlier moments do."""
    if random is None:
        return list(range(hidden))
    keys = [random.random() for _ in range(real + hidden)]
    return sorted(sorted(range(real + hidden), key=keys.__getitem__)[:hidden])


def merged(real: Iterable[str], hidden: Iterable[str], hidden_places: list[int]) -> Iterator[str]:
    taken = set(hidden_places)
    rest = iter(hidden)
    at = 0
    for text in real:
        while at in taken:
            yield next(rest)
            at += 1
        yield text
        at += 1
    yield from rest


def test_texts(test: Table, target: str, hidden: list[HiddenRow], id_column: str, where: list[int]) -> Iterator[str]:
    end = test.line_end()

    def row_text(row: HiddenRow) -> str:
        cells = {**row.cells, id_column: cell_of(row.id, test.delimiter), target: ""}
        return test.delimiter.join(cells[column] for column in test.columns) + end

    yield test.header()
    yield from merged((record.text + end for record in test.records()), map(row_text, hidden), where)


def sample_texts(sample: Table, hidden: list[HiddenRow], id_column: str, where: list[int]) -> Iterator[str]:
    """Hidden rows get the values of the sample's own rows in turn: nothing of a label."""
    end = sample.line_end()
    at = sample.position(id_column)
    records = list(sample.records())

    def row_text(number: int, row: HiddenRow) -> str:
        cells = list(records[number % len(records)].cells)
        cells[at] = cell_of(row.id, sample.delimiter)
        return sample.delimiter.join(cells) + end

    added = (row_text(number, row) for number, row in enumerate(hidden))
    yield sample.header()
    yield from merged((record.text + end for record in records), added, where)


def made_test_texts(train: Table, without: set[str], hidden: list[HiddenRow], id_column: str) -> Iterator[str]:
    """A table to predict for a task that has none: the hidden rows alone."""
    end = train.line_end()
    kept = [column for column in train.columns if column not in without]
    header = _header_cells(train)
    yield train.delimiter.join(header[column] for column in kept) + end
    for row in hidden:
        cells = {**row.cells, id_column: cell_of(row.id, train.delimiter)}
        yield train.delimiter.join(cells[column] for column in kept) + end


def made_sample_texts(ids: Iterable[str], id_column: str, target: str, guess: str) -> Iterator[str]:
    """A sample for a task that has none: every row to predict with the same guess."""
    yield f"{cell_of(id_column, ',')},{cell_of(target, ',')}\n"
    for row_id in ids:
        yield f"{cell_of(row_id, ',')},{cell_of(guess, ',')}\n"


def ids_of(table: Table, id_column: str) -> list[str]:
    at = table.position(id_column)
    return [value(record.cells[at]) for record in table.records()]


def _header_cells(train: Table) -> dict[str, str]:
    text = train.header().lstrip("\ufeff").rstrip("\r\n")
    names = [cell_of(column, train.delimiter) for column in train.columns]
    # As the file writes them where that is plain, else by the names that readers give them.
    plain = text.split(train.delimiter)
    return dict(zip(train.columns, plain if '"' not in text and len(plain) == len(names) else names, strict=True))
