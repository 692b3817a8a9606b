"""The task's own Python file with a function `score(truth, predictions)`."""

import io
import math
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from predictions import Answers, Predictions
from refusals import Unusable
from scorers import Scored


def load(path: Path) -> Callable[[Any, Any], Any]:
    """Raises LookupError when the file has no such function, and whatever the file itself raises."""
    function = runpy.run_path(str(path)).get("score")
    if not callable(function):
        raise LookupError("it has no function score(truth, predictions)")
    return function


def scored_by(
    function: Callable[[Any, Any], Any], id_column: str, answers: Answers, predictions: Predictions
) -> Scored:
    """Both tables have the id and the same rows in the same order."""
    truth = _frame(id_column, answers.ids, answers.labels)
    predicted = _frame(id_column, answers.ids, predictions.cells)

    def score(rows: np.ndarray) -> float:
        chosen = truth.iloc[rows].reset_index(drop=True), predicted.iloc[rows].reset_index(drop=True)
        return _checked(_called(function, *chosen))

    return Scored(score)


def _called(function: Callable[[Any, Any], Any], truth: Any, predicted: Any) -> Any:
    try:
        return function(truth, predicted)
    except ValueError as error:
        # The way for a scorer to refuse predictions; its words reach the script's author.
        raise Unusable("bad_submission", f"the task's scorer refused the predictions: {str(error)[:500]}") from error
    except Exception as error:
        # Such a message may quote labels, so only its kind is told.
        message = f"the task's scorer failed on these predictions with {type(error).__name__}"
        raise Unusable("evaluation_failed", message) from error


def _checked(score: Any) -> float:
    try:
        number = float(score)
    except (TypeError, ValueError) as error:
        raise Unusable("bad_metric", "the task's scorer returned no number") from error
    if not math.isfinite(number):
        raise Unusable("bad_metric", f"the task's scorer returned {number}, expected a finite number")
    return number


def _frame(id_column: str, ids: list[str], columns: dict[str, list[str]]) -> Any:
    import pandas

    # As every script would read it: numbers as numbers.
    table = io.StringIO()
    pandas.DataFrame({id_column: ids, **columns}).to_csv(table, index=False)
    table.seek(0)
    return pandas.read_csv(table)
