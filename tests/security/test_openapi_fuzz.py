"""What docs/openapi.json promises, tried by schemathesis against a real server: as nobody, and as a steward."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import ROOT
from tests.server.web.visiting import BOOK, visiting
from tests.support.edits import row_of
from tests.support.live import serving
from tests.support.rooms import grant

PAGE = ROOT / "docs" / "openapi.json"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
CONFIG = f"""
[parameters]
"path.workbook" = "{BOOK}"
"path.sheet" = "help"
"path.row" = "{row_of(1)}"
"path.no" = 1
"path.form" = "csv"
"""


@pytest.mark.parametrize("role", ["nobody", "steward"])
async def test_SE13_every_address_answers_as_its_description_says(tmp_path: Path, role: str) -> None:
    async with visiting(tmp_path) as visit, serving(visit.app) as address:
        await visit.file(1, {"place": "桥头"}, {"contact_phone": "14212345678"})
        (tmp_path / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
        described = tmp_path / "openapi.json"
        described.write_text(
            json.dumps(_without_tuples(json.loads(PAGE.read_text(encoding="utf-8")))), encoding="utf-8"
        )
        said = []
        if role == "steward":
            await grant(visit.room, "sun", "steward")
            said = ["-H", f"Authorization: Bearer {await visit.session('sun')}"]
        done = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(tmp_path / "schemathesis.toml"), "run", str(described)),
            *("--url", f"http://{address}", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing"),
            *("--max-examples", "15", "--generation-deterministic", "--no-color", *said),
            cwd=tmp_path,
            env={**os.environ, "PYTHONUTF8": "1"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await asyncio.wait_for(done.communicate(), 180)
        text = out.decode()
        assert done.returncode == 0, text[-12000:]
        assert "Test cases:" in text


def _without_tuples(schema: Any) -> Any:
    """The same without `prefixItems`: schemathesis 4.32 reads it once rightly and once as a draft of 2017."""
    match schema:
        case {"prefixItems": _}:
            return {"type": "array"}
        case dict():
            return {name: _without_tuples(part) for name, part in schema.items()}
        case list():
            return [_without_tuples(part) for part in schema]
        case _:
            return schema
