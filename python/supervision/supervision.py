"""One script from its start until nothing of it is left."""

from __future__ import annotations

import os
import select
import signal
import time

from . import system
from .guard import Guard
from .launch import Launch
from .leases import Lease
from .limits import LOOK_SECONDS, Limits
from .processes import ask_to_end, descendants, kill_all
from .recorder import Recorder
from .words import duration

READ_BYTES = 1024 * 1024

# Time between two looks at what has been told to end: soon at first, seldom when something cannot be killed.
END_SECONDS = 0.02
STUBBORN_SHARE = 0.02

# How long output may still come once every process of the script is gone.
DRAIN_SECONDS = 2.0


class StopRequest:
    """A watcher asks for the script's end by SIGTERM."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self.ask)

    def ask(self, *_: object) -> None:
        self.asked = True


class Supervision:
    def __init__(self, spec: dict, lease: Lease, stop: StopRequest, recorder: Recorder, limit: float) -> None:
        self.stop = stop
        self.recorder = recorder
        self.limit = limit
        self.end_before = spec["endBefore"]
        self.grace = spec["graceSeconds"]
        self.limits = Limits(spec, self.processes)
        self.launch = Launch(spec, lease, self.limits.groups(), self.limits.user_limit)
        # What the guard has reported so far.
        self.script: int | None = None
        self.status: int | None = None
        self.failure: str | None = None
        self.is_empty = False
        self.guard_lost = False
        self.unread_reports = b""
        # How it ends; `lost` when its guard was killed, for nothing can be said about the script then.
        self.end: str | None = None
        self.message = ""
        self.kill_at = 0.0
        self.asked: set[int] = set()

    def run(self, wakeup: int) -> None:
        self.started_at = self.ended_at = time.monotonic()
        kills_before = system.memory_kills()
        self.guard = Guard(self.launch)
        self.watch(wakeup)
        self.drain()
        self.settle()
        self.memory_kills = system.memory_kills() > kills_before
        os.close(self.guard.control)
        if not self.guard_lost:
            os.waitpid(self.guard.pid, 0)
        for group in self.limits.groups():
            group.remove()

    def watch(self, wakeup: int) -> None:
        poll = select.poll()
        for descriptor in (self.guard.output, self.guard.reports, wakeup):
            poll.register(descriptor, select.POLLIN)
        while not self.is_over():
            for descriptor, _ in poll.poll(self.pause() * 1000):
                if not self.read(descriptor):
                    poll.unregister(descriptor)
            self.check(time.monotonic())

    def pause(self) -> float:
        if self.end is None:
            return LOOK_SECONDS
        return max(END_SECONDS, (time.monotonic() - self.kill_at) * STUBBORN_SHARE)

    def read(self, descriptor: int) -> bool:
        """Takes what has come; whether more may come."""
        try:
            chunk = os.read(descriptor, READ_BYTES)
        except BlockingIOError:
            return True
        if descriptor == self.guard.output:
            self.recorder.write(chunk)
        elif descriptor == self.guard.reports:
            self.take_reports(chunk)
        return chunk != b""

    def take_reports(self, chunk: bytes) -> None:
        *lines, self.unread_reports = (self.unread_reports + chunk).split(b"\n")
        if chunk == b"":
            self.guard_lost = True
        for line in lines:
            word, _, rest = line.decode("utf-8", "replace").partition(" ")
            if word == "pid":
                self.script = int(rest)
            elif word == "failed":
                self.failure = rest
            elif word == "exit":
                self.status = int(rest)
                self.ended_at = time.monotonic()
            elif word == "empty":
                self.is_empty = True

    def is_over(self) -> bool:
        if self.guard_lost:
            return not system.reap(system.ignore)
        return self.is_empty and (system.LINUX or not self.processes())

    def processes(self) -> list[int]:
        return [pid for pid in descendants(os.getpid(), self.script) if pid != self.guard.pid]

    def check(self, now: float) -> None:
        if not self.guard_lost:
            system.send(self.guard.pid, signal.SIGCONT)
        self.recorder.flush_when_due(now)
        if self.end is None:
            self.look_for_end(now)
        if self.end is not None and not self.is_over():
            self.end_processes()

    def look_for_end(self, now: float) -> None:
        if self.guard_lost:
            self.begin_end("lost", "", grace=0.0)
        elif self.status is not None:
            self.begin_end_of_exited()
        elif self.stop.asked:
            self.begin_end("stopped", "the script was stopped", self.grace)
        elif self.is_out_of_time(now):
            self.begin_end("limit", f"the script was ended at its limit of {duration(self.limit)}", self.grace)
        else:
            breach = self.limits.look(now)
            if breach is not None:
                self.begin_end(breach.end, breach.message, grace=0.0)

    def begin_end_of_exited(self) -> None:
        breach = self.limits.look_at_groups()
        if breach is None:
            self.begin_end("exit", "", self.grace)
        else:
            self.begin_end(breach.end, breach.message, grace=0.0)

    def is_out_of_time(self, now: float) -> bool:
        """The clock of the machine is looked at as well: a machine may have slept."""
        return now >= self.started_at + self.limit or (self.end_before is not None and time.time() >= self.end_before)

    def begin_end(self, end: str, message: str, grace: float) -> None:
        self.end, self.message = end, message
        self.kill_at = time.monotonic() + grace

    def end_processes(self) -> None:
        if time.monotonic() >= self.kill_at:
            self.limits.forbid_forks()
            kill_all(self.processes)
            return
        found = set(self.processes())
        ask_to_end(sorted(found - self.asked))
        self.asked |= found

    def drain(self) -> None:
        """A process that could not be found may hold the pipe open for good, so its end is waited for only so long."""
        until = time.monotonic() + DRAIN_SECONDS
        is_open = True
        while is_open and time.monotonic() < until:
            ready, _, _ = select.select([self.guard.output], [], [], 0.1)
            is_open = not ready or self.read(self.guard.output)
        self.recorder.close()

    def settle(self) -> None:
        if self.end == "exit" and self.failure is not None:
            self.end, self.message = "not_started", f"{self.launch.command[0]} could not be started: {self.failure}"
