"""Conditional writes (RFC 9110 §13.1.1, §13.1.2, §13.1.4): whether the graph is still what the client has seen."""

from __future__ import annotations

import re

from starlette.types import Scope

from kg.answering.question import PLACES, Seen
from kg.errors import ParameterError, PreconditionError
from kg.formats import GRAPHS
from kg.store.manifests import software
from kg.web.asked import Asked, Client, Inquiry
from kg.web.coding import CODINGS, IDENTITY
from kg.web.conditional import seconds, tag
from kg.web.fields import fields
from kg.web.releases import Held

_CONDITIONS = frozenset({b"if-match", b"if-none-match", b"if-unmodified-since"})
_STRONG = re.compile(rb'(?:^|,)\s*("[^"]*")')


def require(scope: Scope, held: Held, asked: Asked | None) -> tuple[int | None, bool | None]:
    """What must hold when the write begins: this release is the current one, the graph is there or is not.

    `asked` is the question whose answers carry the entity tags; None for a graph that is yet to be named. Raises
    PreconditionError.
    """
    found = fields(scope)
    match, none_match = found.get(b"if-match"), found.get(b"if-none-match")
    since = seconds(found.get(b"if-unmodified-since")) if match is None else None
    if since is not None and held.modified > since:
        raise PreconditionError
    unchanged = held.number if since is not None else None
    if asked is None:
        if match is not None:
            raise PreconditionError
        return unchanged, None
    if match is None and none_match is None:
        return unchanged, None
    if match is not None and match.strip() == b"*":
        return None, True
    if none_match is not None and none_match.strip() == b"*":
        return unchanged, False
    current = _tags(scope, held, asked)
    same = bool(current & set(_STRONG.findall(match if match is not None else none_match or b"")))
    if same is (match is None):
        raise PreconditionError
    return held.number, None


def unconditional(scope: Scope) -> None:
    """Nothing, where a write has no graph of its own to be conditional on. Raises ParameterError for a condition."""
    if not _CONDITIONS.isdisjoint(fields(scope)):
        raise ParameterError(
            "updates take no If-Match, If-None-Match or If-Unmodified-Since; write to /graphs with them",
            "Промените не приемат If-Match, If-None-Match и If-Unmodified-Since; с тях пишете на /graphs",
        )


def _tags(scope: Scope, held: Held, asked: Asked) -> set[bytes]:
    """The tags of the graph in every format and coding."""
    inquiry = Inquiry.of(asked, held, Client.of(scope))
    made = [
        inquiry.fingerprint(Seen("CONSTRUCT", False, "", format, place), software())
        for format in GRAPHS
        for place in PLACES
    ]
    return {tag(one, coding) for one in made for coding in (IDENTITY, *CODINGS)}
