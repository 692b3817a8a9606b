"""Delimited tables read record by record, each with its own text, so that what is written is what was read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from refusals import Refused

# A quote that is never closed would otherwise swallow the rest of the file.
LONGEST_RECORD = 4 * 1024 * 1024

BLANK = {"", "\ufeff"}

MISSING = {"", "nan", "na", "n/a", "null", "none", "<na>"}


class Record(NamedTuple):
    """One row: its text without the line end, and its cells as they stand there, quotes included."""

    text: str
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """Where a table lies and how it is written; `columns` are the names that the rest of coppice knows them by."""

    path: Path
    name: str
    delimiter: str
    encoding: str
    columns: list[str]

    @staticmethod
    def of(description: dict[str, Any]) -> "Table":
        return Table(
            path=Path(description["path"]),
            name=description["name"],
            delimiter=description["delimiter"],
            encoding=description["encoding"],
            columns=list(description["columns"]),
        )

    def position(self, column: str) -> int:
        return self.columns.index(column)

    def header(self) -> str:
        """The header line with its line end, byte order mark included."""
        with self._open() as lines:
            for line in lines:
                if line.rstrip("\r\n") not in BLANK:
                    return line if line[-1] in "\r\n" else line + "\n"
        raise Refused(f"{self.name} is empty")

    def line_end(self) -> str:
        header = self.header()
        return header[len(header.rstrip("\r\n")) :]

    def records(self) -> Iterator[Record]:
        """The rows after the header; blank lines are no rows.

        Raises Refused when a row has not as many cells as the header.
        """
        with self._open() as lines:
            reading = _records(lines, self.delimiter, self.name)
            next(reading, None)
            for number, record in enumerate(reading, start=1):
                if len(record.cells) != len(self.columns):
                    raise Refused(
                        f"row {number} of {self.name} has {len(record.cells)} cells, its header has {len(self.columns)}"
                    )
                yield record

    def _open(self) -> Any:
        # Bytes that are no UTF-8 pass through unchanged; line ends stay as they are.
        errors = "surrogateescape" if self.encoding == "utf-8" else "strict"
        return open(self.path, encoding=self.encoding, errors=errors, newline="")


def value(cell: str) -> str:
    """What a cell means, without its quotes."""
    if not cell.startswith('"'):
        return cell
    end = cell.rfind('"')
    return cell[1:end].replace('""', '"') + cell[end + 1 :]


def cell_of(text: str, delimiter: str) -> str:
    """The text as a cell, in quotes where it needs them."""
    if delimiter in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def is_missing(text: str) -> bool:
    return text.strip().lower() in MISSING


def as_number(text: str) -> float | None:
    """The finite number that the text is, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    # Python reads 1_000 as a number, no other reader of tables does.
    return number if "_" not in text and number - number == 0 else None


def _records(lines: Any, delimiter: str, name: str) -> Iterator[Record]:
    quoted = re.compile(f'"(?:[^"]|"")*"[^{re.escape(delimiter)}]*')
    pending = ""
    for line in lines:
        text = pending + line if pending else line
        bare = text.rstrip("\r\n")
        if bare in BLANK and not pending:
            continue
        cells = bare.split(delimiter) if '"' not in bare else _split_quoted(bare, delimiter, quoted)
        if cells is None:
            if len(text) > LONGEST_RECORD:
                raise Refused(f"{name} has a quote that is never closed")
            pending = text
            continue
        pending = ""
        yield Record(bare, cells)
    if pending:
        raise Refused(f"{name} has a quote that is never closed")


def _split_quoted(text: str, delimiter: str, quoted: re.Pattern[str]) -> list[str] | None:
    """The cells of a record; None when it goes on in the next line."""
    cells = []
    start = 0
    while True:
        if text.startswith('"', start):
            match = quoted.match(text, start)
            if match is None:
                return None
            end = match.end()
        else:
            end = text.find(delimiter, start)
            end = len(text) if end == -1 else end
        cells.append(text[start:end])
        if end == len(text):
            return cells
        start = end + 1
