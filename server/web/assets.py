"""The built browser app and the pages' style sheet: hashed names, packed once, kept by browsers for a year.

I/O: reads `client/dist` and `static/`. Imported by `server.web`. Without a built client every page still works.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web.packing import Packed, pack, send

FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

# Names without a hash that a browser asks for at the root; everything else lies under /app with one.
ROOT_SUFFIXES = frozenset({".js", ".webmanifest", ".png", ".svg", ".ico", ".txt"})
TEXT_TYPES = frozenset(
    {"text/css", "text/javascript", "application/json", "application/manifest+json", "image/svg+xml", "text/plain"}
)

_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}


@dataclass(frozen=True, slots=True)
class Shell:
    """What a page has to name to start the app; empty where it has not been built."""

    script: str = ""
    prelude: str = ""
    preload: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    manifest: str = ""
    icon: str = ""


class Assets:
    """The files under `client/dist` by the address they have, and the pages' own style sheet."""

    def __init__(self, client: Path) -> None:
        self._client = client
        self._built = 0
        self._shell = Shell()
        self._files: dict[str, Path] = {}
        self._packed: dict[str, tuple[int, Packed]] = {}
        sheet = resources.files("server.web").joinpath("static/pages.css").read_bytes()
        self.style = f"/style/pages-{hashlib.sha256(sheet).hexdigest()[:8]}.css"
        self._style = pack(sheet, "text/css; charset=utf-8")

    def shell(self) -> Shell:
        """The built app as it lies there now; one `stat` tells whether it was built anew."""
        manifest = self._client / ".vite" / "manifest.json"
        try:
            built = manifest.stat().st_mtime_ns
        except OSError:
            built = 0
        if built != self._built:
            self._built = built
            self._files = _files(self._client) if built else {}
            self._shell = _shell(json.loads(manifest.read_bytes()), self._files) if built else Shell()
        return self._shell

    def routes(self) -> list[Route]:
        """`/app/…`, `/sw.js` and the few other root names, `/style/…`."""
        return [
            Route("/style/{name}", self._send_style, methods=["GET"]),
            Route("/app/{name:path}", self._send_built, methods=["GET"]),
            Route("/sw.js", self._send_root, methods=["GET"]),
            Route("/sw-off.js", self._send_root, methods=["GET"]),
            Route("/manifest.webmanifest", self._send_root, methods=["GET"]),
            Route("/favicon.ico", self._send_root, methods=["GET"]),
            Route("/{name:str}.png", self._send_root, methods=["GET"]),
            Route("/{name:str}.svg", self._send_root, methods=["GET"]),
        ]

    async def _send_style(self, request: Request) -> Response:
        if request.url.path != self.style:
            raise HTTPException(404)
        return send(request, self._style, cache=FOR_A_YEAR)

    async def _send_built(self, request: Request) -> Response:
        return self._send_file(request, request.url.path, cache=FOR_A_YEAR)

    async def _send_root(self, request: Request) -> Response:
        return self._send_file(request, request.url.path, cache=ASK_AGAIN)

    def _send_file(self, request: Request, address: str, *, cache: str) -> Response:
        self.shell()
        path = self._files.get(address)
        if path is None:
            raise HTTPException(404)
        return send(request, self._pack(address, path), cache=cache)

    def _pack(self, address: str, path: Path) -> Packed:
        changed = path.stat().st_mtime_ns
        kept = self._packed.get(address)
        if kept is None or kept[0] != changed:
            kept = self._packed[address] = (changed, _pack_file(path))
        return kept[1]


def _pack_file(path: Path) -> Packed:
    media = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    body = path.read_bytes()
    if media not in TEXT_TYPES:
        return Packed(body, b"", b"", media, f'W/"{hashlib.sha256(body).hexdigest()[:20]}"')
    return pack(body, f"{media}; charset=utf-8")


def _files(client: Path) -> dict[str, Path]:
    """Only names found here are ever opened: no address can leave the folder."""
    found = {f"/{path.name}": path for path in client.iterdir() if path.suffix in ROOT_SUFFIXES and path.is_file()}
    app = client / "app"
    if app.is_dir():
        found |= {f"/app/{path.relative_to(app).as_posix()}": path for path in app.rglob("*") if path.is_file()}
    return found


def _shell(manifest: Mapping[str, Mapping[str, object]], files: Mapping[str, Path]) -> Shell:
    entry = next((item for item in manifest.values() if item.get("isEntry")), None)
    if entry is None:
        return Shell()
    script = f"/{entry['file']}"
    if script not in files:
        return Shell()  # half a build: the pages do without
    preload: list[str] = []
    styles: list[str] = []
    _walk(entry, manifest, preload, styles)
    icons = [name for name in ("/icon.svg", "/icon-192.png", "/favicon.ico") if name in files]
    return Shell(
        script=script,
        prelude=next((name for name in sorted(files) if name.startswith("/app/prelude-")), ""),
        preload=tuple(preload),
        styles=tuple(styles),
        manifest="/manifest.webmanifest" if "/manifest.webmanifest" in files else "",
        icon=icons[0] if icons else "",
    )


def _walk(
    item: Mapping[str, object], manifest: Mapping[str, Mapping[str, object]], preload: list[str], styles: list[str]
) -> None:
    """What the entry imports at once, each named once."""
    for style in _names(item.get("css")):
        if f"/{style}" not in styles:
            styles.append(f"/{style}")
    for name in _names(item.get("imports")):
        needed = manifest.get(name, {})
        address = f"/{needed.get('file', '')}"
        if address not in preload and needed.get("file"):
            preload.append(address)
            _walk(needed, manifest, preload, styles)


def _names(listed: object) -> list[str]:
    return [str(name) for name in listed] if isinstance(listed, list) else []
