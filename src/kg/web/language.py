"""Bulgarian first, English when asked for."""

from __future__ import annotations

from starlette.requests import HTTPConnection

LANGUAGES = ("bg", "en")


def language(request: HTTPConnection) -> str:
    """The language of the reply: `?lang=`, else Accept-Language (RFC 9110 §12.5.4), else Bulgarian."""
    asked = request.query_params.get("lang", "").lower()
    if asked in LANGUAGES:
        return asked
    best, quality = LANGUAGES[0], 0.0
    for part in ",".join(request.headers.getlist("accept-language")).split(","):
        tag, _, parameter = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        try:
            liking = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if primary in LANGUAGES and liking > quality:
            best, quality = primary, liking
    return best
