"""Reading, writing and locking files."""

from __future__ import annotations

import fcntl
import json
import os


def read_text(path: str) -> str:
    """The file's text; empty when it cannot be read, as with a process that ended meanwhile."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def write_json(path: str, value: object, durably: bool = False) -> None:
    """Writes so that a reader sees the whole file or none."""
    with open(path + ".next", "w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        if durably:
            os.fsync(file.fileno())
    os.replace(path + ".next", path)


def write_number(path: str, value: int) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


def remove_file(path: str) -> None:
    """A file that is not there or cannot be removed is left as it is."""
    try:
        os.unlink(path)
    except OSError:
        pass


def lock_file(path: str) -> int | None:
    """An open file that is locked for this process and those it forks; None when another holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return descriptor
    except BlockingIOError:
        os.close(descriptor)
        return None


def close_inherited_files() -> None:
    """Whoever started this may have left open what is neither its nor its script's business."""
    try:
        descriptors = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        return
    for descriptor in descriptors:
        if descriptor > 2:
            try:
                os.close(descriptor)
            except OSError:
                pass
