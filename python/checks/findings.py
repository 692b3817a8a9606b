"""Doubts that reading a script brings up: one sentence each, with the lines it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from values import ALL, Estimator, Fit, Table, VALID


@dataclass
class Task:
    """File names and columns as the task gives them; empty where it gives none."""

    train: str
    test: str
    target: str


@dataclass
class Findings:
    """Keeps the first doubt of each kind."""

    task: Task
    marks: dict[str, str] = field(default_factory=dict)

    def note(self, kind: str, message: str) -> None:
        self.marks.setdefault(kind, message)

    def features(self, table: Table, line: int, takes: frozenset[str] | None = None) -> None:
        """A model learns from these columns."""
        seen = table.answers if takes is None else table.answers & takes
        if not seen:
            return
        target = self.task.target
        columns = f'the target "{target}"' if target in seen else f'"{min(seen)}", which is computed from the target "{target}"'
        self.note("target_as_feature", f"Line {line}: the features that the model learns from still have {columns}.")

    def split(self, table: Table, line: int) -> None:
        """Rows are set apart for validation."""
        for fit in table.fits:
            self._fitted_before(fit, table, line)

    def transformed(self, estimator: Estimator, table: Table, line: int) -> None:
        """What was fitted on all rows meets rows that were set apart."""
        if estimator.fitted is not None and table.part != ALL and table.rows == {"train"}:
            self._fitted_before(estimator.fitted, table, line)

    def predicted(self, estimator: Estimator, table: Table, line: int) -> None:
        fit = estimator.fitted
        if fit is not None and estimator.role != "transformer" and table.part == VALID:
            message = f"Line {fit.line}: {fit.what} is fitted on all rows, and line {line} has it predict some of them."
            self.note("fit_before_split", message)

    def fitted(self, estimator: Estimator, table: Table, line: int) -> None:
        """An estimator is fitted; remembers when that was on all rows that have labels."""
        estimator.fitted = None
        if not estimator.learns or table.is_target:
            return
        if "test" in table.rows and (estimator.role == "transformer" or table.rows == {"test"}):
            which = "on the rows to predict" if table.rows == {"test"} else "on the rows to predict as well"
            self.note("fit_before_split", f"Line {line}: {estimator.name} is fitted {which}.")
        elif table.rows == {"train"} and table.part == ALL:
            estimator.fitted = Fit(line, estimator.name)

    def _fitted_before(self, fit: Fit, table: Table, line: int) -> None:
        if not table.is_target:
            message = f"Line {fit.line}: {fit.what} is fitted on all rows, which are split for validation only at line {line}."
            self.note("fit_before_split", message)
