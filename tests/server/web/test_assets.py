"""The built app and the pages' style."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from server.web import assets
from server.web.assets import Assets, Shell
from tests.server.web.visiting import HOME, visiting

WEB = Path(assets.__file__).parent


def build(folder: Path, *, script: str = "app/main-1a.js") -> Path:
    """A built client, small but of the form Vite writes."""
    client = folder / "dist"
    (client / ".vite").mkdir(parents=True, exist_ok=True)
    (client / "app").mkdir(exist_ok=True)
    for name, text in {
        script: "import './shared-2b.js'",
        "app/shared-2b.js": "export {}",
        "app/lazy-5e.js": "export {}",
        "app/main-3c.css": "main{}",
        "app/prelude-4d.js": "/* before */",
        "sw.js": "self.SHELL={}",
        "manifest.webmanifest": "{}",
        ".vite/secret.js": "not for anybody",
    }.items():
        (client / name).write_text(text * 300, encoding="utf-8")
    manifest = {
        "_shared.js": {"file": "app/shared-2b.js"},
        "src/lazy.tsx": {"file": "app/lazy-5e.js", "isDynamicEntry": True},
        "src/main.tsx": {"file": script, "isEntry": True, "imports": ["_shared.js"], "css": ["app/main-3c.css"]},
    }
    (client / ".vite" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return client


async def test_wb11_pages_work_without_the_built_app(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        page = await browser.get(f"{HOME}/")
    assert page.status_code == 200 and "<script" not in page.text and "我要求助" in page.text


async def test_wb11_where_the_app_is_built_the_page_names_it_after_the_same_words(tmp_path: Path) -> None:
    async with visiting(tmp_path, client=build(tmp_path)) as visit, visit.browser() as browser:
        page = (await browser.get(f"{HOME}/help/")).text
        app = re.search(r'<div id="app" data-workbook="flood">(.*)</div>\s*<link', page, re.DOTALL)
        assert app and "我要求助" in app[1]
        assert (
            '<script src="/app/prelude-4d.js"></script>\n<script type="module" src="/app/main-1a.js"></script>' in page
        )
        assert '<link rel="stylesheet" href="/app/main-3c.css">' in page.partition("</main>")[2]
        assert '<link rel="modulepreload" href="/app/shared-2b.js">' in page.partition("</head>")[0]
        assert "lazy-5e" not in page
        for address in re.findall(r'(?:src|href)="(/(?:app|style)/[^"]+|/manifest[^"]+)"', page):
            assert (await browser.get(address)).status_code == 200, address


@pytest.mark.parametrize("address", [f"{HOME}/help/new", f"{HOME}/mine"])
async def test_wb11_the_app_does_not_replace_a_form_that_somebody_may_be_writing_in(
    tmp_path: Path, address: str
) -> None:
    async with visiting(tmp_path, client=build(tmp_path)) as visit, visit.browser() as browser:
        assert "<script" not in (await browser.get(address)).text


async def test_hashed_names_are_kept_for_a_year_and_others_asked_for_again(tmp_path: Path) -> None:
    async with visiting(tmp_path, client=build(tmp_path)) as visit, visit.browser() as browser:
        script = await browser.get("/app/main-1a.js", headers={"accept-encoding": "br"})
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert script.headers["content-encoding"] == "br"
        assert (await browser.get("/sw.js")).headers["cache-control"] == "no-cache"
        manifest = await browser.get("/manifest.webmanifest")
        assert manifest.headers["content-type"] == "application/manifest+json; charset=utf-8"


@pytest.mark.parametrize(
    "address",
    [
        "/app/../.vite/manifest.json",
        "/app/%2e%2e/.vite/secret.js",
        "/.vite/secret.js",
        "/app//etc/passwd",
        "/app/",
        "/style/pages-00000000.css",
    ],
)
async def test_nothing_beside_the_built_files_is_served(tmp_path: Path, address: str) -> None:
    async with visiting(tmp_path, client=build(tmp_path)) as visit, visit.browser() as browser:
        assert (await browser.get(address)).status_code == 404


def test_a_new_build_is_seen_without_a_restart(tmp_path: Path) -> None:
    assets = Assets(tmp_path / "dist")
    assert assets.shell() == Shell()
    build(tmp_path)
    assert assets.shell().script == "/app/main-1a.js"
    build(tmp_path, script="app/main-9z.js")
    assert assets.shell().script == "/app/main-9z.js"


def test_half_a_build_is_none(tmp_path: Path) -> None:
    client = build(tmp_path)
    (client / "app" / "main-1a.js").unlink()
    assert Assets(client).shell() == Shell()


def test_wb11_the_pages_own_style_touches_nothing_of_the_app() -> None:
    """Both sheets lie on one page until the app takes over, and for good where scripts are off."""
    style = re.sub(r"/\*.*?\*/", "", WEB.joinpath("static/pages.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert {name for name in re.findall(r"\.([a-z][\w-]*)(?=[^{}]*{)", style) if not name.startswith("p-")} == set()
    for template in WEB.joinpath("templates").glob("*.html"):
        for named in re.findall(r'class="([^"]*)"', template.read_text(encoding="utf-8")):
            bare = re.sub(r"{{.*?}}|{%.*?%}", " ", named)
            assert all(word.startswith("p-") for word in bare.split()), (template.name, named)
