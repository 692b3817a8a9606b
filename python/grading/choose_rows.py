"""Which rows are withheld: pure functions from labels and keys to two disjoint sets of row numbers."""

import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from refusals import Refused
from tables import as_number

Item = TypeVar("Item")


@dataclass(frozen=True)
class Parts:
    """Row numbers, ascending: those that steer the search and those of the final selection."""

    search: list[int]
    selection: list[int]


@dataclass(frozen=True)
class Size:
    """How many rows each part gets: a share of all, and never more than `most`."""

    share: float
    most: int

    def of(self, rows: int) -> int:
        return min(self.most, round(self.share * rows))


def random_parts(rows: list[int], size: Size, random: Random) -> Parts:
    count = size.of(len(rows))
    order = shuffled(rows, random)
    return Parts(sorted(order[:count]), sorted(order[count : 2 * count]))


def stratified_parts(rows: list[int], classes: list[str], size: Size, random: Random) -> Parts:
    """Every class in the same proportion; classes of one or two rows are only for training."""
    counts = Counter(classes[row] for row in rows)
    common = [row for row in rows if counts[classes[row]] > 2]
    # Evenly spaced draws from rows sorted by class: as proportional as whole rows allow, also for many small classes.
    order = sorted(shuffled(common, random), key=lambda row: classes[row])
    step = size.of(len(common)) / max(1, len(common))
    offset = random.random()
    search = [row for at, row in enumerate(order) if _crosses(at, step, offset)]
    selection = [row for at, row in enumerate(order) if _crosses(at, step, offset + 0.5)]
    return Parts(sorted(search), sorted(selection))


def group_parts(rows: list[int], groups: list[str], size: Size, random: Random) -> Parts:
    """Whole groups, so that no group is on two sides."""
    members: dict[str, list[int]] = {}
    for row in rows:
        members.setdefault(groups[row], []).append(row)
    wanted = size.of(len(rows))
    search: list[int] = []
    selection: list[int] = []
    for group in shuffled(sorted(members), random):
        part = min((search, selection), key=len)
        if len(part) < wanted and len(part) + len(members[group]) <= 1.25 * wanted:
            part.extend(members[group])
    if min(len(search), len(selection)) < 0.5 * wanted:
        raise Refused(f"its {len(members)} groups are too few or too unequal to be divided")
    return Parts(sorted(search), sorted(selection))


def time_parts(rows: list[int], times: list[str], size: Size) -> Parts:
    """The last rows select, those before them steer; rows of one moment stay together."""
    moment = _reader_of_times([times[row] for row in rows])
    ordered = sorted(rows, key=lambda row: (moment(times[row]), row))
    keys = [moment(times[row]) for row in ordered]
    wanted = size.of(len(ordered))
    last = _boundary(keys, len(keys) - wanted)
    first = _boundary(keys, last - wanted)
    hidden = len(keys) - first
    if not 0 < first < last < len(keys) or hidden > 4 * wanted:
        raise Refused("too many of its rows share one moment to be divided by time")
    return Parts(sorted(ordered[first:last]), sorted(ordered[last:]))


def shuffled(items: list[Item], random: Random) -> list[Item]:
    # Only `random()` is promised to give the same numbers in every version of Python.
    keys = [random.random() for _ in items]
    return [items[at] for at in sorted(range(len(items)), key=keys.__getitem__)]


def _crosses(at: int, step: float, offset: float) -> bool:
    return int((at + 1) * step + offset) > int(at * step + offset)


def _boundary(keys: list[float], at: int) -> int:
    """The nearest place at or before `at` where a new moment begins."""
    while 0 < at < len(keys) and keys[at] == keys[at - 1]:
        at -= 1
    return at


def _reader_of_times(texts: list[str]) -> Callable[[str], float]:
    for reader in (as_number, _as_date):
        if all(reader(text.strip()) is not None for text in texts):
            return lambda text: reader(text.strip()) or 0.0
    raise Refused("the column of times holds neither numbers only nor dates as 2026-01-31 or 2026-01-31T12:00:00")


def _as_date(text: str) -> float | None:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.timestamp()
