"""docs/openapi.json says what there is: every route, and examples that fit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
from starlette.routing import Route

from server.web import shapes
from server.web.openapi import ERROR_EXAMPLE, OPERATIONS, document, printed
from tests.server.web.visiting import HOME, visiting

PAGE = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_wb29_the_page_in_docs_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == printed(), "python -m server.web.openapi > docs/openapi.json"


async def test_wb29_every_address_there_is_is_described_and_no_other(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        there = {
            (method.lower(), re.sub(r":\w+}", "}", route.path))
            for route in visit.app.routes
            if isinstance(route, Route)
            for method in (route.methods or set()) - {"HEAD"}
        }
    described = {(method, path) for path, methods in document()["paths"].items() for method in methods}
    assert there == described
    assert len(OPERATIONS) == len(described), "each once"


def test_wb29_every_example_fits_its_shape() -> None:
    fitted = 0
    for one in OPERATIONS:
        for kind, example in ((one.takes, one.takes_example), (one.gives, one.gives_example)):
            if kind is None:
                assert example is None
                continue
            read = msgspec.json.decode(json.dumps(example).encode(), type=kind)
            written = json.loads(msgspec.json.encode(read))
            assert _without_defaults(written, example), (one.path, kind)
            fitted += 1
    msgspec.convert(ERROR_EXAMPLE, shapes.ErrorAnswer)
    assert fitted > 12


def test_wb29_every_reference_leads_somewhere_and_every_path_names_its_parts() -> None:
    made = document()
    names = set(made["components"]["schemas"])
    assert set(re.findall(r"#/components/schemas/(\w+)", json.dumps(made))) <= names
    for path, methods in made["paths"].items():
        for described in methods.values():
            parts = {one["name"] for one in described.get("parameters", []) if one["in"] == "path"}
            assert parts == set(re.findall(r"{(\w+)}", path)), path


async def test_wb29_what_is_answered_has_the_shape_that_is_described(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        await visit.file(1, {"place": "桥"}, {"contact_phone": "14200001234"})
        for address, kind in (
            ("/workbooks.json", shapes.WorkbooksAnswer),
            (f"{HOME}/workbook.json", shapes.WorkbookAnswer),
            (f"{HOME}/snapshot.json", shapes.SnapshotAnswer),
            (f"{HOME}/changes?since=0", shapes.ChangesAnswer),
            (f"{HOME}/changes", shapes.ErrorAnswer),
        ):
            body = (await program.get(address)).content
            assert json.loads(msgspec.json.encode(msgspec.json.decode(body, type=kind))) == json.loads(body)
        assert (await program.get("/openapi.json")).json() == document()


def _without_defaults(written: Any, example: Any) -> bool:
    """Whether everything in the example came back as it was."""
    if isinstance(example, dict):
        return all(name in written and _without_defaults(written[name], value) for name, value in example.items())
    if isinstance(example, list):
        return len(written) == len(example) and all(map(_without_defaults, written, example))
    return bool(written == example)
