"""What calls of libraries, classes and methods give back, and which of them say something about the checks."""

from __future__ import annotations

from dataclasses import dataclass

import library
import tables
from findings import Findings
from values import (
    SOME,
    UNKNOWN,
    VALID,
    Each,
    Estimator,
    Fixed,
    Group,
    Imported,
    Index,
    Items,
    Names,
    Splitter,
    Statistic,
    Table,
    Text,
    Value,
    combined,
    names_of,
    tables_in,
)


@dataclass(frozen=True)
class Call:
    line: int
    args: list[Value]
    keywords: dict[str, Value]

    def given(self, position: int, *names: str) -> Value:
        """An argument by its position or by one of its names."""
        for name in names:
            if name in self.keywords:
                return self.keywords[name]
        return self.args[position] if len(self.args) > position else UNKNOWN

    @property
    def values(self) -> list[Value]:
        return [*self.args, *self.keywords.values()]


def call_imported(imported: Imported, call: Call, findings: Findings) -> Value:
    """A function or class out of a library."""
    name = imported.last
    if name in library.READERS:
        return _read(call, findings)
    if name == "train_test_split":
        return _split_once(call, findings)
    if name in library.CROSS_VALIDATIONS:
        return _cross_validate(call, findings)
    if name in library.FEATURE_HOLDERS:
        _learn_from(call.given(0, "data", "X"), None, call, findings)
        return UNKNOWN
    if name in {"join", "Path", "PurePath"}:
        return _path(call.args)
    if name in library.JOINING or name in library.PASSING:
        joined = combined(call.values)
        is_wide = name in library.JOINING or isinstance(call.given(0, "data"), Items)
        return joined.but(single=False) if isinstance(joined, Table) and is_wide else joined
    if name == "clone" and isinstance(call.given(0, "estimator"), Estimator):
        return call.given(0, "estimator").fresh()
    if library.is_splitter(name):
        return Splitter()
    return make_estimator(imported, call)


def make_estimator(imported: Imported, call: Call) -> Value:
    name = imported.last
    if name in {"Pipeline", "make_pipeline"}:
        return _pipeline(call)
    if name in {"ColumnTransformer", "make_column_transformer"}:
        return _column_transformer(name, call)
    if name in library.SEARCHES or name in library.WRAPPERS:
        inner = next((value for value in call.values if isinstance(value, Estimator)), None)
        role = "search" if name in library.SEARCHES else "predictor"
        return Estimator(name, role, takes=inner.takes if inner is not None else frozenset())
    if name.startswith(("Voting", "Stacking")):
        members = [value for value in _flat(call.values) if isinstance(value, Estimator)]
        return Estimator(name, "predictor", takes=members[0].takes if members else frozenset())
    if library.is_transformer(name):
        constant = call.keywords.get("strategy") == Text("constant")
        takes = frozenset() if name == "FunctionTransformer" else None
        return Estimator(name, "transformer", learns=name not in library.LEARNS_NOTHING and not constant, takes=takes)
    if library.is_predictor(imported.name):
        return Estimator(name, "predictor")
    return UNKNOWN


def call_estimator(estimator: Estimator, name: str, call: Call, findings: Findings) -> Value:
    table = call.given(0, "X", "raw_documents", "data")
    if name in {"fit", "fit_transform", "fit_predict", "partial_fit"}:
        if isinstance(table, Table):
            findings.fitted(estimator, table, call.line)
        if estimator.role != "transformer":
            _learn_from(table, estimator.takes, call, findings)
        if estimator.role == "search" and isinstance(table, Table):
            findings.split(table, call.line)
        if name == "fit":
            return estimator
    if not isinstance(table, Table):
        return UNKNOWN if name != "set_output" and name != "set_params" else estimator
    if name in {"transform", "fit_transform"}:
        if name == "transform":
            findings.transformed(estimator, table, call.line)
        new = frozenset([estimator.fitted]) if estimator.fitted is not None and table.rows == {"train"} else frozenset()
        answers = table.answers if estimator.takes is None else table.answers & estimator.takes
        return table.but(fits=table.fits | new, answers=answers)
    if name.startswith("predict") or name == "score":
        findings.predicted(estimator, table, call.line)
    return UNKNOWN


def split_rows(call: Call, findings: Findings) -> Value:
    """`splitter.split(X, y)`."""
    for value in tables_in(call.args[:1]):
        findings.split(value, call.line)
    return Each(Items([Index(SOME), Index(VALID)]))


def call_builtin(name: str, call: Call) -> Value:
    first = call.given(0)
    if name in {"list", "tuple", "set", "sorted", "reversed", "iter", "tqdm", "frozenset"}:
        if isinstance(first, Items):
            return Items(list(first.values))
        if isinstance(first, Table):
            return Names(first.answers)
        return Names(first.answers) if isinstance(first, Names) else first if isinstance(first, Each) else UNKNOWN
    if name == "enumerate":
        if isinstance(first, Items):
            return Items([Items([Fixed(number), value]) for number, value in enumerate(first.values)])
        return Each(Items([UNKNOWN, first.element if isinstance(first, Each) else UNKNOWN]))
    if name == "zip":
        return Each(Items([value.element if isinstance(value, Each) else UNKNOWN for value in call.args]))
    if name == "str":
        return first
    return UNKNOWN


def _read(call: Call, findings: Findings) -> Value:
    path = call.given(0, "filepath_or_buffer", "path", "io")
    if not isinstance(path, Text):
        return UNKNOWN
    task = findings.task
    if task.train and path.value.endswith(task.train):
        chosen = names_of(call.keywords.get("usecols", UNKNOWN))
        answers = frozenset([task.target]) if task.target else frozenset()
        return Table(frozenset(["train"]), answers=answers & chosen if chosen is not None else answers)
    if task.test and path.value.endswith(task.test):
        return Table(frozenset(["test"]))
    return UNKNOWN


def _path(parts: list[Value]) -> Value:
    texts = [part for part in parts if isinstance(part, Text)]
    return Text("/".join(text.value for text in texts)) if texts else UNKNOWN


def _split_once(call: Call, findings: Findings) -> Value:
    halves: list[Value] = []
    for value in call.args:
        if isinstance(value, Table):
            findings.split(value, call.line)
            halves += [value.but(part=SOME), value.but(part=VALID)]
        else:
            halves += [Index(SOME), Index(VALID)]
    return Items(halves)


def _cross_validate(call: Call, findings: Findings) -> Value:
    estimator = call.given(0, "estimator")
    table = call.given(1, "X")
    _learn_from(table, estimator.takes if isinstance(estimator, Estimator) else frozenset(), call, findings)
    if isinstance(table, Table):
        findings.split(table, call.line)
    return UNKNOWN


def _learn_from(value: Value, takes: frozenset[str] | None, call: Call, findings: Findings) -> None:
    if isinstance(value, Table):
        findings.features(value, call.line, takes)


def _pipeline(call: Call) -> Value:
    first = call.given(0, "steps")
    named = isinstance(first, Items)
    steps = [_step_of(value) for value in (first.values if named else call.args)] if named or call.args else []
    if not steps:
        return UNKNOWN
    known = [step for step in steps if isinstance(step, Estimator)]
    begin = steps[0]
    takes = begin.takes if isinstance(begin, Estimator) else frozenset()
    last = steps[-1]
    is_transformer = isinstance(last, Estimator) and last.role == "transformer"
    learning = next((step for step in known if step.learns), None)
    name = learning.name if is_transformer and learning is not None else "the pipeline"
    role = "transformer" if is_transformer else "predictor"
    return Estimator(name, role, learns=not is_transformer or learning is not None, takes=takes)


def _step_of(value: Value) -> Value:
    return value.values[-1] if isinstance(value, Items) and value.values else value


def _column_transformer(name: str, call: Call) -> Value:
    first = call.given(0, "transformers")
    entries = first.values if name == "ColumnTransformer" and isinstance(first, Items) else call.args
    takes: frozenset[str] = frozenset()
    learning: Estimator | None = None
    for entry in entries:
        parts = entry.values if isinstance(entry, Items) else []
        for part in parts:
            if isinstance(part, Estimator) and part.learns:
                learning = learning or part
        takes |= (names_of(parts[-1]) or frozenset()) if parts else frozenset()
    passes_on = call.keywords.get("remainder") == Text("passthrough")
    label = learning.name if learning is not None else name
    return Estimator(label, "transformer", learns=learning is not None, takes=None if passes_on else takes)


def _flat(values: list[Value]) -> list[Value]:
    return [inner for value in values for inner in (_flat(value.values) if isinstance(value, Items) else [value])]


def call_method(base: Value, name: str, call: Call, findings: Findings) -> Value:
    """A method of a value that is followed."""
    if isinstance(base, Estimator):
        return call_estimator(base, name, call, findings)
    if isinstance(base, Table):
        return tables.method(base, name, call.args, call.keywords, findings, call.line)
    if isinstance(base, Group):
        return tables.group_method(base, name, call.values)
    if isinstance(base, Statistic):
        return base
    if isinstance(base, Names):
        return tables.names_method(base, name, call.args)
    if isinstance(base, Items):
        return tables.items_method(base, name, call.args)
    if isinstance(base, Splitter):
        return split_rows(call, findings) if name == "split" else UNKNOWN
    if isinstance(base, Text) and name == "joinpath":
        return _path([base, *call.args])
    return UNKNOWN
