"""Scores prediction files on one part of the hidden rows, and makes submissions of them."""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bootstrap import standard_error, standard_error_of_mean
from own_scorer import load, scored_by
from predictions import Answers, Predictions, read_answers, read_predictions, table_of, write_submission
from refusals import Refused, Unusable
from scorers import Metric, Scored, scored

Binder = Callable[[Predictions], Scored]


def score(request: dict[str, Any]) -> dict[str, Any]:
    """One outcome for each prediction file of the request, in their order."""
    directory = Path(request["directory"])
    split = json.loads((directory / "split.json").read_text(encoding="utf-8"))
    answers = read_answers(directory / "answers.csv", request["part"])
    binder = _binder(request, split, answers)
    outcomes = [_outcome(request, split, answers, Path(path), binder) for path in request["predictions"]]
    return {"status": "ok", "outcomes": outcomes}


def submit(request: dict[str, Any]) -> dict[str, Any]:
    """Writes the predictions for the task's own rows; nothing when it has none."""
    directory = Path(request["directory"])
    split = json.loads((directory / "split.json").read_text(encoding="utf-8"))
    with open(directory / "rows.csv", encoding="utf-8", errors="surrogateescape", newline="") as file:
        ids = [row[0] for row in csv.reader(file)]
    if not ids:
        return {"status": "ok", "written": False}
    table = table_of(Path(request["predictions"]), split)
    write_submission(table, split["id"], ids, Path(request["submission"]))
    return {"status": "ok", "written": True}


def _outcome(
    request: dict[str, Any], split: dict[str, Any], answers: Answers, path: Path, bind: Binder
) -> dict[str, Any]:
    try:
        bound = bind(read_predictions(table_of(path, split), split["id"], answers.ids))
        metric = bound.score(np.arange(len(answers.ids)))
    except Refused as error:
        return {"status": "failed", "reason": "bad_submission", "message": str(error)}
    except Unusable as error:
        return {"status": "failed", "reason": error.reason, "message": error.message}
    if not math.isfinite(metric):
        return {"status": "failed", "reason": "bad_metric", "message": "the score is no finite number"}
    return {"status": "ok", "metric": metric, "standardError": _standard_error(bound, len(answers.ids), request)}


def _binder(request: dict[str, Any], split: dict[str, Any], answers: Answers) -> Binder:
    if request["scorer"] is None:
        metric = Metric(request["metric"], request["depth"], split["target"], split["classes"])
        return lambda predictions: scored(metric, answers, predictions)
    try:
        function = load(Path(request["scorer"]))
    except Exception as error:
        raise Refused(f"the task's scorer cannot be loaded: {type(error).__name__}: {str(error)[:300]}") from error
    return lambda predictions: scored_by(function, split["id"], answers, predictions)


def _standard_error(bound: Scored, rows: int, request: dict[str, Any]) -> float | None:
    try:
        if bound.losses is not None:
            return standard_error_of_mean(bound.losses, bound.of_mean, request["seed"])
        return standard_error(bound.score, rows, request["seed"])
    except Unusable:
        # Some scores are undefined on a draw of rows; the score of all of them stands.
        return None
