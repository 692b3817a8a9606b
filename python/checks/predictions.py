"""Whether predictions are one value throughout, or a copy of something that every script is given."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable

# Fewer rows may well be alike by chance.
FEWEST_ROWS = 20
# A column of two values may be what a sound model finds.
FEWEST_VALUES = 3

Columns = dict[str, list[str]]


def doubtful_predictions(predictions: str, sample: str, test: str | None, id_column: str | None) -> str | None:
    """A sentence about the doubt, or None. All are paths; the sample tells which columns are predicted."""
    expected = _read(sample)
    names = list(expected)
    if len(names) < 2:
        return None
    key = id_column if id_column in expected else names[0]
    made = _read(predictions)
    if key not in made or len(made[key]) < FEWEST_ROWS:
        return None
    predicted = {name: made[name] for name in names if name != key and name in made}
    if not predicted:
        return None
    if all(len(set(values)) == 1 for values in predicted.values()):
        return _constant(predicted)
    if all(len(set(values)) < FEWEST_VALUES for values in predicted.values()):
        return None
    sample_values = {name: values for name, values in expected.items() if name != key}
    if all(_equal(predicted[name], _aligned(sample_values[name], expected[key], made[key])) for name in predicted):
        return "The predictions are the values of the sample submission."
    return None if test is None else _copied(predicted, made[key], key, _read(test))


def _constant(predicted: Columns) -> str:
    first, *others = predicted.items()
    if others:
        return f"Each of the {1 + len(others)} predicted columns has the same value in all rows."
    return f"All {len(first[1])} predictions are {first[1][0]}."


def _copied(predicted: Columns, ids: list[str], key: str, test: Columns) -> str | None:
    for column, values in test.items():
        given = _aligned(values, test[key], ids) if key in test else values
        for name, made in predicted.items():
            if len(set(made)) >= FEWEST_VALUES and _equal(made, given):
                return f'The predictions of "{name}" are a copy of the column "{column}" of the rows to predict.'
    return None


def _aligned(values: list[str], keys: list[str], wanted: list[str]) -> list[str]:
    """Values in the order of the wanted ids; none when the ids differ."""
    by_key = dict(zip(keys, values))
    return [by_key[name] for name in wanted] if all(name in by_key for name in wanted) else []


def _equal(left: list[str], right: list[str]) -> bool:
    return len(left) == len(right) and all(_same(one, other) for one, other in zip(left, right))


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-9)
    except ValueError:
        return False


def _read(path: str) -> Columns:
    delimiter = "\t" if path.endswith(".tsv") else ","
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows: Iterable[list[str]] = csv.reader(file, delimiter=delimiter)
        header = next(iter(rows), [])
        columns = zip(*[row for row in rows if len(row) == len(header)])
        return {name: list(values) for name, values in zip(header, columns)}
