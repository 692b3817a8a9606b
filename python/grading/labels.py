"""What the metric compares, and how texts of labels are brought to one form."""

from collections.abc import Callable

from refusals import Refused
from tables import as_number

# More different labels than this are no classes.
MOST_CLASSES = 1000


def canonical(classes: list[str]) -> Callable[[str], str]:
    """A function that gives labels of one meaning one text: `1` and `1.0`, or `True` and `true`."""
    stripped = {text.strip() for text in classes}
    if all(as_number(text) is not None for text in stripped):
        return _as_number_text
    if {text.lower() for text in stripped} <= {"true", "false"}:
        return _as_boolean_text
    return str.strip


def in_order(classes: set[str]) -> list[str]:
    """Sorted as scikit-learn sorts them; of two, the second is the positive one."""
    numbers = {text: as_number(text) for text in classes}
    if all(number is not None for number in numbers.values()):
        return sorted(classes, key=lambda text: numbers[text] or 0.0)
    return sorted(classes)


def columns_of_classes(columns: list[str], classes: list[str]) -> dict[str, str] | None:
    """Which class each prediction column is for (`C`, or `Status_C` with one beginning for all); None if unclear."""
    for column in columns:
        if not column.endswith(classes[0]):
            continue
        beginning = column[: len(column) - len(classes[0])]
        by_column = {beginning + label: label for label in classes}
        if set(by_column) == set(columns) and len(columns) == len(classes):
            return by_column
    return None


def check_values(texts: list[str], target: str, metric: str) -> None:
    numbers = [as_number(text) for text in texts]
    bad = sum(number is None for number in numbers)
    if bad > 0:
        raise Refused(f"{metric} compares numbers, and {bad} cells of {target} hold none")
    if metric == "rmsle" and any(number is not None and number < 0 for number in numbers):
        raise Refused(f"rmsle is not defined for the values below 0 in {target}")


def _as_number_text(text: str) -> str:
    number = as_number(text.strip())
    if number is None:
        return text.strip()
    return str(int(number)) if number == int(number) else repr(number)


def _as_boolean_text(text: str) -> str:
    lowered = text.strip().lower()
    return {"1": "true", "1.0": "true", "0": "false", "0.0": "false"}.get(lowered, lowered)
