"""What only the operating system can do, and what it does not do everywhere."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable

from .files import read_text, write_number

LINUX = sys.platform == "linux"

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def command_output(*command: str) -> str:
    """What a program prints; empty when there is none such or it fails."""
    import subprocess

    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    try:
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def own_identity() -> dict[str, object]:
    """In the form of src/sandbox/process-identity.ts."""
    pid = os.getpid()
    if LINUX:
        start = read_text("/proc/self/stat").rpartition(")")[2].split()[19]
        boot = read_text("/proc/sys/kernel/random/boot_id")
    else:
        start = command_output("ps", "-o", "lstart=", "-p", str(pid))
        boot = command_output("sysctl", "-n", "kern.bootsessionuuid")
    return {"pid": pid, "startTime": start.strip(), "bootId": boot.strip()}


def prctl(option: int, value: int) -> None:
    """Does nothing where it cannot: then orphans get away (`processes.descendants`), or survive a killed guard."""
    if not LINUX:
        return
    try:
        import ctypes
    except ImportError:
        return
    ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def adopt_orphans() -> None:
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def set_oom_score(score: int) -> None:
    """Lowering it takes privileges; without them the script's higher score has to do."""
    try:
        write_number("/proc/self/oom_score_adj", score)
    except OSError:
        pass


def memory_kills() -> int:
    """How often the kernel has ended a process of this machine for lack of memory, as far as it says."""
    found = re.search(r"^oom_kill (\d+)$", read_text("/proc/vmstat"), re.MULTILINE)
    return int(found[1]) if found else 0


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def ignore(*_: object) -> None:
    """A handler of signals that, unlike SIG_IGN, lets children be waited for and wakes who waits for events."""


def make_wakeup() -> int:
    """A descriptor that becomes readable when a signal with a handler arrives."""
    wakeup, wakeup_end = os.pipe()
    for end in (wakeup, wakeup_end):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakeup_end, warn_on_full_buffer=False)
    return wakeup


def reap(on_end: Callable[[int, int], None]) -> bool:
    """Takes pid and exit status of children that have ended; whether any child is left."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True
        on_end(pid, status)
