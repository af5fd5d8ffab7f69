"""One row of the hostile table: a request as it is sent, and what may come back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import quote_from_bytes, urlencode

from tests.served import BASE, TOKEN

GRAPH = f"{BASE}/graph/endpoint/hostile"
HERE, THERE = "@here@", "@there@"  # host and port of the service, and of a listener that nobody may call
OK = frozenset({200})
TAKEN = frozenset({200, 201, 204})
NO_QUERY = frozenset({400})


@dataclass(frozen=True, slots=True)
class Request:
    """A request's parts; nothing is escaped, ordered or completed but Host and Content-Length."""

    method: str
    target: str | bytes
    headers: tuple[tuple[str, str | bytes], ...] = ()
    body: bytes = b""

    @property
    def writes(self) -> bool:
        """Whether what it asks for is a change, when it is granted."""
        return self.method != "GET" and not _raw(self.target).startswith(b"/sparql")

    def written(self, here: str, there: str) -> bytes:
        names = {name.lower() for name, _ in self.headers}
        body = _placed(self.body, here, there)
        own: list[tuple[str, str | bytes]] = [] if "host" in names else [("Host", here)]
        if body or self.method in {"POST", "PUT", "PATCH"}:
            own.append(("Content-Length", str(len(body))))
        lines = [b"%s %s HTTP/1.1" % (self.method.encode(), _placed(_raw(self.target), here, there))]
        lines += [b"%s: %s" % (_raw(name), _placed(_raw(value), here, there)) for name, value in (*own, *self.headers)]
        return b"\r\n".join([*lines, b"Connection: close", b"", body])


def _raw(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _placed(raw: bytes, here: str, there: str) -> bytes:
    for mark, host in ((HERE, here), (THERE, there)):
        raw = raw.replace(mark.encode(), host.encode()).replace(quote_from_bytes(mark.encode()).encode(), host.encode())
    return raw


@dataclass(frozen=True, slots=True)
class Case:
    """A request, the outcomes that are right, and the problem's slug where one is expected."""

    name: str
    request: Request
    outcomes: Collection[int]
    slug: str = ""

    def __str__(self) -> str:
        return self.name


def row(name: str, method: str, target: str | bytes, outcomes: Collection[int], slug: str = "", **headers: str) -> Case:
    """A request without a body."""
    named = tuple((key.replace("_", "-"), value) for key, value in headers.items())
    return Case(name, Request(method, target, named), outcomes, slug)


def query(name: str, text: str | bytes, outcomes: Collection[int], slug: str = "", **parameters: str) -> Case:
    """A query sent as it is (SPARQL 1.1 Protocol §2.1.3)."""
    target = f"/sparql?{urlencode(parameters)}" if parameters else "/sparql"
    headers = (("Content-Type", "application/sparql-query"), ("Accept", "*/*"))
    return Case(name, Request("POST", target, headers, _raw(text)), outcomes, slug)


def ask(name: str, target: bytes, outcomes: Collection[int], slug: str = "") -> Case:
    """A query in the address."""
    return Case(name, Request("GET", b"/sparql?" + target), outcomes, slug)


def post(name: str, target: str, body: bytes, media_type: str, outcomes: Collection[int], slug: str = "") -> Case:
    """Any body, without a token."""
    return Case(name, Request("POST", target, (("Content-Type", media_type),), body), outcomes, slug)


def change(name: str, text: str | bytes, outcomes: Collection[int], slug: str = "") -> Case:
    """An update by somebody who may write."""
    return with_token(post(name, "/update", _raw(text), "application/sparql-update", outcomes, slug))


def put(
    name: str, body: bytes | str, media_type: str, outcomes: Collection[int], slug: str = "", graph: str = GRAPH
) -> Case:
    """A graph by somebody who may write."""
    target = f"/graphs?{urlencode({'graph': graph})}"
    request = Request("PUT", target, (("Content-Type", media_type),), _raw(body))
    return with_token(Case(name, request, outcomes, slug))


def with_token(case: Case, authorization: str | bytes = f"Bearer {TOKEN}") -> Case:
    headers = (*case.request.headers, ("Authorization", authorization))
    return replace(case, request=replace(case.request, headers=headers))
