"""Scores `solution.py`: seconds for the nearest neighbours of 2,000 points, if all its answers are right.

The program runs as a process of its own, so that nothing it prints is taken for the score. The points are new in every
evaluation: no answer can be known beforehand. Seconds are those of the processor, which other programs on the machine
change far less than those of the clock.
"""

import json
import random
import resource
import subprocess
import sys
from collections import defaultdict

POINTS = 2000
RUNS = 3
LIMIT_SECONDS = 60.0

Point = tuple[float, float]


def uniform(count: int, draws: random.Random) -> list[Point]:
    return [(draws.random(), draws.random()) for _ in range(count)]


def clustered(count: int, draws: random.Random) -> list[Point]:
    """Dense here and empty there, which a program made for even points alone does not stand."""
    centres = uniform(5, draws)
    return [(draws.gauss(x, 0.02), draws.gauss(y, 0.02)) for x, y in draws.choices(centres, k=count)]


def squared(one: Point, other: Point) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def least_distances(points: list[Point]) -> list[float]:
    """Of each point the squared distance to its nearest neighbour, found ring by ring in a grid of cells."""
    width = max(max(axis) - min(axis) for axis in zip(*points)) / len(points) ** 0.5
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, (x, y) in enumerate(points):
        cells[int(x // width), int(y // width)].append(index)

    def ring(column: int, row: int, radius: int) -> list[int]:
        around = range(-radius, radius + 1)
        edge = [(a, b) for a in around for b in around if max(abs(a), abs(b)) == radius]
        return [index for a, b in edge for index in cells.get((column + a, row + b), [])]

    distances = []
    for index, point in enumerate(points):
        column, row = int(point[0] // width), int(point[1] // width)
        least, radius = float("inf"), 0
        # What lies beyond the rings looked at is at least so many widths away.
        while least > (max(0, radius - 1) * width) ** 2:
            for other in ring(column, row, radius):
                if other != index:
                    least = min(least, squared(point, points[other]))
            radius += 1
        distances.append(least)
    return distances


def processor_seconds() -> float:
    """Of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(points: list[Point]) -> tuple[list[str], float]:
    text = "".join(f"{x!r} {y!r}\n" for x, y in points)
    before = processor_seconds()
    try:
        done = subprocess.run(
            [sys.executable, "solution.py"], input=text, capture_output=True, text=True, timeout=LIMIT_SECONDS
        )
    except subprocess.TimeoutExpired:
        sys.exit(f"solution.py took longer than {LIMIT_SECONDS:.0f} s for {len(points)} points")
    seconds = processor_seconds() - before
    if done.returncode != 0:
        sys.exit(f"solution.py ended with status {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout.split(), seconds


def check(points: list[Point], answers: list[str]) -> None:
    """Any of several nearest points will do: distances are compared, not numbers."""
    if len(answers) != len(points):
        sys.exit(f"solution.py printed {len(answers)} numbers for {len(points)} points")
    for index, (answer, least) in enumerate(zip(answers, least_distances(points))):
        if not answer.isdigit() or int(answer) >= len(points) or int(answer) == index:
            sys.exit(f"for point {index} solution.py printed {answer[:40]!r}, which is the number of no other point")
        found = squared(points[index], points[int(answer)])
        if found > least * (1 + 1e-9):
            sys.exit(f"for point {index} solution.py found one at squared distance {found}; there is one at {least}")


def main() -> None:
    draws = random.Random()
    for shape in (uniform, clustered):
        points = shape(200, draws)
        check(points, run(points)[0])
    best = float("inf")
    for turn in range(RUNS):
        points = (uniform, clustered)[turn % 2](POINTS, draws)
        answers, seconds = run(points)
        check(points, answers)
        best = min(best, seconds)
    print(json.dumps({"score": round(best, 4)}))


if __name__ == "__main__":
    main()
