"""The address that a request was sent to: what relative IRIs in it stand below."""

from __future__ import annotations

from pyoxigraph import NamedNode
from starlette.types import Scope

from kg.web.fields import fields

_LONGEST_HOST = 261  # characters of a name, and a port


def own_address(scope: Scope) -> str | None:
    """The IRI without its query, as the client wrote it; None for a Host field or a path that makes none."""
    host, path = fields(scope).get(b"host", b""), scope.get("raw_path") or scope["path"].encode()
    if not 0 < len(host) <= _LONGEST_HOST:
        return None
    try:
        return NamedNode(f"{scope['scheme']}://{host.decode('ascii')}{path.decode('ascii')}").value
    except ValueError:
        return None
