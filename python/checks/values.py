"""What is known of a value while a script is read: where its rows come from and what was put into its columns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Union

ALL = "all"
SOME = "some"
VALID = "valid"


@dataclass(frozen=True)
class Fit:
    """Something was fitted on all rows that have labels."""

    line: int
    what: str


@dataclass(eq=False)
class Table:
    """A frame, a column or an array. Mutable, since pandas changes its frames in place."""

    rows: frozenset[str]
    """`train`, `test` or both; empty where nothing is known."""
    part: str = ALL
    answers: frozenset[str] = frozenset()
    """Columns that hold the target or were computed from it."""
    fits: frozenset[Fit] = frozenset()
    """What was fitted on all labelled rows to make it."""
    single: bool = False

    def but(self, **changes: object) -> Table:
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def is_target(self) -> bool:
        return self.single and bool(self.answers)


@dataclass(eq=False)
class Names:
    """Column names taken from a frame: which of them hold the target is all that matters."""

    answers: frozenset[str]


@dataclass(frozen=True)
class Text:
    value: str
    exact: bool = True


@dataclass(frozen=True)
class Fixed:
    """A constant that is no text."""

    value: object


@dataclass(eq=False)
class Items:
    """A list, tuple or set that was written out."""

    values: list[Value]


@dataclass(frozen=True)
class Each:
    """Something to loop over whose elements are all alike."""

    element: Value


@dataclass(frozen=True)
class Index:
    """Row numbers that a splitter gave."""

    part: str


@dataclass(frozen=True)
class Splitter:
    """A cross-validation splitter."""


@dataclass(frozen=True)
class Statistic:
    """Figures of the target by group."""

    fits: frozenset[Fit]


@dataclass(frozen=True)
class Group:
    """`frame.groupby(...)`, with a column chosen or not."""

    table: Table
    line: int


@dataclass(frozen=True)
class Locator:
    """`frame.loc` or `frame.iloc`."""

    table: Table


@dataclass(eq=False)
class Estimator:
    name: str
    role: str
    """`transformer`, `predictor` or `search`."""
    learns: bool = True
    """Whether fitting takes anything from the values of the rows; else it only maps names to numbers."""
    takes: frozenset[str] | None = None
    """Columns it looks at; None for all of them."""
    fitted: Fit | None = None
    """Set while it is fitted on all rows that have labels."""

    def fresh(self) -> Estimator:
        return replace(self, fitted=None)


@dataclass(frozen=True)
class Imported:
    """A module, or something out of one, by its full name."""

    name: str

    @property
    def last(self) -> str:
        return self.name.rsplit(".", 1)[-1]


@dataclass(eq=False)
class Function:
    arguments: ast.arguments
    body: list[ast.stmt]
    scopes: list[dict[str, Value]] = field(default_factory=list)


class Unknown:
    """Nothing is known."""


UNKNOWN = Unknown()

Value = Union[
    Table, Names, Text, Fixed, Items, Each, Index, Splitter, Statistic, Group, Locator, Estimator, Imported, Function, Unknown
]


def names_of(value: Value) -> frozenset[str] | None:
    """Column names as far as they can matter; None when they are not known."""
    if isinstance(value, Text):
        return frozenset([value.value]) if value.exact else None
    if isinstance(value, Names):
        return value.answers
    if isinstance(value, Items):
        parts = [names_of(item) for item in value.values]
        return None if any(part is None for part in parts) else frozenset().union(*[part or frozenset() for part in parts])
    return None


def tables_in(values: list[Value]) -> Iterator[Table]:
    for value in values:
        if isinstance(value, Table):
            yield value
        elif isinstance(value, Items):
            yield from tables_in(value.values)


def combined(values: list[Value]) -> Value:
    """What is computed from several values, or holds them side by side or one below the other."""
    tables = list(tables_in(values))
    statistics = [value for value in values if isinstance(value, Statistic)]
    if not tables:
        return statistics[0] if statistics else UNKNOWN
    return Table(
        rows=frozenset().union(*[table.rows for table in tables]),
        part=tables[0].part if all(table.part == tables[0].part for table in tables) else SOME,
        answers=frozenset().union(*[table.answers for table in tables]),
        fits=frozenset().union(*[part.fits for part in [*tables, *statistics]]),
        single=all(table.single for table in tables),
    )
