"""What a script may use besides time: memory, processes and disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from . import system
from .control_groups import ControlGroup, make_control_group
from .disk import DiskWatch
from .processes import linux_table, proportional_bytes, resident_bytes, thread_count
from .words import byte_size

# Seconds between two looks, and how much of one processor looking may take; more where the limit may be reached.
LOOK_SECONDS = 0.05
LOOK_SHARE = 0.05
EXACT_SHARE = 0.2

# Room for what else may start as the same user while a script runs.
SPARE_PROCESSES = 256


class Breach:
    """A limit that was reached: `memory`, `processes` or `disk`, and how, in one sentence."""

    def __init__(self, end: str, message: str) -> None:
        self.end = end
        self.message = message


class Limits:
    """Holds them by the kernel's groups where this machine allows it, else by looking again and again."""

    def __init__(self, spec: dict, find_processes: Callable[[], list[int]]) -> None:
        self.memory_limit = spec["memoryBytes"]
        self.process_limit = spec["processes"]
        self.disk_limit = spec["diskBytes"]
        self.find_processes = find_processes
        self.memory_group = make_control_group("memory", self.memory_limit)
        self.process_group = make_control_group("pids", self.process_limit)
        self.user_limit = None if self.process_group else user_process_limit(spec)
        self.disk = DiskWatch(spec["directory"], find_processes)
        self.peak_memory = 0
        self.next_look = 0.0
        self.next_exact = 0.0

    def groups(self) -> list[ControlGroup]:
        return [group for group in (self.memory_group, self.process_group) if group is not None]

    def memory_by(self) -> str:
        if self.memory_limit is None:
            return "none"
        return "cgroup" if self.memory_group else "polling"

    def look(self, now: float) -> Breach | None:
        """The limit that has been reached, looked for only when it is time again."""
        if now < self.next_look:
            return None
        pids = [] if self.memory_group and self.process_group else self.find_processes()
        breach = self.look_at_memory(pids, now) or self.look_at_processes(pids)
        self.next_look = now + max(LOOK_SECONDS, (time.monotonic() - now) / LOOK_SHARE)
        return breach or self.look_at_disk(now)

    def look_at_memory(self, pids: list[int], now: float) -> Breach | None:
        if self.memory_group is not None:
            self.peak_memory = max(self.peak_memory, self.memory_group.used_bytes())
            return self.look_at_memory_group()
        used = sum(resident_bytes(pid) for pid in pids)
        if used > self.peak_memory and len(pids) > 1:
            used = self.exact_memory(pids, now, EXACT_SHARE if self.is_too_much(used) else LOOK_SHARE)
        self.peak_memory = max(self.peak_memory, used)
        if not self.is_too_much(used):
            return None
        limit = byte_size(self.memory_limit)
        return Breach("memory", f"the script used {byte_size(used)} of memory, more than its limit of {limit}")

    def exact_memory(self, pids: list[int], now: float, share: float) -> int:
        """What processes share counted once; 0 when it was looked for just now."""
        if now < self.next_exact:
            return 0
        used = sum(proportional_bytes(pid) for pid in pids)
        self.next_exact = now + (time.monotonic() - now) / share
        return used

    def is_too_much(self, used: int) -> bool:
        return self.memory_limit is not None and used > self.memory_limit

    def look_at_groups(self) -> Breach | None:
        """What the kernel did counts also when the script is over before it is noticed."""
        if self.process_group is None:
            return self.look_at_memory_group()
        return self.look_at_memory_group() or self.look_at_processes([])

    def look_at_memory_group(self) -> Breach | None:
        if self.memory_group is None or self.memory_group.times_reached() == 0:
            return None
        self.peak_memory = max(self.peak_memory, int(self.memory_limit))
        return Breach("memory", f"the script reached its memory limit of {byte_size(self.memory_limit)}")

    def look_at_processes(self, pids: list[int]) -> Breach | None:
        if self.process_limit is None:
            return None
        limit = f"limit of {self.process_limit} processes and threads"
        if self.process_group is not None:
            reached = self.process_group.times_reached() > 0
            return Breach("processes", f"the script reached its {limit}") if reached else None
        count = sum(thread_count(pid) for pid in pids)
        if count <= self.process_limit:
            return None
        return Breach("processes", f"the script had {count} processes and threads, more than its {limit}")

    def look_at_disk(self, now: float) -> Breach | None:
        if self.disk_limit is None:
            return None
        used = self.disk.look(now)
        if used <= self.disk_limit:
            return None
        limit = byte_size(self.disk_limit)
        return Breach("disk", f"the script filled {byte_size(used)} of disk, more than its limit of {limit}")

    def forbid_forks(self) -> None:
        if self.process_group is not None:
            self.process_group.forbid_forks()


def user_process_limit(spec: dict) -> int | None:
    """
    A bound for the kernel to hold where nothing better does. It counts everything that runs as the same user, so it
    leaves room for that and for as many scripts as there are slots. Root knows no such bound.
    """
    if not system.LINUX or spec["processes"] is None or os.getuid() == 0:
        return None
    running = sum(thread_count(pid) for pid, _, _ in linux_table() if is_own(pid))
    return running + spec["processes"] * spec["leases"]["slots"] + SPARE_PROCESSES


def is_own(pid: int) -> bool:
    try:
        return os.stat(f"/proc/{pid}").st_uid == os.getuid()
    except OSError:
        return False
