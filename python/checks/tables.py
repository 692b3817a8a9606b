"""What frames, columns and arrays become when a script takes parts of them or calls their methods."""

from __future__ import annotations

import library
from findings import Findings
from values import (
    ALL,
    SOME,
    UNKNOWN,
    Fit,
    Fixed,
    Function,
    Group,
    Index,
    Items,
    Names,
    Statistic,
    Table,
    Text,
    Value,
    combined,
    names_of,
)

Keywords = dict[str, Value]


def take(table: Table, index: Value, findings: Findings, line: int) -> Value:
    """`table[index]`."""
    if isinstance(index, Text):
        return table.but(answers=table.answers & {index.value}, single=True) if not table.single else UNKNOWN
    if isinstance(index, Index):
        return rows_of(table, index, findings, line)
    if isinstance(index, Table):
        return table.but()
    if isinstance(index, Fixed):
        return UNKNOWN
    if isinstance(index, Items) and not table.single:
        if len(index.values) == 2 and not any(isinstance(value, Text) for value in index.values):
            return locate(table, index, findings, line)
        names = names_of(index)
        if names is None:
            return uncertain(table)
        return table.but(answers=table.answers & names, single=bool(names) and names <= table.answers)
    if isinstance(index, Names):
        return table.but(answers=table.answers & index.answers)
    return uncertain(table)


def locate(table: Table, index: Value, findings: Findings, line: int) -> Value:
    """`table.loc[index]`, `table.iloc[index]` or an array's `table[rows, columns]`."""
    if not (isinstance(index, Items) and len(index.values) == 2) or table.single:
        return rows_of(table, index, findings, line)
    rows, columns = index.values
    chosen = rows_of(table, rows, findings, line)
    if isinstance(columns, Fixed) and columns.value == slice(None):
        return chosen
    names = names_of(columns)
    answers = chosen.answers & names if names is not None else frozenset()
    return chosen.but(answers=answers, single=isinstance(columns, Text))


def rows_of(table: Table, rows: Value, findings: Findings, line: int) -> Table:
    if isinstance(rows, Index):
        findings.split(table, line)
        return table.but(part=rows.part)
    if isinstance(rows, Table) or (isinstance(rows, Fixed) and rows.value == slice(None)):
        return table.but()
    return part_of_rows(table)


def part_of_rows(table: Table) -> Table:
    """Which rows are left is not known; of joined rows not even which file they are from."""
    return table.but(part=SOME, rows=table.rows if len(table.rows) == 1 else frozenset())


def uncertain(table: Table) -> Table:
    """Neither rows nor columns are known any more."""
    return part_of_rows(table).but(answers=frozenset())


def assign(table: Table, index: Value, value: Value, findings: Findings) -> None:
    """`table[index] = value`."""
    if isinstance(value, Statistic):
        table.fits |= value.fits
    if not isinstance(value, Table):
        return
    table.fits |= value.fits
    if not isinstance(index, Text) or not index.exact:
        return
    if value.answers:
        table.answers |= {index.value}
    elif index.value != findings.task.target:
        table.answers -= {index.value}


def attribute(table: Table, name: str) -> Value:
    if name == "columns":
        return Names(table.answers)
    if name in {"values", "T", "str", "dt", "cat"}:
        return table
    if name in table.answers and not table.single:
        return table.but(answers=frozenset([name]), single=True)
    return UNKNOWN


def method(table: Table, name: str, args: list[Value], keywords: Keywords, findings: Findings, line: int) -> Value:
    result = _method(table, name, args, keywords, findings, line)
    in_place = keywords.get("inplace")
    if isinstance(in_place, Fixed) and in_place.value is True and isinstance(result, Table):
        table.rows, table.part, table.answers, table.fits = result.rows, result.part, result.answers, result.fits
        return UNKNOWN
    return result


def _method(table: Table, name: str, args: list[Value], keywords: Keywords, findings: Findings, line: int) -> Value:
    if name == "drop":
        return _drop(table, args, keywords)
    if name == "pop" and args and isinstance(args[0], Text):
        taken = take(table, args[0], findings, line)
        table.answers -= {args[0].value}
        return taken
    if name == "assign":
        result = table.but()
        for column, value in keywords.items():
            assign(result, Text(column), _of_row(value, result), findings)
        return result
    if name == "insert" and len(args) >= 3:
        assign(table, args[1], args[2], findings)
        return UNKNOWN
    if name == "groupby":
        return Group(table, line)
    if name in {"merge", "join"}:
        return combined([table, *args, *keywords.values()])
    if name == "map" and args and isinstance(args[0], Statistic):
        return table.but(answers=frozenset(), fits=table.fits | args[0].fits)
    if name in {"apply", "map", "pipe", "applymap"}:
        return table.but(answers=table.answers if table.single else frozenset())
    if name == "rename":
        return _rename(table, keywords.get("columns", UNKNOWN))
    if name in library.MASKING:
        return table.but(answers=frozenset(), fits=frozenset(), single=table.single)
    if name in library.KEEPING:
        return table.but(fits=table.fits.union(*[arg.fits for arg in args if isinstance(arg, (Table, Statistic))]))
    if name == "sample" and isinstance(fraction := keywords.get("frac"), Fixed) and fraction.value == 1:
        return table.but()
    if name in library.PARTS_OF_ROWS:
        return part_of_rows(table)
    if name in {"filter", "select_dtypes"}:
        return table.but(answers=frozenset())
    if name == "transpose":
        return table
    return UNKNOWN


def _of_row(value: Value, table: Table) -> Value:
    """A function given to `assign` is not followed."""
    return UNKNOWN if isinstance(value, Function) else value


def _drop(table: Table, args: list[Value], keywords: Keywords) -> Table:
    columns = keywords.get("columns")
    axis = keywords.get("axis", args[1] if len(args) > 1 else Fixed(0))
    if columns is None and isinstance(axis, (Fixed, Text)) and axis.value in {1, "columns"}:
        columns = args[0] if args else keywords.get("labels", UNKNOWN)
    if columns is None:
        return part_of_rows(table)
    names = names_of(columns)
    return table.but(answers=table.answers - names if names is not None else frozenset())


def _rename(table: Table, columns: Value) -> Table:
    return table.but(answers=table.answers if columns is UNKNOWN else frozenset())


def group_column(group: Group, index: Value) -> Value:
    """`frame.groupby(...)[index]`."""
    names = names_of(index)
    answers = group.table.answers & names if names is not None else frozenset()
    return Group(group.table.but(answers=answers, single=True), group.line)


def group_method(group: Group, name: str, args: list[Value]) -> Value:
    """Figures by group; of the target, from all rows that have labels, they are something fitted."""
    table = group.table
    fits = table.fits
    named = frozenset().union(*[names_of(arg) or frozenset() for arg in args])
    of_target = table.is_target or bool(table.answers & named)
    if of_target and table.rows == {"train"} and table.part == ALL and name not in {"size", "count", "ngroup"}:
        fits |= {Fit(group.line, "the target by group")}
    if name in {"transform", "cumsum", "cumcount", "shift", "rank"}:
        return Table(table.rows, table.part, frozenset(), fits, single=True)
    return Statistic(fits) if fits else UNKNOWN


def names_method(names: Names, name: str, args: list[Value]) -> Value:
    given = [names_of(arg) for arg in args]
    first = given[0] if given else frozenset()
    if name in {"tolist", "to_list", "copy", "sort_values"}:
        return Names(names.answers)
    if name in {"difference", "drop"}:
        return Names(names.answers - first if first is not None else frozenset())
    if name == "intersection":
        return Names(names.answers & first if first is not None else frozenset())
    if name in {"union", "append"} and first is not None:
        return Names(names.answers | first)
    if name in {"remove", "discard"} and first is not None:
        names.answers -= first
    return UNKNOWN


def items_method(items: Items, name: str, args: list[Value]) -> Value:
    if name == "append" and args:
        items.values.append(args[0])
    elif name == "extend" and args:
        items.values.extend(args[0].values if isinstance(args[0], Items) else [args[0]])
    elif name == "remove" and args and isinstance(args[0], Text):
        items.values[:] = [value for value in items.values if value != args[0]]
    elif name == "copy":
        return Items(list(items.values))
    elif name == "get" or name == "pop":
        return UNKNOWN
    return UNKNOWN

