"""What is answered to bytes that are no request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from kg.namespaces import PROJECT
from kg.web.fields import Fields
from kg.web.headers import COMMON
from kg.web.problems import MEDIA_TYPE, RETRY_AFTER

MAX_URL: Final = 2**16 - 1  # bytes: the parser takes no longer ones

_REFUSALS: Final = MappingProxyType(
    {
        400: ("bad-request", "this is not well-formed HTTP", "това не е правилна заявка по HTTP"),
        408: ("request-timeout", "the head of the request took too long", "заглавките на заявката не дойдоха навреме"),
        414: (
            "too-large",
            f"the address is longer than {MAX_URL} bytes; send the query with POST",
            f"адресът е по-дълъг от {MAX_URL} байта; изпратете заявката с POST",
        ),
        431: ("too-large", "the headers are too long", "заглавките са твърде дълги"),
        501: ("bad-request", "this transfer coding is not known here", "непознат начин на предаване"),
        503: ("busy", "too many connections; try again", "твърде много връзки; опитайте отново"),
        505: ("bad-request", "use HTTP/1.1", "използвайте HTTP/1.1"),
    }
)


def refusal(status: int, default: Fields) -> bytes:
    """The whole reply, the server's own fields before the others; the connection ends with it."""
    slug, en, bg = _REFUSALS[status]
    body: Mapping[str, Any] = {
        "type": f"{PROJECT}problem/{slug}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": en,
        "messages": {"bg": bg, "en": en},
    }
    content = json.dumps(body, ensure_ascii=False).encode()
    fields = [
        *default,
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(content)),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        *COMMON,
    ]
    if status == 503:
        fields.append((b"retry-after", b"%d" % RETRY_AFTER))
    return b"".join([STATUS_LINE[status], *(b"%b: %b\r\n" % field for field in fields), b"\r\n", content])
