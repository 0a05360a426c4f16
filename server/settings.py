"""What the operator can set: one frozen value read once from `SHEET_*`, and the table that documents it.

No I/O: the environment comes in as a mapping. Imported by `server.cli`, `server.app` and what they build.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from server.errors import SettingsError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
PREFIX = "SHEET_"

# The built browser app lies beside the rooms in a checkout and in an editable install of it.
BUILT_CLIENT = Path(__file__).resolve().parent.parent / "client" / "dist"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the operator decides; tests build it directly."""

    data: Path = Path("data")
    host: str = "0.0.0.0"
    port: int = 8000
    public_url: str = ""
    client: Path = BUILT_CLIENT
    proxies: str = "127.0.0.1"
    drill: bool = True
    log_level: str = "INFO"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: the field it fills, how its text is read, what it means, its default in words."""

    field: str
    read: Callable[[str], Any]
    meaning: str
    default: str = ""

    @property
    def name(self) -> str:
        return PREFIX + self.field.upper()

    @property
    def shown_default(self) -> str:
        """The default as the docs print it."""
        return self.default or _shown(DEFAULTS[self.field])


DEFAULTS: Mapping[str, Any] = {field.name: field.default for field in fields(Settings)}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment, or one `SettingsError` that names everything wrong with it."""
    known = {setting.name: setting for setting in SETTINGS}
    complaints: list[str] = []
    values: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX):
            continue
        setting = known.get(name)
        if setting is None:
            complaints.append(f"{name} is not a setting")
            continue
        text = environ[name].strip()
        if not text:
            continue  # set but empty: what a shell script leaves of an unset variable
        try:
            values[setting.field] = setting.read(text)
        except ValueError as error:
            complaints.append(f"{name} {error}")
    if complaints:
        raise SettingsError(
            "settings-invalid",
            "; ".join(complaints),
            "rescue-sheet serve --help lists every setting, its default and its meaning",
        )
    return Settings(**values)


def settings_help() -> str:
    """The table as plain text for `--help`."""
    width = max(len(setting.name) for setting in SETTINGS)
    lines = [f"  {setting.name:<{width}}  {setting.meaning} [{setting.shown_default}]" for setting in SETTINGS]
    return "\n".join(["settings, read from the environment:", *lines])


def settings_page() -> str:
    """The table as `docs/settings.md`."""
    rows = [f"| `{setting.name}` | {_code(setting.shown_default)} | {setting.meaning} |" for setting in SETTINGS]
    return "\n".join(
        [
            "# Settings",
            "",
            "Read once, at start, from the environment; a wrong name or value stops the start and is named.",
            "This page is written by `rescue-sheet settings`; a test compares it with the program.",
            "",
            "| name | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "not set"


def _code(text: str) -> str:
    return text if " " in text else f"`{text}`"


def _path(text: str) -> Path:
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return Path(text).expanduser()


def _host(text: str) -> str:
    try:
        ip_address(text)
    except ValueError:
        if text != "localhost":
            raise ValueError(f"is {text!r}: an IP address of this machine, or localhost, is wanted") from None
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= 65535:
        raise ValueError(f"is {text!r}: a port from 1 to 65535 is wanted")
    return int(text)


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"is {text!r}: an address like https://sheet.example is wanted")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        # Paths are fixed (/w/..., /app/...): a sub-path would break every link quietly.
        raise ValueError(f"is {text!r}: it must end after the host and port")
    return f"{parts.scheme}://{parts.netloc}"


def _proxies(text: str) -> str:
    if text == "*":
        return text
    names = [name.strip() for name in text.split(",")]
    for name in names:
        try:
            ip_address(name.split("/")[0])
        except ValueError:
            raise ValueError(f"holds {name!r}: IP addresses or networks joined by commas, or *") from None
    return ",".join(names)


def _switch(text: str) -> bool:
    match text.lower():
        case "1" | "yes" | "true" | "on":
            return True
        case "0" | "no" | "false" | "off":
            return False
        case _:
            raise ValueError(f"is {text!r}: yes or no is wanted")


def _log_level(text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise ValueError(f"is {text!r}: one of {', '.join(LOG_LEVELS)} is wanted")
    return text.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("data", _path, "folder of the database and its journal; made when missing"),
    Setting("host", _host, "address to listen on; 127.0.0.1 behind a reverse proxy"),
    Setting("port", _port, "port to listen on"),
    Setting("public_url", _public_url, "address people reach the server by, for links and QR codes"),
    Setting("client", _path, "folder of the built browser app", "client/dist beside the program"),
    Setting("proxies", _proxies, "reverse proxies whose X-Forwarded headers are believed"),
    Setting("drill", _switch, "make the drill workbook 演练, with invented rows, at the first start"),
    Setting("log_level", _log_level, "DEBUG, INFO, WARNING or ERROR; logs hold ids and codes only"),
)
