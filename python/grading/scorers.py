"""Scores by name. Each takes rows by number, so that it can be computed on draws of them, too."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from predictions import (
    Answers,
    Predictions,
    class_matrix,
    class_places,
    numbers_of,
    probabilities_of,
    true_places,
    values_from_zero,
)
from refusals import Unusable

Rows = np.ndarray
Score = Callable[[Rows], float]

# One number for each row, whose mean the score follows from.
Losses = np.ndarray


@dataclass(frozen=True)
class Scored:
    """A score of any choice of rows; `losses` where it is a function of the mean of one number for each row."""

    score: Score
    losses: Losses | None = None
    of_mean: Callable[[Any], Any] = lambda mean: mean


@dataclass(frozen=True)
class Metric:
    name: str
    depth: int | None
    target: str
    classes: list[str]


def scored(metric: Metric, answers: Answers, predictions: Predictions) -> Scored:
    """Checks the predictions and binds them to the labels.

    Raises Unusable when they are not what the metric takes.
    """
    if metric.name in VALUES:
        return _values(metric, answers, predictions)
    if metric.name in CLASSES:
        return _classes(metric, answers, predictions)
    if metric.name == "map":
        return _ranking(metric, answers, predictions)
    return _probabilities(metric, answers, predictions)


def _values(metric: Metric, answers: Answers, predictions: Predictions) -> Scored:
    column = predictions.columns[0]
    read = values_from_zero if metric.name == "rmsle" else numbers_of
    predicted = read(column, predictions.cells[column])
    truth = numbers_of(metric.target, answers.labels[metric.target])

    def score(rows: Rows) -> float:
        return float(getattr(_metrics(), VALUES[metric.name])(truth[rows], predicted[rows]))

    losses = {
        "mae": lambda: np.abs(truth - predicted),
        "mse": lambda: (truth - predicted) ** 2,
        "rmse": lambda: (truth - predicted) ** 2,
        "rmsle": lambda: (np.log1p(truth) - np.log1p(predicted)) ** 2,
        "mape": lambda: np.abs(truth - predicted) / np.maximum(np.abs(truth), np.finfo(float).eps),
    }.get(metric.name)
    if losses is None:
        return Scored(score)
    return Scored(score, losses(), np.sqrt if metric.name in ("rmse", "rmsle") else lambda mean: mean)


def _classes(metric: Metric, answers: Answers, predictions: Predictions) -> Scored:
    column = predictions.columns[0]
    predicted = class_places(column, predictions.cells[column], metric.classes)
    truth = true_places(answers.labels[metric.target], metric.classes)
    if metric.name == "qwk":
        # Distances between classes count, so the classes are the numbers they stand for.
        numbers = np.array([int(float(label)) for label in metric.classes])
        truth, predicted = numbers[truth], numbers[predicted]
    function = CLASSES[metric.name]
    losses = {"accuracy": truth == predicted, "error": truth != predicted}.get(metric.name)
    return Scored(lambda rows: float(function(truth[rows], predicted[rows], len(metric.classes))), losses)


def _probabilities(metric: Metric, answers: Answers, predictions: Predictions) -> Scored:
    truth = true_places(answers.labels[metric.target], metric.classes)
    read = numbers_of if metric.name in ("roc_auc", "average_precision") else probabilities_of
    if len(predictions.columns) == 1:
        column = predictions.columns[0]
        positive = _positive_class(column, metric.classes)
        return _binary(metric.name, (truth == positive).astype(int), read(column, predictions.cells[column]))
    matrix = class_matrix(predictions, metric.classes, read)
    if metric.name in ("roc_auc", "average_precision"):
        return Scored(lambda rows: _one_against_rest(metric.name, truth[rows], matrix[rows]))
    sums = matrix.sum(axis=1, keepdims=True)
    if (sums == 0).any():
        raise Unusable("bad_submission", f"{int((sums == 0).sum())} rows give every class the probability 0")
    return _of_every_class(metric.name, truth, matrix / sums)


def _binary(name: str, truth: np.ndarray, predicted: np.ndarray) -> Scored:
    if name == "log_loss":
        limit = np.finfo(float).eps
        clipped = np.clip(predicted, limit, 1 - limit)
        losses = -np.where(truth == 1, np.log(clipped), np.log1p(-clipped))
        return Scored(lambda rows: float(_metrics().log_loss(truth[rows], predicted[rows], labels=[0, 1])), losses)
    if name == "brier":
        losses = (predicted - truth) ** 2
        return Scored(lambda rows: float(_metrics().brier_score_loss(truth[rows], predicted[rows])), losses)

    def score(rows: Rows) -> float:
        if len(np.unique(truth[rows])) < 2:
            return float("nan")
        return float(getattr(_metrics(), f"{name}_score")(truth[rows], predicted[rows]))

    return Scored(score)


def _of_every_class(name: str, truth: np.ndarray, matrix: np.ndarray) -> Scored:
    if name == "brier":
        losses = ((matrix - np.eye(matrix.shape[1])[truth]) ** 2).sum(axis=1)
        return Scored(lambda rows: float(losses[rows].mean()), losses)
    labels = list(range(matrix.shape[1]))
    limit = np.finfo(float).eps
    losses = -np.log(np.clip(matrix[np.arange(len(truth)), truth], limit, 1 - limit))
    return Scored(lambda rows: float(_metrics().log_loss(truth[rows], matrix[rows], labels=labels)), losses)


def _one_against_rest(name: str, truth: np.ndarray, matrix: np.ndarray) -> float:
    """The mean over the classes that some of these rows have and some have not."""
    present = [place for place in range(matrix.shape[1]) if 0 < (truth == place).sum() < len(truth)]
    scores = [_binary(name, (truth == place).astype(int), matrix[:, place]) for place in present]
    rows = np.arange(len(truth))
    return float(np.mean([scored.score(rows) for scored in scores])) if scores else float("nan")


def _ranking(metric: Metric, answers: Answers, predictions: Predictions) -> Scored:
    """Mean average precision at a depth: predictions and labels are lists parted by spaces, best first."""
    column = predictions.columns[0]
    pairs = zip(answers.labels[metric.target], predictions.cells[column], strict=True)
    gains = np.array([_average_precision(label.split(), cell.split(), metric.depth or 1) for label, cell in pairs])
    return Scored(lambda rows: float(gains[rows].mean()), gains)


def _average_precision(relevant: list[str], predicted: list[str], depth: int) -> float:
    wanted = set(relevant)
    hits = 0
    total = 0.0
    seen: set[str] = set()
    for rank, item in enumerate(predicted[:depth], start=1):
        if item in wanted and item not in seen:
            hits += 1
            total += hits / rank
        seen.add(item)
    return total / min(len(wanted), depth)


def _positive_class(column: str, classes: list[str]) -> int:
    return classes.index(column) if column in classes else 1


def _averaged(function: str, average: str | None) -> Callable[[np.ndarray, np.ndarray, int], float]:
    """`average` None: of two classes the second is the positive one; of more, the plain mean over them."""

    def score(truth: np.ndarray, predicted: np.ndarray, classes: int) -> float:
        how = average or ("binary" if classes == 2 else "macro")
        return float(getattr(_metrics(), function)(truth, predicted, average=how, zero_division=0))

    return score


def _plain(function: str, **settings: Any) -> Callable[[np.ndarray, np.ndarray, int], float]:
    def score(truth: np.ndarray, predicted: np.ndarray, _: int) -> float:
        with warnings.catch_warnings():
            # A draw of rows may lack a class that is predicted.
            warnings.simplefilter("ignore")
            return float(getattr(_metrics(), function)(truth, predicted, **settings))

    return score


def _metrics() -> Any:
    # Loading it takes seconds, so only what needs it waits for it, and only after all checks.
    from sklearn import metrics

    return metrics


VALUES = {
    "rmse": "root_mean_squared_error",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "rmsle": "root_mean_squared_log_error",
    "r2": "r2_score",
}

CLASSES: dict[str, Callable[[np.ndarray, np.ndarray, int], float]] = {
    "accuracy": _plain("accuracy_score"),
    "error": _plain("zero_one_loss"),
    "balanced_accuracy": _plain("balanced_accuracy_score"),
    "mcc": _plain("matthews_corrcoef"),
    "qwk": _plain("cohen_kappa_score", weights="quadratic"),
    **{
        name if average is None else f"{name}_{average}": _averaged(f"{name}_score", average)
        for name in ("f1", "precision", "recall")
        for average in (None, "macro", "micro", "weighted")
    },
}
