"""The processes of a script: finding, measuring and ending them."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterable

from . import system
from .files import read_text

# Rounds of stopping what has appeared since the last one, before killing starts all the same.
STOP_ROUNDS = 20


def descendants(root: int, group: int | None) -> list[int]:
    """Every process below `root`. Where orphans cannot be adopted, also the members of the script's group."""
    if children_are_listed():
        return below(root, listed_children)
    table = linux_table() if system.LINUX else portable_table()
    by_parent: dict[int, list[int]] = {}
    for pid, parent, _ in table:
        by_parent.setdefault(parent, []).append(pid)
    found = below(root, lambda pid: by_parent.get(pid, []))
    if not system.LINUX:
        found += [pid for pid, _, its_group in table if its_group == group and pid not in found]
    return found


def below(root: int, children_of: Callable[[int], Iterable[int]]) -> list[int]:
    found: list[int] = []
    unseen = [root]
    while unseen:
        for pid in children_of(unseen.pop()):
            found.append(pid)
            unseen.append(pid)
    return found


def children_are_listed() -> bool:
    """Most kernels list them, which spares looking at every process of the machine."""
    return os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def listed_children(pid: int) -> list[int]:
    tasks = f"/proc/{pid}/task"
    try:
        return [int(child) for task in os.listdir(tasks) for child in read_text(f"{tasks}/{task}/children").split()]
    except OSError:
        return []


def linux_table() -> list[tuple[int, int, int]]:
    """Pid, parent and group of every process."""
    table = []
    for name in os.listdir("/proc"):
        fields = read_text(f"/proc/{name}/stat").rpartition(")")[2].split() if name.isdigit() else []
        if len(fields) > 2:
            table.append((int(name), int(fields[1]), int(fields[2])))
    return table


def portable_table() -> list[tuple[int, int, int]]:
    """The same where only `ps` knows; without itself, and without those that only wait to be reaped."""
    output = system.command_output("/bin/sh", "-c", "echo $$; exec ps -A -o pid=,ppid=,pgid=,stat=")
    itself, *lines = output.splitlines() or [""]
    table = [line.split() for line in lines]
    return [
        (int(fields[0]), int(fields[1]), int(fields[2]))
        for fields in table
        if len(fields) > 3 and fields[0] != itself and fields[3][0] != "Z"
    ]


def thread_count(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0 if system.LINUX else 1


def resident_bytes(pid: int) -> int:
    if not system.LINUX:
        return 1024 * int(system.command_output("ps", "-o", "rss=", "-p", str(pid)).strip() or 0)
    fields = read_text(f"/proc/{pid}/statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 1 else 0


def proportional_bytes(pid: int) -> int:
    """Resident memory in which a page that several processes share counts once among them; dear to find out."""
    found = re.search(r"^Pss:\s+(\d+) kB", read_text(f"/proc/{pid}/smaps_rollup"), re.MULTILINE)
    return int(found[1]) * 1024 if found else resident_bytes(pid)


def process_space(pid: int) -> int:
    """Names the process space (pid namespace) that a process lives in; 0 when it cannot be known."""
    try:
        return os.stat(f"/proc/{pid}/ns/pid").st_ino
    except OSError:
        return 0


def ask_to_end(pids: Iterable[int]) -> None:
    """The launcher of a process space of its own is spared: it would take the script along without any grace."""
    asked = list(pids)
    own = process_space(os.getpid())
    inside = [pid for pid in asked if process_space(pid) not in (own, 0)]
    for pid in inside or asked:
        system.send(pid, signal.SIGTERM)
        system.send(pid, signal.SIGCONT)


def kill_all(find: Callable[[], Iterable[int]]) -> None:
    """Stops everything before it kills anything, so that what multiplies has nothing left to do it with."""
    stopped: set[int] = set()
    for _ in range(STOP_ROUNDS):
        fresh = set(find()) - stopped
        if not fresh:
            break
        for pid in fresh:
            system.send(pid, signal.SIGSTOP)
        stopped |= fresh
    for pid in stopped:
        kill_with_group(pid)


def kill_with_group(pid: int) -> None:
    """No member of a group escapes a signal to the group by forking meanwhile."""
    try:
        group = os.getpgid(pid)
        if group != os.getpgrp():
            os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    system.send(pid, signal.SIGKILL)
