"""How far a score would move with other rows of the same kind."""

import time
from collections.abc import Callable

import numpy as np

DRAWS = 200

# Fewer than this say nothing; a score that takes long gets no more.
FEWEST_DRAWS = 50

MOST_SECONDS = 20.0


def standard_error_of_mean(losses: np.ndarray, of_mean: Callable[[np.ndarray], np.ndarray], seed: int) -> float | None:
    """For a score that is a function of the mean of one number for each row; all draws at once."""
    random = np.random.RandomState(seed)
    means = np.array([losses[_draw(random, len(losses))].mean() for _ in range(DRAWS)])
    return _spread(of_mean(means))


def standard_error(score: Callable[[np.ndarray], float], rows: int, seed: int) -> float | None:
    """For any score of rows. None when it takes too long, or is undefined on most draws."""
    random = np.random.RandomState(seed)
    start = time.monotonic()
    first = score(_draw(random, rows))
    draws = DRAWS if (time.monotonic() - start) * DRAWS <= MOST_SECONDS else FEWEST_DRAWS
    if (time.monotonic() - start) * draws > MOST_SECONDS:
        return None
    return _spread(np.array([first, *(score(_draw(random, rows)) for _ in range(draws - 1))]))


def _draw(random: np.random.RandomState, rows: int) -> np.ndarray:
    return random.randint(0, rows, rows)


def _spread(scores: np.ndarray) -> float | None:
    finite = scores[np.isfinite(scores)]
    return float(finite.std(ddof=1)) if len(finite) >= FEWEST_DRAWS // 2 else None
