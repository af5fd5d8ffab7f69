"""The application as a whole: what is behind which address."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from kg.store.embedded import EmbeddedStore

from .conftest import Server
from .scripted import Scripted, small


@pytest.fixture(scope="module")
def client(store: EmbeddedStore) -> Iterator[httpx.Client]:
    with Server(store, Scripted(small(b"{}"))) as server, httpx.Client(base_url=server.url) as client:
        yield client


def test_the_schema_describes_the_service(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.")
    paths = schema["paths"]
    assert set(paths["/sparql"]) == {"get", "post"}
    assert set(paths["/update"]) == {"post"}
    assert {"get", "put", "post", "delete"} <= set(paths["/graphs"])
    assert {"/health", "/metrics", "/queries/running"} <= paths.keys()
    ids = [one["operationId"] for path in paths.values() for one in path.values()]
    assert len(ids) == len(set(ids)) >= 10
    (scheme,) = schema["components"]["securitySchemes"]
    assert paths["/update"]["post"]["security"] == [{scheme: []}]
    asked = {one["name"] for one in paths["/sparql"]["get"]["parameters"]}
    assert {"query", "format", "timeout", "release", "excel", "partial"} <= asked
    assert client.get("/openapi.json").json() == schema


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/sparql", "GET, HEAD, OPTIONS, POST"),
        ("/update", "OPTIONS, POST"),
        ("/graphs", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
    ],
)
def test_preflights_say_what_each_address_takes(client: httpx.Client, path: str, allowed: str) -> None:
    asked = {"origin": "https://example.org", "access-control-request-method": "POST"}
    response = client.options(path, headers=asked)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-methods"] == response.headers["allow"] == allowed
    assert response.headers["access-control-allow-origin"] == "*"
    for name in ("authorization", "content-type", "if-match", "if-none-match"):
        assert name in response.headers["access-control-allow-headers"].lower()
    for name in ("ETag", "Link", "Location", "Retry-After", "X-Release", "X-Result-Truncated", "X-Request-Id"):
        assert name in response.headers["access-control-expose-headers"].split(", ")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_a_method_that_is_not_for_queries_hears_which_are(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/sparql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert response.json()["type"].endswith("/method-not-allowed")


def test_every_reply_has_its_id(client: httpx.Client) -> None:
    for path in ("/sparql?query=ASK%7B%7D", "/sparql?query=", "/health", "/nothing"):
        assert client.get(path, headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
        assert client.get(path).headers["x-request-id"]
