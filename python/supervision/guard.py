"""The process between supervisor and script, which ends what is left when the supervisor is killed."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys
import time

from . import system
from .launch import Launch, become_script
from .processes import descendants, kill_all

# A script may freeze its guard or its supervisor, which therefore wake each other.
THAW_SECONDS = 1.0

# Pause between two rounds of killing.
KILL_SECONDS = 0.02

OUTPUT_PIPE_BYTES = 1024 * 1024


class Guard:
    """The supervisor's end of its guard: it reads output and reports, and has the guard end by closing `control`."""

    def __init__(self, launch: Launch) -> None:
        output, output_end = os.pipe()
        widen(output)
        reports, report_end = os.pipe()
        control_end, control = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            for end in (output, reports, control):
                os.close(end)
            live(launch, output_end, report_end, control_end)
        for end in (output_end, report_end, control_end):
            os.close(end)
        for end in (output, reports):
            os.set_blocking(end, False)
        self.output = output
        self.reports = reports
        self.control = control


def widen(pipe: int) -> None:
    """A gigabyte passes faster; how wide a pipe may be is up to the system."""
    if system.LINUX:
        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, OUTPUT_PIPE_BYTES)
        except OSError:
            pass


def live(launch: Launch, output: int, reports: int, control: int) -> None:
    """The whole life of the guard's process; never returns."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        system.adopt_orphans()
        wakeup = system.make_wakeup()
        guard = os.getpid()
        script = os.fork()
        if script == 0:
            become_script(launch, output, reports, guard)
        os.close(output)
        os.write(reports, b"pid %d\n" % script)
        report_until_released(script, reports, control, wakeup)
        while system.reap(system.ignore):
            kill_all(lambda: descendants(guard, script))
            time.sleep(KILL_SECONDS)
        for group in launch.groups:
            group.remove()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(0)


def report_until_released(script: int, reports: int, control: int, wakeup: int) -> None:
    """
    Reports how the script ended, and when nothing is left of it. Returns once the supervisor has closed the control
    pipe, or is gone.
    """

    def report_end(pid: int, status: int) -> None:
        if pid == script:
            os.write(reports, b"exit %d\n" % status)

    has_children = True
    while True:
        ready, _, _ = select.select([control, wakeup], [], [], THAW_SECONDS)
        if control in ready:
            return
        system.send(os.getppid(), signal.SIGCONT)
        if wakeup in ready:
            os.read(wakeup, 4096)
        if has_children and not system.reap(report_end):
            has_children = False
            os.write(reports, b"empty\n")
