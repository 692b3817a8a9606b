"""The supervisor's own life: a lease, the script, a result."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import time

from . import system
from .files import close_inherited_files, lock_file, remove_file, write_json
from .leases import Lease, LeaseOffice
from .recorder import Recorder
from .supervision import StopRequest, Supervision
from .words import iso_time, signal_name

# Short of memory, the kernel is to end other things before this.
OWN_OOM_SCORE = -500

# Pause between two tries to get a lease.
LEASE_SECONDS = 0.2

# How long the result is tried to be written to a disk without room.
RESULT_PATIENCE_SECONDS = 600.0

# Kept on the disk from the start, so that a script which fills it leaves room for its output and its result.
RESERVE_BYTES = 2 * 1024 * 1024


class Control:
    """The control directory, which the script may fill up or take away where nothing isolates it."""

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def reserve_room(self) -> None:
        try:
            with open(self.path("reserve"), "wb") as file:
                file.write(bytes(RESERVE_BYTES))
        except OSError:
            remove_file(self.path("reserve"))

    def finish(self, recorder: Recorder, result: dict[str, object]) -> None:
        """The result comes last and matters most: for its sake the output is given up."""
        remove_file(self.path("reserve"))
        os.makedirs(self.directory, exist_ok=True)
        try:
            recorder.write_whole()
        except OSError as error:
            tell(f"the output could not be written: {error}")
        until = time.monotonic() + RESULT_PATIENCE_SECONDS
        while not self.try_result(result):
            if time.monotonic() > until:
                return
            time.sleep(1)

    def try_result(self, result: dict[str, object]) -> bool:
        try:
            os.makedirs(self.directory, exist_ok=True)
            write_json(self.path("result.json"), result, durably=True)
            return True
        except OSError as error:
            tell(f"the result could not be written: {error}")
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                for name in ("result.json.next", "output.log.next", "output.log"):
                    remove_file(self.path(name))
            return False


def tell(message: str) -> None:
    """For supervisor.log; nothing depends on it."""
    try:
        print(message, file=sys.stderr, flush=True)
    except OSError:
        pass


def main() -> None:
    close_inherited_files()
    control = Control(os.path.abspath(sys.argv[1]))
    lock = lock_file(control.path("lock"))
    if lock is None or os.path.exists(control.path("supervisor.json")):
        return
    stop = StopRequest()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, system.ignore)
    os.chdir("/")
    system.adopt_orphans()
    system.set_oom_score(OWN_OOM_SCORE)
    with open(control.path("spec.json"), encoding="utf-8") as file:
        spec = json.load(file)
    write_json(control.path("supervisor.json"), system.own_identity())
    supervise(control, spec, stop)


def supervise(control: Control, spec: dict, stop: StopRequest) -> None:
    recorder = Recorder(control.path("output.log"))
    lease = wait_for_lease(LeaseOffice(spec), stop, spec["endBefore"], control)
    began = time.time()
    limit = spec["limitSeconds"]
    if spec["endBefore"] is not None:
        limit = min(limit, spec["endBefore"] - began)
    if stop.asked:
        control.finish(recorder, result_without_run("stopped", "the script was stopped before it started"))
    elif lease is None or limit <= 0:
        control.finish(recorder, result_without_run("no_time", "no time was left when the script could start"))
    else:
        run(control, lease, Supervision(spec, lease, stop, recorder, limit), began)


def wait_for_lease(office: LeaseOffice, stop: StopRequest, end_before: float | None, control: Control) -> Lease | None:
    """None when the script is not to start any more."""
    told = ""
    lease = None
    while lease is None and not stop.asked and (end_before is None or time.time() < end_before):
        lease = office.try_lease()
        if lease is None:
            if office.waits_for != told:
                told = office.waits_for
                write_json(control.path("waiting.json"), {"for": told})
            time.sleep(LEASE_SECONDS)
    remove_file(control.path("waiting.json"))
    return lease


def run(control: Control, lease: Lease, supervision: Supervision, began: float) -> None:
    control.reserve_room()
    started = {
        "startedAt": iso_time(began),
        "limitSeconds": supervision.limit,
        "slot": lease.slot,
        "gpus": [gpu["index"] for gpu in lease.gpus],
        "memoryBy": supervision.limits.memory_by(),
    }
    write_json(control.path("started.json"), started)
    supervision.run(system.make_wakeup())
    if supervision.guard_lost:
        # Without a result this counts as the machinery's failure, as if the supervisor itself had been killed.
        remove_file(control.path("reserve"))
        tell("the guard was killed; its script has been ended")
        return
    control.finish(supervision.recorder, result_of(supervision, began))


def result_of(supervision: Supervision, began: float) -> dict[str, object]:
    status = supervision.status if supervision.failure is None else None
    exited = status is not None and os.WIFEXITED(status)
    killed = status is not None and os.WIFSIGNALED(status)
    return {
        "end": supervision.end,
        "exitCode": os.WEXITSTATUS(status) if exited else None,
        "signal": signal_name(os.WTERMSIG(status)) if killed else None,
        "message": supervision.message,
        "startedAt": iso_time(began),
        "finishedAt": iso_time(time.time()),
        "seconds": supervision.ended_at - supervision.started_at,
        "limitSeconds": supervision.limit,
        "outputBytes": supervision.recorder.received,
        "resultLines": supervision.recorder.result_lines(),
        "tail": supervision.recorder.told_tail(),
        "peakMemoryBytes": supervision.limits.peak_memory or None,
        "memoryKills": supervision.memory_kills,
    }


def result_without_run(end: str, message: str) -> dict[str, object]:
    now = iso_time(time.time())
    return {
        "end": end,
        "exitCode": None,
        "signal": None,
        "message": message,
        "startedAt": now,
        "finishedAt": now,
        "seconds": 0,
        "limitSeconds": 0,
        "outputBytes": 0,
        "resultLines": [],
        "tail": "",
        "peakMemoryBytes": None,
        "memoryKills": False,
    }
