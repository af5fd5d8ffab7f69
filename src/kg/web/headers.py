"""What every reply carries, ready to be sent, and what a browser is told before it writes from another page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from starlette.responses import Response

from kg.web.fields import Fields

SECURITY: Final[Fields] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
]
CORS: Final[Fields] = [  # the data is public, and there are no cookies: never with credentials
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Allow, ETag, Link, Location, Retry-After, WWW-Authenticate, X-Release, X-Request-Id, X-Result-Truncated",
    ),
]
COMMON: Final[Fields] = [*SECURITY, *CORS]
NAMES: Final = frozenset(name for name, _ in COMMON)

_ASKED: Final = (
    "Accept, Accept-Language, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, X-Request-Id"
)
_DAY: Final = "86400"


def preflight(methods: Iterable[str]) -> Response:
    """The reply to OPTIONS (Fetch §3.3.3): what this address takes, from any page."""
    allowed = ", ".join(methods)
    headers = {
        "allow": allowed,
        "access-control-allow-methods": allowed,
        "access-control-allow-headers": _ASKED,
        "access-control-max-age": _DAY,
    }
    return Response(status_code=204, headers=headers)


def complete(fields: Fields, *more: tuple[bytes, bytes]) -> Fields:
    """The fields of a reply and the common ones; what the reply says itself stands."""
    for name, _ in fields:
        if name in NAMES:
            said = {name for name, _ in fields}
            return [*fields, *(one for one in COMMON if one[0] not in said), *more]
    return [*fields, *COMMON, *more]
