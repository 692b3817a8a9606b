"""What is kept of a script's output."""

from __future__ import annotations

import os

from .files import remove_file
from .lines import LineCutter, ResultLines

HEAD_BYTES = 256 * 1024
TAIL_BYTES = 640 * 1024
TOLD_TAIL_BYTES = 16 * 1024

# How long output may be missing from the file.
FLUSH_SECONDS = 0.5


class Recorder:
    """Takes output of any size and keeps head, tail and result lines in a file of at most a MiB, readable any time."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.head = bytearray()
        self.tail = bytearray()
        self.cutter = LineCutter()
        self.results = ResultLines()
        self.received = 0
        self.kept = 0
        self.flushed = 0
        self.whole_file = True
        self.next_flush = 0.0

    def write(self, chunk: bytes) -> None:
        self.received += len(chunk)
        kept = self.cutter.push(chunk)
        self.results.push(kept, self.kept)
        self.kept += len(kept)
        room = HEAD_BYTES - len(self.head)
        self.head += kept[:room]
        self.tail += kept[room:]
        if len(self.tail) > 2 * TAIL_BYTES:
            del self.tail[:-TAIL_BYTES]

    def close(self) -> None:
        """Takes a last line without a line break into account."""
        self.results.close(self.kept)

    def result_lines(self) -> list[str]:
        return [text for _, text in self.results.lines]

    def left_out(self) -> int:
        return max(0, self.kept - len(self.head) - TAIL_BYTES)

    def told_tail(self) -> str:
        """The end of the output."""
        whole = self.tail if self.left_out() > 0 else self.head + self.tail
        return bytes(whole[-TOLD_TAIL_BYTES:]).decode("utf-8", "replace")

    def flush_when_due(self, now: float) -> None:
        """A file that cannot be written now (no room, say) is tried again later; the script goes on."""
        if now < self.next_flush or self.flushed == self.kept:
            return
        self.next_flush = now + FLUSH_SECONDS
        try:
            self.flush()
        except OSError:
            self.whole_file = True

    def flush(self) -> None:
        content = self.compose()
        if self.whole_file or self.left_out() > 0:
            self.replace_file(content)
        else:
            with open(self.path, "ab", buffering=0) as file:
                file.write(content[self.flushed :])
        self.flushed = self.kept

    def write_whole(self) -> None:
        """The script may have had its way with the file."""
        self.whole_file = True
        self.flush()

    def replace_file(self, content: bytes) -> None:
        try:
            with open(self.path + ".next", "wb") as file:
                file.write(content)
            os.replace(self.path + ".next", self.path)
        except OSError:
            remove_file(self.path + ".next")
            raise
        self.whole_file = False

    def compose(self) -> bytes:
        left_out = self.left_out()
        if left_out == 0:
            return bytes(self.head + self.tail)
        end = self.kept - TAIL_BYTES
        between = [text for offset, text in self.results.lines if HEAD_BYTES <= offset < end]
        note = [
            "",
            f"[coppice: {left_out} bytes of output left out here{'; result lines among them:' if between else ''}]",
            *between,
            "[coppice: the end of the output follows]",
            "",
        ]
        return bytes(self.head) + "\n".join(note).encode() + bytes(self.tail[-TAIL_BYTES:])
