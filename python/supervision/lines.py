"""Lines of a script's output: overlong ones are cut, those that report a score are picked out."""

from __future__ import annotations

import re

MAXIMUM_LINE_BYTES = 10_000

# Lines that report a score, as src/domain/reported-metric.ts reads them: how many of the last are kept, the length
# beyond which a line is none, and a part of each, searched for before any line is looked at.
MAXIMUM_RESULT_LINES = 100
MAXIMUM_RESULT_LINE_BYTES = 300
RESULT_MARK = b"etric"
RESULT_LINE = re.compile(
    r"\s*(?:validation\s+)?metric(?:\s*\([^)]{0,80}\))?\s*[:=]\s*"
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|nan|inf(?:inity)?)\s*",
    re.IGNORECASE,
)


def first_break(data: bytes, start: int = 0) -> int:
    """Index of the first line feed or carriage return, as progress bars use it, or -1."""
    feed = data.find(b"\n", start)
    carriage = data.find(b"\r", start, len(data) if feed == -1 else feed)
    return feed if carriage == -1 else carriage


def last_break(data: bytes, end: int) -> int:
    feed = data.rfind(b"\n", 0, end)
    carriage = data.rfind(b"\r", feed + 1, end)
    return feed if carriage == -1 else carriage


class LineCutter:
    """Cuts overlong lines out of a stream, in steps of a whole line limit, so that a gigabyte passes quickly."""

    def __init__(self) -> None:
        self.line_bytes = 0
        self.cut_bytes = 0

    def push(self, chunk: bytes) -> bytes:
        kept: list[bytes] = []
        position = 0
        while position < len(chunk):
            keeps = self.line_bytes < MAXIMUM_LINE_BYTES
            position = self.keep(chunk, position, kept) if keeps else self.skip(chunk, position, kept)
        return b"".join(kept)

    def keep(self, chunk: bytes, start: int, kept: list[bytes]) -> int:
        limit = min(len(chunk), start + MAXIMUM_LINE_BYTES - self.line_bytes)
        window = chunk[start:limit]
        found = last_break(window, len(window))
        if found == -1:
            kept.append(window)
            self.line_bytes += len(window)
            return limit
        kept.append(window[: found + 1])
        self.line_bytes = 0
        return start + found + 1

    def skip(self, chunk: bytes, start: int, kept: list[bytes]) -> int:
        found = first_break(chunk, start)
        if found == -1:
            self.cut_bytes += len(chunk) - start
            return len(chunk)
        self.cut_bytes += found - start
        if self.cut_bytes > 0:
            kept.append(b" [line cut: %d bytes left out]" % self.cut_bytes)
        self.line_bytes = 0
        self.cut_bytes = 0
        return found


class ResultLines:
    """Picks the lines that report a score out of a stream of bytes, whatever else is in it."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []
        self.open = b""

    def push(self, piece: bytes, offset: int) -> None:
        first = first_break(piece)
        if first == -1:
            self.extend(piece)
            return
        self.extend(piece[:first])
        self.close(offset)
        last = last_break(piece, len(piece))
        self.add([(offset + start, text) for start, text in last_result_lines(piece, first, last + 1)])
        self.extend(piece[last + 1 :])

    def close(self, offset: int) -> None:
        """Takes the line that has come so far as a whole one."""
        text = result_line(self.open)
        if text is not None:
            self.add([(offset, text)])
        self.open = b""

    def extend(self, piece: bytes) -> None:
        if len(self.open) <= MAXIMUM_RESULT_LINE_BYTES:
            self.open += piece[: MAXIMUM_RESULT_LINE_BYTES + 1]

    def add(self, lines: list[tuple[int, str]]) -> None:
        self.lines = (self.lines + lines)[-MAXIMUM_RESULT_LINES:]


def last_result_lines(piece: bytes, start: int, end: int) -> list[tuple[int, str]]:
    """The last of them among whole lines, in their order; searched backwards to stay bounded."""
    found: list[tuple[int, str]] = []
    for _ in range(MAXIMUM_RESULT_LINES):
        mark = piece.rfind(RESULT_MARK, start, end)
        if mark == -1:
            break
        line_start = last_break(piece, mark) + 1
        text = result_line(piece[line_start : first_break(piece, mark)])
        if text is not None:
            found.append((line_start, text))
        end = line_start
    return found[::-1]


def result_line(line: bytes) -> str | None:
    if len(line) > MAXIMUM_RESULT_LINE_BYTES:
        return None
    text = line.decode("utf-8", "replace")
    return text.strip() if RESULT_LINE.fullmatch(text) else None
