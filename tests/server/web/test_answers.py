"""Errors: one status table, one JSON form, a page for people, nothing quoted."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from server.errors import StorageError
from server.web.pages import Pages
from tests.server.web.visiting import HOME, visiting


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/nowhere", 404, "not-found"),
        ("/w/nowhere/workbook.json", 404, "not-found"),
        (f"{HOME}/snapshot.json?page=7", 404, "not-found"),
        (f"{HOME}/snapshot.json?page=x", 400, "bad-number"),
        (f"{HOME}/changes", 400, "bad-cursor"),
        (f"{HOME}/changes?since=99", 410, "older-generation"),
        (f"{HOME}/export/help.xml", 404, "not-found"),
        (f"{HOME}/invites", 401, "not-authenticated"),
    ],
)
async def test_wb5_a_program_gets_the_status_and_the_one_form(
    tmp_path: Path, address: str, status: int, code: str
) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        answer = await program.get(address)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message", "hint"}
    assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize(
    "address", ["/nowhere", "/w/nowhere/", f"{HOME}/nosheet/", f"{HOME}/help/1", f"{HOME}/help/99999999999999999999"]
)
async def test_wb5_a_person_gets_a_page_with_a_way_on(tmp_path: Path, address: str) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        answer = await browser.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert 'href="/"' in answer.text and "tel:119" in answer.text


async def test_wb5_a_wrong_method_says_which_are_right(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        answer = await program.delete(f"{HOME}/workbook.json")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.json()["error"]["code"] == "wrong-method"


async def test_wb6_an_unforeseen_fault_quotes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> str:
        raise ValueError("could not read 14200000001")

    monkeypatch.setattr(Pages, "_sheet", fail)
    with caplog.at_level(logging.DEBUG):
        async with visiting(tmp_path) as visit, visit.browser() as browser:
            answer = await browser.get(f"{HOME}/help/?q=14200000002")
    assert answer.status_code == 500
    assert "1420000000" not in answer.text
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("server."))
    assert "unforeseen ValueError" in ours and "test_answers.py" in ours
    assert "1420000000" not in ours


async def test_wb5_a_store_that_cannot_read_is_busy_and_says_when_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:

        def fail(*args: object, **kwargs: object) -> object:
            raise StorageError("disk-failed", "could not read: SQLITE_IOERR", "look at the kernel's log")

        monkeypatch.setattr(visit.storage, "list_rows", fail)
        answer = await browser.get(f"{HOME}/help/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "SQLITE" not in answer.text


@pytest.mark.parametrize("declared", [True, False])
async def test_wb7_a_body_too_large_is_refused(tmp_path: Path, declared: bool) -> None:
    async def pieces() -> object:
        for _ in range(20):
            yield b"x" * 8192

    async with visiting(tmp_path) as visit, visit.program() as program:
        headers = {"content-type": "application/json"}
        content = b"x" * 163840 if declared else pieces()
        answer = await program.post(f"{HOME}/login", content=content, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too-large"
