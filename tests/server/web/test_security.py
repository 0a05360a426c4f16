"""Headers on every answer, and the guard against other sites."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.datastructures import Headers

from server.web.security import content_policy, is_own_request
from tests.server.web.visiting import HOME, visiting

ADDRESSES = (
    "/",
    f"{HOME}/",
    f"{HOME}/help/",
    f"{HOME}/help/new",
    f"{HOME}/mine",
    f"{HOME}/workbook.json",
    "/nowhere",
    "/style/x",
)


@pytest.mark.parametrize("address", ADDRESSES)
async def test_wb1_every_answer_carries_the_headers(tmp_path: Path, address: str) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        headers = (await browser.get(address)).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    for part in (
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ):
        assert part in policy.split("; ")
    assert "connect-src 'self' ws://sheet.test wss://sheet.test" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "geolocation=(self)" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("address", ADDRESSES)
async def test_wb1_no_page_has_a_script_or_style_of_its_own(tmp_path: Path, address: str) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        page = (await browser.get(address)).text
    assert "<style" not in page and " style=" not in page and "<script" not in page and " onclick" not in page


@pytest.mark.parametrize("host", ["sheet.test; script-src *", "a b", "", "x" * 300, "h'\"", "a/b", "a,b"])
def test_wb2_a_host_that_is_none_stays_out_of_the_policy(host: str) -> None:
    assert content_policy(host) == content_policy("")


@pytest.mark.parametrize("host", ["sheet.example", "192.168.4.1:8000", "[fe80::1]:8000", "localhost:8000"])
def test_wb2_a_host_is_named_for_old_browsers_sockets(host: str) -> None:
    assert f"connect-src 'self' ws://{host} wss://{host};" in content_policy(host)


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"host": "sheet.test"}, True),  # a program
        ({"host": "sheet.test", "sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"host": "sheet.test", "sec-fetch-site": "none"}, True),  # typed by the person
        ({"host": "sheet.test", "sec-fetch-site": "cross-site", "origin": "https://sheet.test"}, False),
        (
            {"host": "sheet.test", "sec-fetch-site": "same-site"},
            False,
        ),  # another name of the same domain is another site
        ({"host": "10.0.0.2:8000", "origin": "http://10.0.0.2:8000"}, True),  # a hub: no Sec-Fetch-Site
        ({"host": "10.0.0.2:8000", "origin": "http://10.0.0.2"}, False),
        ({"host": "sheet.test", "origin": "https://evil.test"}, False),
        ({"host": "sheet.test", "origin": "null"}, False),
        ({"host": "sheet.test", "origin": ""}, False),
        ({"host": "127.0.0.1:8000", "origin": "https://known.test"}, True),  # behind a proxy that hides the name
    ],
)
def test_wb3_the_guard_tells_ours_from_theirs(headers: dict[str, str], own: bool) -> None:
    assert is_own_request(Headers(headers), origins=["https://known.test"]) is own


async def test_wb3_a_post_from_another_site_is_refused_and_not_carried_out(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        answer = await browser.post(
            f"{HOME}/help/new", data={"place": "某处", "key": "k" * 22}, headers={"origin": "https://evil.test"}
        )
        assert answer.status_code == 403
        assert "不是从本站的页面发出的" in answer.text
        assert "set-cookie" not in answer.headers
        assert visit.storage.count_rows("flood", over=None) == 0


async def test_wb3_json_from_another_site_is_refused_as_json(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        answer = await program.post(
            f"{HOME}/login", json={"device": "d" * 22}, headers={"sec-fetch-site": "cross-site"}
        )
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "cross-site"


async def test_wb4_the_referrer_policy_lets_our_forms_carry_their_origin(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        assert (await browser.get(f"{HOME}/help/new")).headers["referrer-policy"] == "same-origin"
