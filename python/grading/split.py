"""Withholds rows of a training table: writes the files for scripts, and apart from them the answers."""

import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from choose_rows import Parts, Size, group_parts, random_parts, shuffled, stratified_parts, time_parts
from labels import canonical, check_values, columns_of_classes, in_order, MOST_CLASSES
from public_files import (
    HashedFiles,
    HiddenRow,
    ids_of,
    made_sample_texts,
    made_test_texts,
    places,
    sample_texts,
    test_texts,
    train_texts,
)
from refusals import Refused
from tables import Table, as_number, is_missing, value

# A part smaller than this says nothing of a score.
LEAST_PART = 5


@dataclass(frozen=True)
class Task:
    """What the request says of the task; `labels` are the columns to withhold, the target first."""

    train: Table
    test: Table | None
    sample: Table | None
    labels: list[str]
    id: str
    metric: str | None
    compares: str | None
    method: str
    by: str | None

    @staticmethod
    def of(request: dict[str, Any]) -> "Task":
        return Task(
            train=Table.of(request["train"]),
            test=Table.of(request["test"]) if request["test"] else None,
            sample=Table.of(request["sample"]) if request["sample"] else None,
            labels=list(request["labels"]),
            id=request["id"],
            metric=request["metric"],
            compares=request["compares"],
            method=request["method"],
            by=request["by"],
        )

    @property
    def target(self) -> str:
        return self.labels[0]


@dataclass(frozen=True)
class Scan:
    """Columns of the whole training table that the split depends on."""

    rows: int
    labels: list[str]
    by: list[str]
    ids: list[str]
    labelled: list[int]


@dataclass(frozen=True)
class Choice:
    """How rows were chosen, and the classes of the target in order (empty where the metric knows none)."""

    method: str
    classes: list[str]


def split(request: dict[str, Any]) -> dict[str, Any]:
    """Makes the public files below `public` and the answers below `directory`; the same request, the same bytes."""
    task = Task.of(request)
    _check_columns(task)
    scan = _scan(task)
    if len(scan.labelled) < request["leastRows"]:
        raise Refused(
            f"{task.train.name} has {len(scan.labelled)} rows with a value of {task.target}, "
            f"and hidden rows need at least {request['leastRows']}"
        )
    classes = _check_labels(task, scan)
    parts, method = _choose(task, scan, Size(request["share"], request["most"]), request["seed"])
    _check_parts(task, scan, parts)
    hidden = _hidden_rows(task, scan, parts, request["seed"], method)
    real_ids = _real_ids(task)
    files = HashedFiles(Path(request["public"]))
    names = _write_public(task, hidden, files, request, Choice(method, classes))
    directory = Path(request["directory"])
    _write_answers(directory, task, hidden, parts)
    _write_rows(directory, real_ids)
    written = {
        "dataHash": files.hash(),
        "id": task.id,
        "target": task.target,
        "labels": task.labels,
        "classes": classes,
        "delimiter": task.sample.delimiter if task.sample else ",",
        "encoding": task.train.encoding,
        "columns": task.sample.columns if task.sample else [task.id, task.target],
    }
    (directory / "split.json").write_text(json.dumps(written), encoding="utf-8")
    return {
        "status": "ok",
        "method": method,
        "trainRows": scan.rows - len(hidden),
        "searchRows": len(parts.search),
        "selectionRows": len(parts.selection),
        "testRows": len(real_ids),
        "dataHash": files.hash(),
        "files": names,
    }


def _check_columns(task: Task) -> None:
    train, test, sample = task.train, task.test, task.sample
    if test is None:
        if task.id not in train.columns:
            raise Refused(f"{train.name} has no column {task.id}")
        return
    missing = [column for column in test.columns if column not in train.columns and column != task.id]
    if missing:
        names = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
        raise Refused(f"{test.name} has columns that {train.name} lacks ({names}), so no row of it can join them")
    for table in (test, sample):
        if table is not None and task.id not in table.columns:
            raise Refused(f"{table.name} has no column {task.id}")
    if sample is not None and len(sample.columns) < 2:
        raise Refused(f"{sample.name} has no column for predictions")


def _scan(task: Task) -> Scan:
    train = task.train
    at_labels = [train.position(column) for column in task.labels]
    at_by = None if task.by is None else train.position(task.by)
    at_id = train.position(task.id) if task.id in train.columns else None
    labels, by, ids, labelled = [], [], [], []
    for row, record in enumerate(train.records()):
        labels.append(value(record.cells[at_labels[0]]))
        if at_by is not None:
            by.append(value(record.cells[at_by]))
        if at_id is not None:
            ids.append(value(record.cells[at_id]))
        if not any(is_missing(value(record.cells[at])) for at in at_labels):
            labelled.append(row)
    if task.by is not None:
        labelled = [row for row in labelled if not is_missing(by[row])]
    return Scan(len(labels), labels, by, ids, labelled)


def _check_labels(task: Task, scan: Scan) -> list[str]:
    """The classes in order, each as most rows write it; empty for a metric that knows none."""
    texts = [scan.labels[row] for row in scan.labelled]
    predicted = [column for column in (task.sample.columns if task.sample else [task.target]) if column != task.id]
    if task.compares is None:
        return []
    if task.compares in ("values", "lists", "classes") and len(predicted) > 1:
        raise Refused(f"{task.metric} takes one column of predictions, and the sample has {len(predicted)}")
    if task.compares == "values":
        check_values(texts, task.target, task.metric or "")
    if task.compares in ("values", "lists"):
        return []
    return _check_classes(task, texts, predicted)


def _check_classes(task: Task, texts: list[str], predicted: list[str]) -> list[str]:
    distinct = set(texts)
    if len(distinct) > MOST_CLASSES:
        raise Refused(f"{task.metric} compares classes, and {task.target} has {len(distinct)} different values")
    to_canonical = canonical(list(distinct))
    first: dict[str, str] = {}
    for text, _ in Counter(texts).most_common():
        first.setdefault(to_canonical(text), text.strip())
    classes = in_order(set(first.values()))
    if len(classes) < 2:
        raise Refused(f"{task.metric} compares classes, and {task.target} has one value only")
    if task.metric == "qwk" and not all(_is_whole(label) for label in classes):
        raise Refused(f"qwk needs whole numbers, and {task.target} holds others")
    if task.compares == "probabilities":
        if len(predicted) == 1 and len(classes) > 2:
            raise Refused(
                f"{task.metric} of {len(classes)} classes needs a column of predictions for each, "
                "and the sample has only one"
            )
        if len(predicted) > 1 and columns_of_classes(predicted, classes) is None:
            raise Refused(f"the sample's columns are not named after the classes of {task.target}")
    return classes


def _is_whole(text: str) -> bool:
    number = as_number(text)
    return number is not None and number.is_integer()


def _choose(task: Task, scan: Scan, size: Size, seed: int) -> tuple[Parts, str]:
    random = Random(f"{seed}/rows")
    if task.method == "time":
        return time_parts(scan.labelled, scan.by, size), "time"
    if task.method == "group":
        return group_parts(scan.labelled, scan.by, size, random), "group"
    if task.compares in ("classes", "probabilities"):
        to_canonical = canonical(list({scan.labels[row] for row in scan.labelled}))
        classes = [to_canonical(label) for label in scan.labels]
        return stratified_parts(scan.labelled, classes, size, random), "stratified"
    return random_parts(scan.labelled, size, random), "random"


def _check_parts(task: Task, scan: Scan, parts: Parts) -> None:
    if min(len(parts.search), len(parts.selection)) < LEAST_PART:
        raise Refused(f"{task.train.name} has too few rows for that")
    if task.compares not in ("classes", "probabilities"):
        return
    for part in (parts.search, parts.selection):
        if len({scan.labels[row].strip() for row in part}) < 2:
            raise Refused(f"so few rows have another value of {task.target} that hidden rows would all be alike")


def _hidden_rows(task: Task, scan: Scan, parts: Parts, seed: int, method: str) -> list[HiddenRow]:
    """In the order in which the rows to predict have them."""
    rows = sorted([*parts.search, *parts.selection])
    if method != "time":
        rows = shuffled(rows, Random(f"{seed}/order"))
    ids = _hidden_ids(task, scan, rows)
    wanted = set(rows)
    cells: dict[int, dict[str, str]] = {}
    for row, record in enumerate(task.train.records()):
        if row in wanted:
            cells[row] = dict(zip(task.train.columns, record.cells, strict=True))
    return [HiddenRow(row, row_id, cells[row]) for row, row_id in zip(rows, ids, strict=True)]


def _hidden_ids(task: Task, scan: Scan, rows: list[int]) -> list[str]:
    """Their own ids, or new ones for all of them where one would come twice."""
    taken = ids_of(task.test, task.id) if task.test else []
    if scan.ids:
        own = [scan.ids[row] for row in rows]
        fresh = len(set(own)) == len(own) and set(own).isdisjoint(taken) and not any(is_missing(text) for text in own)
        if fresh:
            return own
    known = [*scan.ids, *taken]
    if known and all(text.isdecimal() for text in known):
        start = max(int(text) for text in known) + 1
        return [str(start + number) for number in range(len(rows))]
    used = set(known)
    prefix = "row-"
    while any(text.startswith(prefix) for text in used):
        prefix = f"x{prefix}"
    return [f"{prefix}{number}" for number in range(1, len(rows) + 1)]


def _real_ids(task: Task) -> list[str]:
    """Ids that the task's own sample asks for, in its order."""
    if task.test is None:
        return []
    of_test = ids_of(task.test, task.id)
    asked = ids_of(task.sample, task.id) if task.sample else of_test
    if len(set(asked)) != len(asked) or len(set(of_test)) != len(of_test):
        raise Refused(f"the column {task.id} does not identify the rows to predict: some of its values come twice")
    if not asked:
        raise Refused("the task's own files have no rows to predict")
    if not set(of_test).issuperset(asked):
        raise Refused(f"the sample asks for values of {task.id} that {task.test.name} does not have")
    return asked


def _write_public(
    task: Task, hidden: list[HiddenRow], files: HashedFiles, request: dict[str, Any], choice: Choice
) -> list[str]:
    encoding = task.train.encoding
    files.write(task.train.name, encoding, train_texts(task.train, {row.row for row in hidden}))
    if task.test is None:
        test_name, all_ids = request["madeTest"], [row.id for row in hidden]
        files.write(test_name, encoding, made_test_texts(task.train, set(task.labels), hidden, task.id))
    else:
        test_name = task.test.name
        _check_target_is_blank(task, task.test)
        of_test = ids_of(task.test, task.id)
        where = places(len(of_test), len(hidden), _chance(request["seed"], choice.method))
        files.write(test_name, encoding, test_texts(task.test, task.target, hidden, task.id, where))
        all_ids = _merged_ids(of_test, hidden, where)
    if task.sample is None:
        guess = _guess(task, choice.classes)
        files.write(request["madeSample"], encoding, made_sample_texts(all_ids, task.id, task.target, guess))
        return [task.train.name, test_name, request["madeSample"]]
    asked = sum(1 for _ in task.sample.records())
    # The same stream as the test table's: where both list the same rows they stay in one order.
    where = places(asked, len(hidden), _chance(request["seed"], choice.method))
    files.write(task.sample.name, encoding, sample_texts(task.sample, hidden, task.id, where))
    return [task.train.name, test_name, task.sample.name]


def _check_target_is_blank(task: Task, test: Table) -> None:
    for column in task.labels:
        if column in test.columns:
            at = test.position(column)
            if not all(is_missing(value(record.cells[at])) for record in test.records()):
                raise Refused(f"{test.name} has values of {column} itself")


def _merged_ids(real: list[str], hidden: list[HiddenRow], where: list[int]) -> list[str]:
    by_place = dict(zip(where, (row.id for row in hidden), strict=True))
    rest = iter(real)
    return [by_place[at] if at in by_place else next(rest) for at in range(len(real) + len(hidden))]


def _chance(seed: int, method: str) -> Random | None:
    return None if method == "time" else Random(f"{seed}/places")


def _guess(task: Task, classes: list[str]) -> str:
    """A prediction that says nothing: the form of one is all that a sample is for."""
    if task.compares == "values":
        return "0"
    if task.compares == "probabilities":
        return "0.5"
    if task.compares == "classes":
        return classes[0]
    raise Refused("there is no sample submission that says what a prediction looks like")


def _write_answers(directory: Path, task: Task, hidden: list[HiddenRow], parts: Parts) -> None:
    search = set(parts.search)
    with open(directory / "answers.csv", "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["part", "id", *task.labels])
        for row in hidden:
            part = "search" if row.row in search else "selection"
            writer.writerow([part, row.id, *(value(row.cells[column]) for column in task.labels)])


def _write_rows(directory: Path, ids: list[str]) -> None:
    with open(directory / "rows.csv", "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        csv.writer(file).writerows([row_id] for row_id in ids)
