"""Grading steps of coppice. Reads one request (JSON) from standard input, answers with one on standard output.

Steps: `split`, `score`, `submit`. A request that the data do not allow is answered `refused` with the reason; every
exception is a fault of the machine or of this code and ends with a non-zero status.
"""

import json
import os
import sys
from typing import Any

from refusals import Refused


def answer(request: dict[str, Any]) -> dict[str, Any]:
    if request["step"] == "split":
        from split import split

        return split(request)
    from score import score, submit

    return score(request) if request["step"] == "score" else submit(request)


def main() -> None:
    request = json.load(sys.stdin)
    # A scorer of the task's own may print; the answer alone goes to the caller.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        reply = answer(request)
    except Refused as error:
        reply = {"status": "refused", "why": str(error)}
    with out:
        json.dump(reply, out)


main()
