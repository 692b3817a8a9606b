"""A script's prediction file, read against the answers and brought to what each metric compares."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labels import canonical, columns_of_classes
from refusals import Unusable
from tables import Record, Table, as_number, cell_of, value

EXAMPLES = 3


@dataclass(frozen=True)
class Answers:
    """The labels of one part, in the order of the answers file."""

    ids: list[str]
    labels: dict[str, list[str]]


@dataclass(frozen=True)
class Predictions:
    """Cells of the prediction file by column, in the order of the answers; ids left out."""

    columns: list[str]
    cells: dict[str, list[str]]


def read_answers(path: Path, part: str) -> Answers:
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        header, *rows = csv.reader(file)
    kept = [row for row in rows if row[0] == part]
    labels = {name: [row[at] for row in kept] for at, name in enumerate(header) if at >= 2}
    return Answers([row[1] for row in kept], labels)


def table_of(path: Path, split: dict[str, Any]) -> Table:
    # Scripts write UTF-8, whatever their input was in.
    return Table(path, "the prediction file", split["delimiter"], "utf-8", split["columns"])


def read_predictions(table: Table, id_column: str, ids: list[str]) -> Predictions:
    """Raises Unusable when one of the ids has no row; that the file fits the sample was checked before."""
    at_id = table.position(id_column)
    wanted = dict.fromkeys(ids)
    found: dict[str, Record] = {}
    for record in table.records():
        row_id = value(record.cells[at_id])
        if row_id in wanted:
            found[row_id] = record
    missing = [row_id for row_id in ids if row_id not in found]
    if missing:
        raise Unusable("bad_submission", f"{len(missing)} ids have no prediction (such as {_quoted(missing)})")
    columns = [column for column in table.columns if column != id_column]
    places = [table.position(column) for column in columns]
    cells = {
        column: [value(found[row_id].cells[at]) for row_id in ids]
        for column, at in zip(columns, places, strict=True)
    }
    return Predictions(columns, cells)


def write_submission(table: Table, id_column: str, ids: list[str], target: Path) -> None:
    """The predictions for the task's own rows, in the order of its own sample."""
    at_id = table.position(id_column)
    own = dict.fromkeys(ids)
    texts: dict[str, str] = {}
    for record in table.records():
        row_id = value(record.cells[at_id])
        if row_id in own:
            texts[row_id] = record.text
    with open(target, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(table.delimiter.join(cell_of(column, table.delimiter) for column in table.columns) + "\n")
        file.writelines(f"{texts[row_id]}\n" for row_id in ids)


def numbers_of(column: str, cells: list[str]) -> np.ndarray:
    numbers = [as_number(cell) for cell in cells]
    bad = [cell for cell, number in zip(cells, numbers, strict=True) if number is None]
    if bad:
        raise Unusable(
            "bad_submission", f"{len(bad)} values of {column} are no finite numbers (such as {_quoted(bad)})"
        )
    return np.array(numbers, dtype=float)


def probabilities_of(column: str, cells: list[str]) -> np.ndarray:
    numbers = numbers_of(column, cells)
    _refuse_where((numbers < 0) | (numbers > 1), column, cells, "are outside of 0 to 1")
    return numbers


def values_from_zero(column: str, cells: list[str]) -> np.ndarray:
    numbers = numbers_of(column, cells)
    _refuse_where(numbers < 0, column, cells, "are below 0, where the metric is not defined")
    return numbers


def class_places(column: str, cells: list[str], classes: list[str]) -> np.ndarray:
    """Each prediction as the place of its class among the classes; a text that is no class is refused."""
    place_of, to_canonical = _places(classes)
    places = [place_of.get(to_canonical(cell)) for cell in cells]
    bad = [cell for cell, place in zip(cells, places, strict=True) if place is None]
    if bad:
        shown = ", ".join(classes[:10]) + (", …" if len(classes) > 10 else "")
        raise Unusable(
            "bad_submission",
            f"{len(bad)} values of {column} are none of the classes {shown} (such as {_quoted(bad)})",
        )
    return np.array(places, dtype=int)


def true_places(labels: list[str], classes: list[str]) -> np.ndarray:
    place_of, to_canonical = _places(classes)
    return np.array([place_of[to_canonical(label)] for label in labels], dtype=int)


def class_matrix(predictions: Predictions, classes: list[str], read: Callable[[str, list[str]], Any]) -> np.ndarray:
    """One column for each class, in the order of the classes."""
    by_column = columns_of_classes(predictions.columns, classes) or {}
    by_class = {label: column for column, label in by_column.items()}
    return np.column_stack([read(by_class[label], predictions.cells[by_class[label]]) for label in classes])


def _places(classes: list[str]) -> tuple[dict[str, int], Callable[[str], str]]:
    to_canonical = canonical(classes)
    return {to_canonical(label): place for place, label in enumerate(classes)}, to_canonical


def _refuse_where(bad: np.ndarray, column: str, cells: list[str], what: str) -> None:
    if bad.any():
        examples = [cells[at] for at in np.flatnonzero(bad)[:EXAMPLES]]
        raise Unusable("bad_submission", f"{int(bad.sum())} values of {column} {what} (such as {_quoted(examples)})")


def _quoted(texts: list[str]) -> str:
    return ", ".join(f'"{text[:40]}"' for text in texts[:EXAMPLES])
