"""Looks for doubts about a script or its predictions: one request as JSON on standard input, the marks as JSON on output.

Standard library only, and nothing of the script is run: `python -I -S checks`.
"""

from __future__ import annotations

import ast
import json
import sys

from findings import Findings, Task
from flow import Flow, OutOfSteps
from predictions import doubtful_predictions
from swapped_model import swapped_model


def check_script(code: str, task: dict[str, str]) -> dict[str, str]:
    findings = Findings(Task(train=task["train"], test=task["test"], target=task["target"]))
    try:
        Flow(findings).run(ast.parse(code).body)
    except (OutOfSteps, RecursionError):
        # What was found up to there stays found.
        pass
    return findings.marks


def check_repair(parent: str, output: str, repaired: str) -> dict[str, str]:
    message = swapped_model(parent, output, repaired)
    return {} if message is None else {"swapped_model": message}


def check_predictions(predictions: str, sample: str, test: str | None, id_column: str | None) -> dict[str, str]:
    message = doubtful_predictions(predictions, sample, test, id_column)
    return {} if message is None else {"constant_predictions": message}


CHECKS = {"script": check_script, "repair": check_repair, "predictions": check_predictions}


def main() -> None:
    request = json.load(sys.stdin)
    marks = CHECKS[request.pop("check")](**request)
    print(json.dumps([{"kind": kind, "message": message} for kind, message in marks.items()]))


main()
