"""Scores of the grading program beside those of scikit-learn on the same small tables, as JSON: name, ours, theirs.

Usage: python scorers_against_sklearn.py GRADING_DIRECTORY
"""

import json
import sys

import numpy as np
from sklearn import metrics

sys.path.insert(0, sys.argv[1])

from predictions import Answers, Predictions  # noqa: E402
from scorers import Metric, scored  # noqa: E402

random = np.random.RandomState(0)
ROWS = 300
found: list[tuple[str, float, float]] = []


def compare(name: str, classes: list[str], truth: list[str], columns: dict[str, list[str]], theirs: float) -> None:
    answers = Answers([str(row) for row in range(ROWS)], {"target": truth})
    bound = scored(Metric(name, 3, "target", classes), answers, Predictions(list(columns), columns))
    found.append((f"{name} of {len(classes)} classes", bound.score(np.arange(ROWS)), theirs))
    if bound.losses is not None:
        found.append((f"{name} from its losses", float(bound.of_mean(bound.losses.mean())), theirs))


truth = random.gamma(2, 3, ROWS)
guess = np.abs(truth + random.normal(0, 1, ROWS))
for name, function in {
    "rmse": metrics.root_mean_squared_error,
    "mse": metrics.mean_squared_error,
    "mae": metrics.mean_absolute_error,
    "mape": metrics.mean_absolute_percentage_error,
    "rmsle": metrics.root_mean_squared_log_error,
    "r2": metrics.r2_score,
}.items():
    compare(name, [], [repr(float(x)) for x in truth], {"p": [repr(float(x)) for x in guess]}, function(truth, guess))

for labels in (["no", "yes"], ["10", "9", "8"]):
    # Classes that are numbers are in the order of the numbers.
    order = labels if "no" in labels else sorted(labels, key=int)
    true_classes = random.choice(labels, ROWS)
    guessed = np.where(random.rand(ROWS) < 0.6, true_classes, random.choice(labels, ROWS))
    settings = {"average": "binary", "pos_label": "yes"} if len(labels) == 2 else {"average": "macro"}
    expected = {
        "accuracy": metrics.accuracy_score(true_classes, guessed),
        "error": 1 - metrics.accuracy_score(true_classes, guessed),
        "balanced_accuracy": metrics.balanced_accuracy_score(true_classes, guessed),
        "mcc": metrics.matthews_corrcoef(true_classes, guessed),
    }
    for name, function in (
        ("f1", metrics.f1_score),
        ("precision", metrics.precision_score),
        ("recall", metrics.recall_score),
    ):
        expected[name] = function(true_classes, guessed, **settings)
        for average in ("macro", "micro", "weighted"):
            expected[f"{name}_{average}"] = function(true_classes, guessed, average=average)
    if len(labels) == 3:
        numbers = true_classes.astype(int), guessed.astype(int)
        expected["qwk"] = metrics.cohen_kappa_score(*numbers, weights="quadratic")
    for name, theirs in expected.items():
        compare(name, order, list(true_classes), {"p": list(guessed)}, theirs)

    scores = random.dirichlet(np.ones(len(labels)), ROWS)
    place = np.array([order.index(label) for label in true_classes])
    scores = 0.7 * scores + 0.3 * np.eye(len(labels))[place]
    columns = {f"p_{label}": [repr(float(x)) for x in scores[:, at]] for at, label in enumerate(order)}
    compare("log_loss", order, list(true_classes), columns, metrics.log_loss(place, scores))
    one_hot = np.eye(len(labels))[place]
    compare("brier", order, list(true_classes), columns, float(((scores - one_hot) ** 2).sum(axis=1).mean()))
    if len(labels) == 2:
        single = {"p": columns["p_yes"]}
        compare("roc_auc", order, list(true_classes), single, metrics.roc_auc_score(place, scores[:, 1]))
        compare("roc_auc", order, list(true_classes), columns, metrics.roc_auc_score(place, scores[:, 1]))
        compare("log_loss", order, list(true_classes), single, metrics.log_loss(place, scores[:, 1]))
        compare("brier", order, list(true_classes), single, metrics.brier_score_loss(place, scores[:, 1]))
        average = metrics.average_precision_score(place, scores[:, 1])
        compare("average_precision", order, list(true_classes), single, average)
    else:
        compare("roc_auc", order, list(true_classes), columns, metrics.roc_auc_score(place, scores, multi_class="ovr"))
        average = metrics.average_precision_score(one_hot, scores, average="macro")
        compare("average_precision", order, list(true_classes), columns, average)

# Mean average precision of the first three, counted by hand for three kinds of rows: hit at 1, hit at 2, no hit.
lists = [("a", "a b c"), ("b", "a b c"), ("d", "a b c")]
by_hand = (1 + 1 / 2 + 0) / 3
compare("map", [], [lists[row % 3][0] for row in range(ROWS)], {"p": [lists[row % 3][1] for row in range(ROWS)]}, by_hand)
# Of two relevant items one at 1 and one at 3; an item that is named twice counts once; the fourth is too deep.
several = [("a c", "a b c"), ("a c", "a a c"), ("a e", "a b c e")]
by_hand = ((1 + 2 / 3) / 2 + (1 + 2 / 3) / 2 + 1 / 2) / 3
compare("map", [], [several[row % 3][0] for row in range(ROWS)], {"p": [several[row % 3][1] for row in range(ROWS)]}, by_hand)

print(json.dumps(found))
