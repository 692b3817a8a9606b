"""How much disk a script fills."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator

# Pause between two walks, and how long one look at the disk may keep the supervisor from its other work.
WALK_SECONDS = 1.0
SLICE_SECONDS = 0.01


class DiskWatch:
    """Adds up what lies below a directory, a little at a time, over and over."""

    def __init__(self, directory: str, find_processes: Callable[[], Iterable[int]]) -> None:
        self.directory = directory
        self.find_processes = find_processes
        self.walk = self.sizes()
        self.sum = 0
        self.used = 0
        self.next_walk = 0.0

    def look(self, now: float) -> int:
        """Bytes used as of the last complete walk, or more when the present one has found more already."""
        if now >= self.next_walk:
            self.go_on()
        return max(self.used, self.sum)

    def go_on(self) -> None:
        until = time.monotonic() + SLICE_SECONDS
        while time.monotonic() < until:
            size = next(self.walk, None)
            if size is None:
                self.used, self.sum, self.walk = self.sum, 0, self.sizes()
                self.next_walk = time.monotonic() + WALK_SECONDS
                return
            self.sum += size

    def sizes(self) -> Iterator[int]:
        """Sizes on the disk; a file with several names counts once, and one without a name as long as it is open."""
        seen: set[tuple[int, int]] = set()
        device = None
        for status in statuses_below(self.directory):
            device = status.st_dev
            is_new = status.st_nlink == 1 or (status.st_dev, status.st_ino) not in seen
            if status.st_nlink > 1:
                seen.add((status.st_dev, status.st_ino))
            yield status.st_blocks * 512 if is_new else 0
        for pid in self.find_processes():
            for status in open_files(pid):
                is_new = status.st_nlink == 0 and (status.st_dev, status.st_ino) not in seen
                seen.add((status.st_dev, status.st_ino))
                yield status.st_blocks * 512 if is_new and status.st_dev == device else 0


def statuses_below(directory: str) -> Iterator[os.stat_result]:
    """Of everything below, links not followed; what vanishes meanwhile is left out."""
    unseen = [directory]
    while unseen:
        try:
            entries = os.scandir(unseen.pop())
        except OSError:
            continue
        with entries:
            for entry in entries:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        unseen.append(entry.path)
                    yield entry.stat(follow_symlinks=False)
                except OSError:
                    continue


def open_files(pid: int) -> Iterator[os.stat_result]:
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for name in names:
        try:
            yield os.stat(f"/proc/{pid}/fd/{name}")
        except OSError:
            continue
