"""Which language a page speaks, and how the choice is kept.

Pure but for reading a request. Imported by `server.web`.
"""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

Language = Literal["zh", "en"]

COOKIE = "lang"
ONE_YEAR_S = 365 * 24 * 3600
VARY = "Accept-Encoding, Accept-Language, Cookie"


def language_of(request: Request) -> Language:
    """`?lang=`, else what was chosen before, else what the browser asks for; Chinese where nothing says English."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen == "en":
            return "en"
        if chosen == "zh":
            return "zh"
    return preferred(request.headers.get("accept-language", ""))


def preferred(accept_language: str) -> Language:
    """English only where it is weighed above Chinese."""
    weight = {"zh": 0.0, "en": 0.0}
    for place, part in enumerate(accept_language.lower().split(",")):
        tag, _, rest = part.strip().partition(";")
        name = tag.split("-")[0].strip()
        if name not in weight:
            continue
        try:
            q = float(rest.strip().removeprefix("q=")) if rest.strip() else 1.0
        except ValueError:
            q = 0.0
        # Of equal weights the one named first counts.
        weight[name] = max(weight[name], q - place * 1e-6)
    return "en" if weight["en"] > weight["zh"] else "zh"


def keep_language(request: Request, response: Response) -> None:
    """Remembers a language that the address asked for."""
    chosen = request.query_params.get("lang")
    if chosen in ("zh", "en"):
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=ONE_YEAR_S,
            path="/",
            samesite="lax",
            secure=request.url.scheme == "https",
        )
