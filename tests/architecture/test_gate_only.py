"""Nothing reaches yrs but through the gate: who may call it, and who may build a replica."""

from __future__ import annotations

import ast

from tests.architecture.tree import ROOT, python_files

YRS_CALLS = {"apply_update", "get_update", "get_state", "handle_sync_message", "create_update_message", "merge_updates"}
# Each gives it bytes out of the log (which holds gated edits only) or a state vector it has read whole.
BUILDERS = {"server/documents.py", "server/storage/verify.py", "server/yjs/endpoint.py"}


def test_ED3_only_the_replica_calls_yrs_and_only_these_build_one() -> None:
    callers, builders = set(), set()
    for path in python_files():
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in YRS_CALLS:
                callers.add(name)
            if isinstance(node, ast.ImportFrom) and node.module == "server.replica":
                builders.add(name)
    assert callers == {"server/replica.py"}
    assert builders <= BUILDERS, f"a new builder of replicas is a decision: {sorted(builders - BUILDERS)}"
