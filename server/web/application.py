"""The HTTP side put together: routes, error answers, headers and the guard around whatever sockets the composition adds.

Imported by `server.app` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from server.clock import Clock
from server.limits import Limits
from server.settings import Settings
from server.storage.contract import Storage
from server.web.answers import LastResort, OwnRequests, exception_handlers
from server.web.assets import Assets
from server.web.routes import routes as web_routes
from server.web.security import SecurityHeaders
from server.web.site import Rooms, Site


def web(
    settings: Settings,
    *,
    storage: Storage,
    rooms: Rooms,
    clock: Clock,
    limits: Limits,
    routes: Sequence[BaseRoute] = (),
    lifespan: Any = None,
) -> Starlette:
    """The application. `routes` are the composition's own (the sockets); they come first."""
    origins = frozenset({settings.public_url}) if settings.public_url else frozenset()
    site = Site(settings, storage, rooms, clock, Assets(settings.client), origins, limits)
    return Starlette(
        routes=[*routes, *web_routes(site)],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(LastResort, site=site),
            Middleware(OwnRequests, site=site),
        ],
        exception_handlers=dict(exception_handlers(site)),
        lifespan=lifespan,
    )
