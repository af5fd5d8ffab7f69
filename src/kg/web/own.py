"""The address that a request was sent to: what relative IRIs in it stand below."""

from __future__ import annotations

import re

from pyoxigraph import NamedNode
from starlette.types import Scope

from kg.errors import ParameterError
from kg.web.fields import fields

_LONGEST_HOST = 261  # characters of a name, and a port
_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


def own_address(scope: Scope) -> str | None:
    """The IRI without its query, as the client wrote it; None without a Host field, or for a path that makes none.

    Raises ParameterError for a Host field that is more than a name and a port (RFC 9110 §7.2).
    """
    host, path = fields(scope).get(b"host", b""), scope.get("raw_path") or scope["path"].encode()
    if not host:
        return None
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        raise ParameterError(
            "the Host field is no host with a port, such as localhost:8000",
            "Полето Host не е име на хост с порт, например localhost:8000",
        )
    try:
        return NamedNode(f"{scope['scheme']}://{host.decode('ascii')}{path.decode('ascii')}").value
    except ValueError:
        return None
