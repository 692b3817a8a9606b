"""For each point on standard input, the number of the point nearest to it: every pair is looked at."""

import sys

points = [tuple(map(float, line.split())) for line in sys.stdin]
for i, (x, y) in enumerate(points):
    nearest, least = -1, float("inf")
    for j, (u, v) in enumerate(points):
        distance = (x - u) ** 2 + (y - v) ** 2
        if j != i and distance < least:
            nearest, least = j, distance
    print(nearest)
