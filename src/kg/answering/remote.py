"""Asking another endpoint: one request to a checked address, no redirects, no proxies, bounded in size and time."""

from __future__ import annotations

import functools
import http.client
import socket
import ssl
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from kg.answering.allowlist import Target

ACCEPT: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.9"
_FORMATS: Final = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}
_CONNECT_TIMEOUT: Final = 5.0
_CHUNK: Final = 2**16
_ADDRESSES: Final = 3  # that are tried


class RemoteFailure(Exception):
    """Why there is no answer, in a few words that may be shown."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The rows, as the other side wrote them."""

    media_type: str
    content: bytes


def ask(target: Target, query: bytes, *, limit: int, seconds: float) -> Reply:
    """The endpoint's rows for a query. Raises RemoteFailure."""
    deadline = time.monotonic() + seconds
    connection = _Connection(target, seconds)
    url = target.url
    headers = {
        "Content-Type": "application/sparql-query",
        "Accept": ACCEPT,
        "Accept-Encoding": "identity",
        "User-Agent": "municipal-kg (SPARQL federation)",
        "Connection": "close",
    }
    try:
        connection.request("POST", url.path + url.query, query, headers)
        with connection.getresponse() as response:
            format = _checked(response, limit)
            content = _body(connection, response, limit, deadline)
    except (OSError, http.client.HTTPException) as error:
        reason = "no answer in time" if isinstance(error, TimeoutError) else "no connection, or it broke"
        raise RemoteFailure(reason) from error
    finally:
        connection.close()
    _read(content, format)
    return Reply(format.media_type, content)


def _checked(response: http.client.HTTPResponse, limit: int) -> QueryResultsFormat:
    if response.status != 200:
        raise RemoteFailure(f"it answered with status {response.status}")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise RemoteFailure("it answered in a coding that was not asked for")
    format = _FORMATS.get(response.headers.get_content_type())
    if format is None:
        raise RemoteFailure("it answered with something else than rows in JSON or XML")
    if response.length is not None and response.length > limit:
        raise RemoteFailure(f"its answer is larger than {limit} bytes")
    return format


def _body(connection: _Connection, response: http.client.HTTPResponse, limit: int, deadline: float) -> bytes:
    promised = response.length
    content = bytearray()
    while not response.isclosed():
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.peer.settimeout(left)
        chunk = response.read(_CHUNK)
        content += chunk
        if len(content) > limit:
            raise RemoteFailure(f"its answer is larger than {limit} bytes")
        if not chunk:
            break
    if promised is not None and len(content) != promised:
        raise RemoteFailure("its answer broke off")
    return bytes(content)


def _read(content: bytes, format: QueryResultsFormat) -> None:
    """The engine would stop in the middle of what is broken, even where SILENT says to go on."""
    rows = None
    try:
        rows = parse_query_results(content, format)
        if not isinstance(rows, QuerySolutions):
            raise RemoteFailure("it answered with something else than rows")
        deque(rows, maxlen=0)
    except (SyntaxError, ValueError) as error:
        raise RemoteFailure("its answer is broken") from error
    finally:
        del rows  # it has to end in this thread, whatever becomes of the error


class _Connection(http.client.HTTPConnection):
    """To an address that was checked, never to what the name resolves to by now."""

    def __init__(self, target: Target, seconds: float) -> None:
        self._target = target
        self._secure = target.url.scheme == "https"
        self.default_port = 443 if self._secure else 80  # so that Host says the port where it is another
        super().__init__(target.url.host, target.url.port, timeout=seconds)

    def connect(self) -> None:
        url = self._target.url
        failure: OSError = OSError("no address")
        for address in self._target.addresses[:_ADDRESSES]:
            try:
                self.sock = socket.create_connection((address, url.port), _CONNECT_TIMEOUT)
                break
            except OSError as error:
                failure = error
        else:
            raise failure
        self.sock.settimeout(self.timeout)
        if self._secure:
            self.sock = _tls().wrap_socket(self.sock, server_hostname=url.host)
        self.peer = self.sock  # the response takes it over and forgets it here


@functools.cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
