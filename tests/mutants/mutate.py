"""Mutants: a module with one small mistake in it. What the golden vectors are measured against.

Deterministic: the same source gives the same mutants under the same names. A name is the module, the function and the change as text,
`schema.row.TierState.apply: min(edit.at_ms, received_ms) → max(edit.at_ms, received_ms)`, so that it outlives edits elsewhere.
"""

from __future__ import annotations

import ast
import copy
import importlib.util
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import cast

from tests.mutants.patterns import weaker_patterns

MAX_LABEL = 90  # characters of either side of a change in a name

_COMPARES: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Pow: ast.Mult,
}  # fmt: skip
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
_METHODS = {"startswith": "endswith", "endswith": "startswith", "search": "match", "fullmatch": "match"}
# Calls whose result may be left as it was before: `text.strip()` → `text`.
_TRIMS = frozenset(
    "strip lstrip rstrip lower casefold removeprefix removesuffix replace isprintable astimezone translate".split()
)
_ERRORS = frozenset({"malformed", "SchemaError", "ProtocolError", "AssertionError"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the node at `slot` of `parent` becomes `new`. `line` is where, for people; the name does not carry it."""

    name: str
    module: str
    line: int
    tree: ast.Module
    parent: ast.AST
    slot: str
    index: int | None
    new: ast.AST

    def compile(self) -> CodeType:
        """The mutated module's code. Changes the tree and puts it back."""
        old = _swap(self.parent, self.slot, self.index, self.new)
        try:
            return compile(ast.fix_missing_locations(self.tree), _path_of(self.module), "exec")
        finally:
            _swap(self.parent, self.slot, self.index, old)


def mutants_of(module: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its source."""
    tree = ast.parse(Path(_path_of(module)).read_text(encoding="utf-8"))
    found: list[Mutant] = []
    times: Counter[str] = Counter()
    for scope, parent, slot, index, new, shown in _changes(tree, ()):
        old = _get(parent, slot, index)
        place = ".".join((module, *scope))
        before, after = _label(parent, old, slot, index, new) if shown else (_text(old), "nothing")
        name = f"{place}: {before} → {after}"
        times[name] += 1
        if times[name] > 1:
            name = f"{name} ({times[name]})"
        line = getattr(old, "lineno", getattr(parent, "lineno", 0))
        found.append(Mutant(name, module, line, tree, parent, slot, index, new))
    return found


_Change = tuple[tuple[str, ...], ast.AST, str, int | None, ast.AST, bool]


def _changes(node: ast.AST, scope: tuple[str, ...]) -> Iterator[_Change]:
    """(scope, parent, slot, index, new node, whether the new text is shown) of every change below a node."""
    for slot, value in ast.iter_fields(node):
        if (
            slot in ("annotation", "returns", "decorator_list", "ctx", "type_comment", "keywords")
            and slot != "keywords"
        ):
            continue
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or _is_prose(node, slot, child):
                continue
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = (*scope, child.name)
            elif not scope and isinstance(child, ast.Assign | ast.AnnAssign):
                target = child.targets[0] if isinstance(child, ast.Assign) else child.target
                inner = (target.id,) if isinstance(target, ast.Name) else scope
            for new in _variants(node, slot, child):
                yield inner, node, slot, index, new, not isinstance(new, ast.Pass)
            if not isinstance(child, ast.Import | ast.ImportFrom | ast.Assert):
                yield from _changes(child, inner)


def _is_prose(parent: ast.AST, slot: str, child: ast.AST) -> bool:
    """Docstrings and the words of errors: no vector looks at them."""
    if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant) and isinstance(child.value.value, str):
        return True
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in _ERRORS:
        return slot == "args" and child is not parent.args[0] or parent.func.id == "malformed"
    return isinstance(parent, ast.Assign) and ast.unparse(parent.targets[0]) in ("MESSAGES", "__all__", "__slots__")


def _variants(parent: ast.AST, slot: str, node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            for at, op in enumerate(node.ops):
                for other in _COMPARES[type(op)]:
                    new = copy.deepcopy(node)
                    new.ops[at] = other()
                    yield new
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            for at in range(len(node.values)):
                rest = node.values[:at] + node.values[at + 1 :]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.UnaryOp():
            yield node.operand
        case ast.BinOp():
            if type(node.op) in _OPERATORS and not isinstance(node.left, ast.Constant | ast.JoinedStr):
                yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
        case ast.Constant():
            yield from _constants(parent, slot, node)
        case ast.JoinedStr():
            yield from _joined(parent, node)
        case ast.Call():
            yield from _calls(node)
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Slice():
            if node.lower is not None:
                yield ast.Slice(None, node.upper, node.step)
            if node.upper is not None:
                yield ast.Slice(node.lower, None, node.step)
        case ast.Dict() if len(node.keys) > 1:
            for at in range(len(node.keys)):
                yield ast.Dict(node.keys[:at] + node.keys[at + 1 :], node.values[:at] + node.values[at + 1 :])
        case ast.Set() if len(node.elts) > 1:
            for at in range(len(node.elts)):
                yield ast.Set(node.elts[:at] + node.elts[at + 1 :])
        case ast.Tuple() | ast.List() if len(node.elts) > 1 and isinstance(node.ctx, ast.Load):
            if not isinstance(parent, ast.Subscript | ast.Return | ast.Call | ast.Dict):
                for at in range(len(node.elts)):
                    yield type(node)(node.elts[:at] + node.elts[at + 1 :], node.ctx)
        case ast.comprehension() if node.ifs:
            for at in range(len(node.ifs)):
                yield ast.comprehension(node.target, node.iter, node.ifs[:at] + node.ifs[at + 1 :], node.is_async)
        case ast.stmt():
            yield from _statements(node)


def _statements(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.If():
            yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
            yield ast.If(ast.Constant(False), node.body, node.orelse)
            yield ast.If(ast.Constant(True), node.body, node.orelse)
        case ast.Return() if node.value is not None and not _is_none(node.value):
            yield ast.Return(ast.Constant(None))
        case ast.FunctionDef() if len(node.body) > 2:
            new = copy.copy(node)
            new.body = [ast.Return(ast.Constant(None))]
            yield new
        case ast.Continue() | ast.Break() | ast.Raise() | ast.AugAssign():
            yield ast.Pass()
        case ast.Expr() if isinstance(node.value, ast.Call):
            yield ast.Pass()
        case ast.For():
            yield ast.Pass()


def _constants(parent: ast.AST, slot: str, node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, bytes):
        yield ast.Constant(value + b"~")
    elif isinstance(value, str):
        if isinstance(parent, ast.JoinedStr):
            return
        yield from (ast.Constant(text) for text in _texts(parent, value))


def _texts(parent: ast.AST, value: str) -> Iterator[str]:
    """A text changed: a pattern weakened, a word of a list dropped, a sign of a table changed, or another text."""
    if isinstance(parent, ast.Attribute) and parent.attr == "split":
        words = value.split()
        yield from (" ".join(words[:at] + words[at + 1 :]) for at in range(len(words)))
    elif isinstance(parent, ast.Call) and ast.unparse(parent.func).endswith(("maketrans", "enumerate")):
        yield from (value[:at] + "￿" + value[at + 1 :] for at in range(len(value)))
    elif len(value) > 1 and any(sign in value for sign in "|[(\\^$"):
        yield from weaker_patterns(value)
    else:
        yield f"{value}~"
        if value:
            yield ""


def _joined(parent: ast.AST, node: ast.JoinedStr) -> Iterator[ast.AST]:
    """A pattern made of parts, weakened: the parts are private signs while it is text."""
    parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    text, at = "", 0
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            text += chr(0xE000 + at)
            at += 1
        else:
            text += cast("str", cast("ast.Constant", part).value)
    if not any(sign in text for sign in "|[(\\^$"):
        return
    for weaker in weaker_patterns(text):
        values: list[ast.expr] = []
        for sign in weaker:
            if 0xE000 <= ord(sign) < 0xE000 + len(parts):
                values.append(parts[ord(sign) - 0xE000])
            elif values and isinstance(values[-1], ast.Constant):
                values[-1] = ast.Constant(values[-1].value + sign)  # type: ignore[operator]
            else:
                values.append(ast.Constant(sign))
        yield ast.JoinedStr(values)


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        keywords = [] if node.func.id == "sorted" else node.keywords
        yield ast.Call(ast.Name(_CALLS[node.func.id], ast.Load()), node.args, keywords)
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in _TRIMS:
            yield node.func.value
        if node.func.attr in _METHODS:
            yield ast.Call(
                ast.Attribute(node.func.value, _METHODS[node.func.attr], ast.Load()), node.args, node.keywords
            )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _label(parent: ast.AST, old: ast.AST, slot: str, index: int | None, new: ast.AST) -> tuple[str, str]:
    """The change as text, with what is around it where that is short."""
    if isinstance(parent, ast.expr | ast.Return | ast.Assign | ast.AugAssign | ast.keyword):
        before = _text(parent)
        if len(before) < MAX_LABEL:
            _swap(parent, slot, index, new)
            try:
                return before, _text(parent)
            finally:
                _swap(parent, slot, index, old)
    if isinstance(old, ast.If) and isinstance(new, ast.If):
        return f"if {_text(old.test)}", f"if {_text(new.test)}"
    if isinstance(old, ast.FunctionDef):
        return "the whole", "return None"
    return _difference(_text(old, whole=True), _text(new, whole=True))


def _difference(before: str, after: str) -> tuple[str, str]:
    """Two long texts, only around where they differ."""
    if max(len(before), len(after)) <= MAX_LABEL:
        return before, after
    head = next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, head - 15)
    return tuple(("…" if start else "") + text[start : start + MAX_LABEL] for text in (before, after))  # type: ignore[return-value]


def _text(node: ast.AST, *, whole: bool = False) -> str:
    if isinstance(node, ast.comprehension):
        text = " ".join(f"if {ast.unparse(test)}" for test in node.ifs) or "no condition"
    else:
        text = ast.unparse(node)
    text = " ".join(text.split())
    return text if whole or len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"


def _get(parent: ast.AST, slot: str, index: int | None) -> ast.AST:
    value = getattr(parent, slot)
    return cast("ast.AST", value if index is None else value[index])


def _swap(parent: ast.AST, slot: str, index: int | None, new: ast.AST) -> ast.AST:
    old = _get(parent, slot, index)
    if index is None:
        setattr(parent, slot, new)
    else:
        getattr(parent, slot)[index] = new
    return old


def _path_of(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None, module
    return spec.origin
