"""Bulgarian first, English when asked for."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from kg.publish.resource import LANGUAGES


def language(request: HTTPConnection) -> str:
    """The language of the reply: `?lang=`, else Accept-Language (RFC 9110 §12.5.4), else Bulgarian."""
    return choose(request.query_params.get("lang"), ",".join(request.headers.getlist("accept-language")))


def choose(asked: str | None, accepted: str) -> str:
    """The same, of the parameter and of the header's lines joined by commas."""
    if asked is not None and asked.lower() in LANGUAGES:
        return asked.lower()
    best, quality = LANGUAGES[0], 0.0
    for part in accepted.split(","):
        tag, _, parameter = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        try:
            liking = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if primary in LANGUAGES and liking > quality:
            best, quality = primary, liking
    return best
