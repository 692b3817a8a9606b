"""Whether a debug step got rid of an error by taking another family of models instead of mending what it failed at."""

from __future__ import annotations

import ast
import re

# What the last part of a full name begins or ends with, for the packages that hold several families.
_SKLEARN_ENSEMBLES = (
    (re.compile(r"HistGradientBoosting"), "histogram gradient boosting"),
    (re.compile(r"GradientBoosting"), "gradient boosting"),
    (re.compile(r"Forest|ExtraTrees"), "forests"),
    (re.compile(r"AdaBoost"), "AdaBoost"),
)
_SKLEARN_MODULES = {
    "linear_model": "linear models",
    "svm": "support vector machines",
    "neighbors": "nearest neighbours",
    "neural_network": "scikit-learn's neural networks",
    "tree": "single trees",
    "naive_bayes": "naive Bayes",
    "gaussian_process": "Gaussian processes",
    "kernel_ridge": "kernel ridge",
    "discriminant_analysis": "discriminant analysis",
    "cross_decomposition": "partial least squares",
}
_PACKAGES = {
    "lightgbm": "lightgbm",
    "xgboost": "xgboost",
    "catboost": "catboost",
    "torch": "torch",
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "statsmodels": "statsmodels",
}

_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_SCRIPT = "solution.py"
_DEEPEST = 6


def swapped_model(parent: str, output: str, repaired: str) -> str | None:
    """A sentence about the swap, or None. `output` is what the parent wrote before it failed with an exception."""
    frames = _FRAME.findall(output.rsplit("Traceback (most recent call last)", 1)[-1])
    lines = [int(line) for path, line in frames if path.endswith(_SCRIPT)]
    if not lines:
        return None
    before, after = _Families(parent), _Families(repaired)
    failed = before.at(lines[-1]) or _package_of(frames[-1][0])
    new = after.all() - before.all()
    if not failed or failed & after.all() or not new:
        return None
    return (
        f"The parent failed in line {lines[-1]} with {_listed(failed)}; "
        f"this repair uses {_listed(new)} instead of mending it."
    )


class _Families:
    """The families of models that a script makes, and where their values go."""

    def __init__(self, code: str) -> None:
        self.tree = ast.parse(code)
        self.imports = _imports(self.tree)
        self.made: dict[str, list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.made.setdefault(node.name, []).append(node)
            elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.For)) and _given(node) is not None:
                for name in _names_in(_targets(node)):
                    self.made.setdefault(name, []).append(_given(node))

    def all(self) -> frozenset[str]:
        return self._in([self.tree], _DEEPEST, calls_only=True)

    def at(self, line: int) -> frozenset[str]:
        """Families that the innermost statement at a line has to do with; none where it imports."""
        statements = [
            node for node in ast.walk(self.tree) if isinstance(node, ast.stmt) and _covers(node, line) and not _is_block(node)
        ]
        if any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in statements):
            return frozenset()
        return self._in(statements, 0, calls_only=False)

    def _in(self, nodes: list[ast.AST], depth: int, calls_only: bool) -> frozenset[str]:
        found: set[str] = set()
        for node in nodes:
            for inner in ast.walk(node):
                name = _full_name(inner.func if calls_only and isinstance(inner, ast.Call) else inner, self.imports)
                if name is not None and not (calls_only and not isinstance(inner, ast.Call)):
                    found |= {family} if (family := _family(name)) is not None else set()
                if isinstance(inner, ast.Name) and depth < _DEEPEST:
                    found |= self._in(self.made.get(inner.id, []), depth + 1, calls_only=False)
        return frozenset(found)


def _imports(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update({alias.asname or alias.name.split(".")[0]: alias.name for alias in node.names})
        elif isinstance(node, ast.ImportFrom):
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def _full_name(node: ast.AST, imports: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return imports.get(node.id)
    if isinstance(node, ast.Attribute):
        base = _full_name(node.value, imports)
        return None if base is None else f"{base}.{node.attr}"
    return None


def _family(name: str) -> str | None:
    parts = name.split(".")
    if parts[0] in _PACKAGES:
        return _PACKAGES[parts[0]]
    if parts[0] != "sklearn" or len(parts) < 3:
        return None
    if parts[1] == "ensemble":
        return next((family for pattern, family in _SKLEARN_ENSEMBLES if pattern.search(parts[-1])), None)
    return _SKLEARN_MODULES.get(parts[1])


def _package_of(path: str) -> frozenset[str]:
    """The family of the library that the error came up in."""
    return frozenset(family for package, family in _PACKAGES.items() if f"/{package}/" in path)


def _targets(node: ast.Assign | ast.AnnAssign | ast.For) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _given(node: ast.AST) -> ast.expr | None:
    return node.iter if isinstance(node, ast.For) else getattr(node, "value", None)


def _names_in(nodes: list[ast.expr]) -> list[str]:
    return [inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name)]


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _is_block(node: ast.stmt) -> bool:
    return hasattr(node, "body")


def _listed(families: frozenset[str]) -> str:
    return ", ".join(sorted(families))
