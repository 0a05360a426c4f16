"""What people typed is text on every page; and the app has no other way to show it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from server.identity import login
from tests.architecture.tree import ROOT
from tests.server.web.visiting import HOME, visiting
from tests.support.rooms import DEVICES

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '<a href="javascript:alert(1)">x</a>',
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{7*7}}${7*7}",
    '<iframe srcdoc="<script>alert(1)</script>">',
    "<base href=//evil.test>",
    "<form action=//evil.test><button>",
    '" autofocus onfocus=alert(1) x="',
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "＜script＞alert(1)＜/script＞",
)
TAGS_NEVER = {"script", "iframe", "svg", "object", "embed", "base", "math", "style"}
SCHEMES = ("http:", "https:", "tel:", "sms:", "data:image/svg+xml")
SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(|new Function\(|srcdoc"
)


class Live(HTMLParser):
    """What a browser would carry out of a page: tags, handlers, addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in TAGS_NEVER or tag == "img" and dict(attrs).get("src") == "x":
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.faults.append(f"{name}={value}")
            if name in ("href", "src", "action", "formaction"):
                address = (value or "").strip()
                scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.\-]*:", address)
                if address.startswith("//") or (scheme and not address.startswith(SCHEMES)):
                    self.faults.append(f"{name}={address}")


def faults_in(page: str) -> list[str]:
    """What of a page is live and must not be."""
    parser = Live()
    parser.feed(page)
    parser.close()
    return parser.faults


async def test_SE12_hostile_words_are_text_on_every_page(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        for n, words in enumerate(HOSTILE):
            await login(visit.room, DEVICES["ann"], words)
            await visit.file(n, {"place": words, "summary": words, "directions": words, "needs:other": words})
            pages = [f"{HOME}/", f"{HOME}/help/", f"{HOME}/help/{n + 1}"]
            texts = [(await browser.get(page)).text for page in pages]
            texts.append((await browser.get(f"{HOME}/help/", params={"q": words})).text)
            for form, fields in (("help/new", {"person_name": words}), ("mine", {"link": words})):
                texts.append((await browser.post(f"{HOME}/{form}", data=fields)).text)
            for text in texts:
                assert not faults_in(text), (words, faults_in(text))


def test_SE12_the_search_would_find_live_markup() -> None:
    assert (
        faults_in("<p><script>alert(1)</script>")
        and faults_in('<a href="javascript:x">')
        and faults_in("<b onclick=x>")
    )
    assert faults_in("<form action=//evil.test>") and not faults_in('<a href="tel:110">110</a><a href="/w/x/">x</a>')


def test_SE12_the_app_shows_words_as_text_only() -> None:
    sources = [path for path in (ROOT / "client" / "src").rglob("*.ts*") if ".test." not in path.name]
    assert len(sources) > 30
    assert not [
        f"{path.name}: {found}" for path in sources for found in SINKS.findall(path.read_text(encoding="utf-8"))
    ]
