"""Follows a script from its first line to its last, as far as its values matter to the checks.

Nothing is run. Where a value cannot be told it is unknown, and nothing unknown is ever a doubt: a check that misses
something costs less than one that accuses a sound script.
"""

from __future__ import annotations

import ast

import calls
import tables
from calls import Call
from findings import Findings
from values import (
    UNKNOWN,
    Each,
    Estimator,
    Fixed,
    Function,
    Group,
    Imported,
    Index,
    Items,
    Locator,
    Names,
    Statistic,
    Table,
    Text,
    Value,
    combined,
    names_of,
)

MOST_STEPS = 100_000
MOST_CALLS_DEEP = 8
MOST_ROUNDS = 12

Scope = dict[str, Value]


class OutOfSteps(Exception):
    """The script is too long to be followed to its end."""


class Flow:
    """One reading of a script."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.scopes: list[Scope] = [{}]
        self.steps = 0
        self.depth = 0
        self.returned: Value = UNKNOWN

    def run(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.step()
            handler = getattr(self, f"do_{type(statement).__name__}", None)
            if handler is not None:
                handler(statement)

    def step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise OutOfSteps

    # Statements

    def do_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.scopes[-1][alias.asname or alias.name.split(".")[0]] = Imported(
                alias.name if alias.asname else alias.name.split(".")[0]
            )

    def do_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.scopes[-1][alias.asname or alias.name] = Imported(f"{node.module}.{alias.name}")

    def do_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.scopes[-1][node.name] = Function(node.args, node.body, self.scopes)

    def do_Expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def do_Return(self, node: ast.Return) -> None:
        value = self.value(node.value) if node.value is not None else UNKNOWN
        if value is not UNKNOWN:
            self.returned = value

    def do_Assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value)

    def do_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value))

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        before = self.value(_loaded(node.target))
        self.bind(node.target, self.operate(node.op, before, self.value(node.value)))

    def do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                base, index = self.value(target.value), names_of(self.value(target.slice))
                if isinstance(base, Table) and index is not None:
                    base.answers -= index

    def do_If(self, node: ast.If) -> None:
        self.value(node.test)
        before = dict(self.scopes[-1])
        self.run(node.body)
        taken = dict(self.scopes[-1])
        self.scopes[-1].clear()
        self.scopes[-1].update(before)
        self.run(node.orelse)
        for name, value in taken.items():
            other = self.scopes[-1].get(name, UNKNOWN)
            if other is before.get(name, UNKNOWN):
                self.scopes[-1][name] = value
            elif value is not before.get(name, UNKNOWN):
                self.scopes[-1][name] = _milder(value, other)

    def do_For(self, node: ast.For) -> None:
        over = self.value(node.iter)
        for element in _elements(over):
            self.bind(node.target, element)
            self.run(node.body)
        self.run(node.orelse)

    def do_While(self, node: ast.While) -> None:
        self.value(node.test)
        self.run(node.body)

    def do_With(self, node: ast.With) -> None:
        for item in node.items:
            self.value(item.context_expr)
        self.run(node.body)

    def do_Try(self, node: ast.Try) -> None:
        self.run(node.body)
        for handler in node.handlers:
            self.run(handler.body)
        self.run(node.orelse)
        self.run(node.finalbody)

    def bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.scopes[-1][target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = isinstance(value, Items) and len(value.values) == len(target.elts)
            for place, element in enumerate(target.elts):
                self.bind(element, value.values[place] if known else UNKNOWN)
        elif isinstance(target, ast.Subscript):
            base = self.value(target.value)
            if isinstance(base, Locator):
                tables.assign(base.table, UNKNOWN, value, self.findings)
            elif isinstance(base, Table):
                tables.assign(base, self.value(target.slice), value, self.findings)
            elif isinstance(base, Items) and isinstance(value, Table):
                # A dictionary of columns, for a frame to be made of.
                base.values.append(value)

    # Expressions

    def value(self, node: ast.expr) -> Value:
        self.step()
        handler = getattr(self, f"of_{type(node).__name__}", None)
        if handler is not None:
            return handler(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return UNKNOWN

    def of_Constant(self, node: ast.Constant) -> Value:
        return Text(node.value) if isinstance(node.value, str) else Fixed(node.value)

    def of_JoinedStr(self, node: ast.JoinedStr) -> Value:
        parts = [self.value(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values]
        texts = [part.value if isinstance(part, Text) else None for part in parts]
        return Text("".join(text or "" for text in texts), exact=None not in texts)

    def of_Name(self, node: ast.Name) -> Value:
        for scope in reversed(self.scopes):
            if node.id in scope:
                return scope[node.id]
        return UNKNOWN

    def of_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.bind(node.target, value)
        return value

    def of_Tuple(self, node: ast.Tuple) -> Value:
        return Items([self.value(element) for element in node.elts])

    of_List = of_Set = of_Tuple

    def of_Starred(self, node: ast.Starred) -> Value:
        return self.value(node.value)

    def of_Dict(self, node: ast.Dict) -> Value:
        for value in node.values:
            self.value(value)
        return Items([self.value(key) for key in node.keys if key is not None])

    def of_Slice(self, node: ast.Slice) -> Value:
        ends = [node.lower, node.upper, node.step]
        return Fixed(slice(None)) if ends == [None, None, None] else UNKNOWN

    def of_Lambda(self, node: ast.Lambda) -> Value:
        return Function(node.args, [ast.Return(node.body)], self.scopes)

    def of_IfExp(self, node: ast.IfExp) -> Value:
        self.value(node.test)
        return _milder(self.value(node.body), self.value(node.orelse))

    def of_UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        return value if isinstance(value, (Table, Statistic)) else UNKNOWN

    def of_Compare(self, node: ast.Compare) -> Value:
        return combined([self.value(node.left), *[self.value(other) for other in node.comparators]])

    def of_BinOp(self, node: ast.BinOp) -> Value:
        return self.operate(node.op, self.value(node.left), self.value(node.right))

    def operate(self, op: ast.operator, left: Value, right: Value) -> Value:
        if isinstance(op, ast.Div) and isinstance(right, Text):
            return Text(f"{left.value}/{right.value}" if isinstance(left, Text) else right.value)
        if isinstance(left, Text) and isinstance(right, Text):
            return Text(left.value + right.value, left.exact and right.exact)
        if isinstance(op, ast.Add) and isinstance(left, Items) and isinstance(right, Items):
            return Items(left.values + right.values)
        if isinstance(left, (Names, Items)) or isinstance(right, (Names, Items)):
            first, second = names_of(left), names_of(right)
            if first is None or second is None:
                return Names(frozenset())
            if isinstance(op, (ast.Sub, ast.BitAnd)):
                return Names(first - second if isinstance(op, ast.Sub) else first & second)
            return Names(first | second)
        return combined([left, right])

    def of_Attribute(self, node: ast.Attribute) -> Value:
        base = self.value(node.value)
        if isinstance(base, Imported):
            return Imported(f"{base.name}.{node.attr}")
        if isinstance(base, Table):
            return Locator(base) if node.attr in {"loc", "iloc"} else tables.attribute(base, node.attr)
        if isinstance(base, Group):
            return tables.group_column(base, Text(node.attr))
        return base if isinstance(base, Names) and node.attr in {"values", "str"} else UNKNOWN

    def of_Subscript(self, node: ast.Subscript) -> Value:
        base, index = self.value(node.value), self.value(node.slice)
        if isinstance(base, Table):
            return tables.take(base, index, self.findings, node.lineno)
        if isinstance(base, Locator):
            return tables.locate(base.table, index, self.findings, node.lineno)
        if isinstance(base, Group):
            return tables.group_column(base, index)
        if isinstance(base, Statistic):
            return base
        if isinstance(base, Imported):
            return calls.call_imported(base, Call(node.lineno, [index], {}), self.findings)
        if isinstance(base, Items) and isinstance(index, Fixed) and type(index.value) is int:
            inside = -len(base.values) <= index.value < len(base.values)
            return base.values[index.value] if inside else UNKNOWN
        return index if base is UNKNOWN and isinstance(index, Index) else UNKNOWN

    def of_ListComp(self, node: ast.ListComp) -> Value:
        [generator, *others] = node.generators
        over = self.value(generator.iter)
        self.scopes.append({})
        try:
            if isinstance(over, (Names, Table)) and not others:
                return self.chosen_names(node, generator, Names(over.answers))
            made: list[Value] = []
            for element in _elements(over):
                self.bind(generator.target, element)
                if all(self.may_hold(condition, element) for condition in generator.ifs):
                    made.append(self.value(node.elt))
            if isinstance(over, Items):
                return Items(made)
            return Each(made[0]) if isinstance(over, Each) else UNKNOWN
        finally:
            self.scopes.pop()

    of_GeneratorExp = of_SetComp = of_ListComp

    def chosen_names(self, node: ast.ListComp, generator: ast.comprehension, names: Names) -> Value:
        """`[c for c in frame.columns if ...]`: a condition that cannot be told leaves the target out."""
        plain = isinstance(node.elt, ast.Name) and isinstance(generator.target, ast.Name)
        if not plain or node.elt.id != generator.target.id:
            return Names(frozenset())
        kept: set[str] = set()
        for name in names.answers:
            self.bind(generator.target, Text(name))
            if all(self.surely_holds(condition, name) for condition in generator.ifs):
                kept.add(name)
        return Names(frozenset(kept))

    def surely_holds(self, condition: ast.expr, name: str) -> bool:
        if isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.And):
            return all(self.surely_holds(part, name) for part in condition.values)
        if not isinstance(condition, ast.Compare) or len(condition.ops) != 1:
            return False
        if self.value(condition.left) != Text(name):
            return False
        others = names_of(self.value(condition.comparators[0]))
        if others is None:
            return False
        positive = isinstance(condition.ops[0], (ast.Eq, ast.In))
        return (name in others) == positive

    def may_hold(self, condition: ast.expr, element: Value) -> bool:
        is_name = isinstance(element, Text) and isinstance(condition, ast.Compare)
        return self.surely_holds(condition, element.value) if is_name else True

    def of_Call(self, node: ast.Call) -> Value:
        args = [self.value(arg) for arg in node.args]
        keywords = {keyword.arg or "**": self.value(keyword.value) for keyword in node.keywords}
        call = Call(node.lineno, args, keywords)
        if isinstance(node.func, ast.Attribute):
            base = self.value(node.func.value)
            if not isinstance(base, Imported):
                return calls.call_method(base, node.func.attr, call, self.findings)
        called = self.value(node.func)
        if isinstance(called, Function):
            return self.inside(called, call)
        if isinstance(called, Imported):
            return calls.call_imported(called, call, self.findings)
        return calls.call_builtin(node.func.id, call) if isinstance(node.func, ast.Name) else UNKNOWN

    def inside(self, function: Function, call: Call) -> Value:
        """Follows a function of the script with what it is called with."""
        if self.depth >= MOST_CALLS_DEEP:
            return UNKNOWN
        kept = self.scopes, self.returned
        self.scopes, self.returned, self.depth = [*function.scopes, self.arguments(function, call)], UNKNOWN, self.depth + 1
        try:
            self.run(function.body)
            return self.returned
        finally:
            self.scopes, self.returned = kept
            self.depth -= 1

    def arguments(self, function: Function, call: Call) -> Scope:
        names = [argument.arg for argument in [*function.arguments.posonlyargs, *function.arguments.args]]
        defaults = function.arguments.defaults
        scope: Scope = {name: UNKNOWN for name in names}
        for name, default in zip(names[len(names) - len(defaults) :], defaults):
            scope[name] = self.value(default)
        scope.update(zip(names, call.args))
        scope.update(call.keywords)
        return scope


def _elements(over: Value) -> list[Value]:
    if isinstance(over, Items):
        return over.values[:MOST_ROUNDS]
    return [over.element if isinstance(over, Each) else UNKNOWN]


def _milder(left: Value, right: Value) -> Value:
    """Of what either branch gives, the one that is less of a doubt."""
    if isinstance(left, Table) and isinstance(right, Table):
        return min(left, right, key=lambda table: len(table.answers) + len(table.fits))
    if isinstance(left, Names) and isinstance(right, Names):
        return Names(left.answers & right.answers)
    if isinstance(left, Estimator) or right is UNKNOWN:
        return left
    return right


def _loaded(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target
