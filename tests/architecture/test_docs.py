"""The documents and the program name the same things: rules and their tests, frames and their formulas."""

from __future__ import annotations

import ast
import re
from collections import Counter

import msgspec

from tests.architecture.tree import ROOT, tracked

RULE = re.compile(r"^(?:[-*] |\| ?)?\**`?([A-Z]{2}\d+)\b", re.MULTILINE)
NAMED = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2}\d+)(?![A-Za-z0-9])")
TS_TITLE = re.compile(r"\b(?:test|it|describe)(?:\.\w+)*(?:\([^)]*\))?\(\s*(['\"`])(.*?)\1", re.DOTALL)


def test_every_rule_is_named_by_a_test_and_every_named_rule_exists() -> None:
    rules = _rules()
    assert rules, "docs/spec holds no rules"
    twice = [rule for rule, times in Counter(rules).items() if times > 1]
    assert not twice, f"given to two rules: {twice}"
    prefixes = {rule[:2] for rule in rules}
    named = {rule for rule in _named_by_tests() if rule[:2] in prefixes}
    assert not set(rules) - named, f"no test names {sorted(set(rules) - named)}"
    assert not named - set(rules), f"tests name rules that do not exist: {sorted(named - set(rules))}"


def test_every_frame_is_in_the_protocol_with_its_fields() -> None:
    from server.sync import frames

    in_code = Counter(
        (str(struct.__struct_config__.tag), len(struct.__struct_fields__))
        for struct in vars(frames).values()
        if isinstance(struct, type) and issubclass(struct, msgspec.Struct) and struct.__struct_config__.tag is not None
    )
    assert in_code == _frames_in_docs()


def test_the_state_machines_are_drawn_as_their_tables_say() -> None:
    from moderation.claims import MOVES, STATES
    from server.sync.session import TRANSITIONS

    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    arrows = [
        f"    {source.name.lower()} --> {to.name.lower()}: {event.name.lower()}"
        for (source, event), to in TRANSITIONS.items()
    ]
    assert "```mermaid\nstateDiagram-v2\n" + "\n".join(arrows) + "\n```" in page
    for source in ("", *STATES):
        to = ", ".join(state for state in STATES if (source, state) in MOVES)
        assert f"| {source or '(none)'} | {to} |" in page


def test_the_rights_page_is_what_the_definitions_say() -> None:
    from schema.sheets import SHEET_IDS, load_sheet
    from server.cli import rights_table

    page = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8")
    assert page.endswith("\n\n".join(rights_table(load_sheet(name), lang="en") for name in SHEET_IDS) + "\n")


def _rules() -> list[str]:
    return [
        rule
        for page in sorted((ROOT / "docs" / "spec").glob("*.md"))
        for rule in RULE.findall(page.read_text(encoding="utf-8"))
    ]


def _named_by_tests() -> set[str]:
    names: set[str] = set()
    for path in tracked():
        if path.suffix == ".py" and path.name.startswith("test_"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                    names |= set(node.name.upper().split("_"))
        elif path.name.endswith((".test.ts", ".test.tsx", ".spec.ts")):
            for _, title in TS_TITLE.findall(path.read_text(encoding="utf-8")):
                names |= {rule.upper() for rule in NAMED.findall(title)}
    return {name for name in names if re.fullmatch(r"[A-Z]{2}\d+", name)}


def _frames_in_docs() -> Counter[tuple[str, int]]:
    """(tag, number of fields) of each formula in the two tables of docs/protocol.md."""
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \w+ \| `(\[\"(\w+)\".*?\])` \|", page, re.MULTILINE)
    return Counter((tag, _elements(formula) - 1) for formula, tag in rows)


def _elements(formula: str) -> int:
    """How many elements the outermost list of a formula has."""
    depth, count = 0, 1
    for sign in formula:
        depth += sign in "[{"
        depth -= sign in "]}"
        count += sign == "," and depth == 1
    return count
