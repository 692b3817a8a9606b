"""Groups of the kernel's own, which hold memory or the number of processes of a script as a whole."""

from __future__ import annotations

import os
import re
import time

from . import system
from .files import read_text, write_number

# How long a group whose last process has just ended may still be in use.
REMOVE_SECONDS = 0.5


class ControlGroup:
    def __init__(self, controller: str, directory: str, unified: bool) -> None:
        self.directory = directory
        self.in_use = "anon|shmem" if unified else "total_rss|total_shmem"
        if controller == "pids":
            self.limit_file, self.events, self.event = "pids.max", "pids.events", "max"
        elif unified:
            self.limit_file, self.events, self.event = "memory.max", "memory.events", "oom_kill"
        else:
            self.limit_file, self.events, self.event = "memory.limit_in_bytes", "memory.oom_control", "oom_kill"

    def set_limit(self, limit: int) -> None:
        """Memory is to include what is swapped out, where the kernel counts that."""
        self.write(self.limit_file, limit)
        for name, value in (("memory.swap.max", 0), ("memory.memsw.limit_in_bytes", limit)):
            if os.path.exists(os.path.join(self.directory, name)):
                self.write(name, value)

    def write(self, name: str, value: int) -> None:
        write_number(os.path.join(self.directory, name), value)

    def join(self) -> None:
        self.write("cgroup.procs", 0)

    def can_be_joined(self) -> bool:
        """In the unified hierarchy that takes rights beyond those to make it."""
        child = os.fork()
        if child == 0:
            try:
                self.join()
                os._exit(0)
            except OSError:
                os._exit(1)
        return os.waitpid(child, 0)[1] == 0

    def times_reached(self) -> int:
        """How often the kernel has refused something, or ended a process, at the limit."""
        found = re.search(rf"^{self.event} (\d+)$", read_text(os.path.join(self.directory, self.events)), re.MULTILINE)
        return int(found[1]) if found else 0

    def used_bytes(self) -> int:
        """Memory without the cache of files, which gives way by itself."""
        text = read_text(os.path.join(self.directory, "memory.stat"))
        return sum(int(value) for value in re.findall(rf"^(?:{self.in_use}) (\d+)$", text, re.MULTILINE))

    def forbid_forks(self) -> None:
        try:
            self.write("pids.max", 0)
        except OSError:
            pass

    def remove(self) -> None:
        until = time.monotonic() + REMOVE_SECONDS
        while time.monotonic() < until:
            try:
                os.rmdir(self.directory)
                return
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.01)


def make_control_group(controller: str, limit: float | None) -> ControlGroup | None:
    """None where this process may make none, as most ordinary users."""
    if not system.LINUX or limit is None:
        return None
    for parent, unified in group_parents(controller):
        remove_stale_groups(parent)
        group = ControlGroup(controller, os.path.join(parent, f"coppice-{os.getpid()}"), unified)
        try:
            os.makedirs(group.directory, exist_ok=True)
            group.set_limit(int(limit))
            if not unified or group.can_be_joined():
                return group
        except OSError:
            pass
        group.remove()
    return None


def group_parents(controller: str) -> list[tuple[str, bool]]:
    """Where a group may be made, and whether in the unified hierarchy: below the own one, else beside it."""
    parents = []
    for line in read_text("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        unified = controllers == ""
        if not unified and controller not in controllers.split(","):
            continue
        for mount in group_mounts(controller, unified):
            own = os.path.normpath(mount + path)
            places = [own, os.path.dirname(own)] if unified and own != mount else [own, mount]
            parents += [(place, unified) for place in places if os.path.isdir(place)]
    return [place for place in parents if not place[1] or hands_on(place[0], controller)]


def group_mounts(controller: str, unified: bool) -> list[str]:
    mounts = [line.split() for line in read_text("/proc/self/mounts").splitlines()]
    if unified:
        return [fields[1] for fields in mounts if fields[2] == "cgroup2"]
    return [fields[1] for fields in mounts if fields[2] == "cgroup" and controller in fields[3].split(",")]


def hands_on(parent: str, controller: str) -> bool:
    """Whether groups below have the controller; sees to it where that is allowed."""
    if controller not in read_text(os.path.join(parent, "cgroup.controllers")).split():
        return False
    handed_on = os.path.join(parent, "cgroup.subtree_control")
    if controller not in read_text(handed_on).split():
        try:
            with open(handed_on, "w", encoding="ascii") as file:
                file.write(f"+{controller}")
        except OSError:
            return False
    return True


def remove_stale_groups(parent: str) -> None:
    """Groups of supervisors that were killed together with their guards."""
    for name in os.listdir(parent):
        owner = re.fullmatch(r"coppice-(\d+)", name)
        if owner and not os.path.exists(f"/proc/{owner[1]}"):
            try:
                os.rmdir(os.path.join(parent, name))
            except OSError:
                pass
