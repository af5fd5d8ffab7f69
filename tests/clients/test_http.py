"""httpx and curl: what a script writes first."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess

import httpx
import pytest

from tests.clients.questions import ASK, BROKEN, CONSTRUCT, FAILING, FAILING_GRAPH, PROJECTS, ROWS, SELECT
from tests.served import BASE, TOKEN, Served

BROKEN_OFF, HTTP_ERROR, BAD_ENCODING = {18, 56}, 22, 61  # exit codes of curl
CODINGS = ("identity", "gzip", "br", "zstd")


def curl(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("there is no curl")
    given = text.encode() if text is not None else None
    return subprocess.run([program, "--silent", "--globoff", *arguments], input=given, capture_output=True, timeout=120)


def test_httpx_selects(endpoint: str) -> None:
    reply = httpx.get(endpoint, params={"query": SELECT}, headers={"Accept": "application/sparql-results+json"})
    rows = reply.raise_for_status().json()["results"]["bindings"]
    assert [(row["project"]["value"], row["title"]["value"]) for row in rows] == ROWS


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("text", [FAILING, FAILING_GRAPH])
def test_httpx_raises_when_an_answer_breaks_off(text: str, coding: str, endpoint: str) -> None:
    """Seen before any decoding, so that it is the connection that tells."""
    with httpx.stream("POST", endpoint, data={"query": text}, headers={"Accept-Encoding": coding}, timeout=60) as reply:
        assert reply.status_code == 200
        assert reply.headers.get("Content-Encoding", "identity") == coding
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            for _ in reply.iter_raw():
                pass


def test_httpx_raises_for_a_broken_query(endpoint: str) -> None:
    reply = httpx.get(endpoint, params={"query": BROKEN})
    assert reply.status_code == 400
    assert reply.headers["content-type"].startswith("application/problem+json")
    with pytest.raises(httpx.HTTPStatusError):
        reply.raise_for_status()


@pytest.mark.parametrize("coding", CODINGS[1:])
def test_httpx_reads_every_coding(coding: str, endpoint: str) -> None:
    text = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 500"
    plain = httpx.get(endpoint, params={"query": text, "format": "csv"}, headers={"Accept-Encoding": "identity"})
    packed = httpx.get(endpoint, params={"query": text, "format": "csv"}, headers={"Accept-Encoding": coding})
    assert packed.headers["content-encoding"] == coding
    assert packed.content == plain.content
    assert packed.num_bytes_downloaded < len(plain.content) / 2


def test_curl_selects_by_get(endpoint: str) -> None:
    done = curl("--fail", "--get", "--data-urlencode", f"query={SELECT}", "-H", "Accept: text/csv", endpoint)
    assert done.returncode == 0
    assert [tuple(row) for row in csv.reader(io.StringIO(done.stdout.decode()))][1:] == ROWS


def test_curl_selects_by_post_and_unpacks(endpoint: str) -> None:
    type_ = "Content-Type: application/sparql-query"
    done = curl("--fail", "--compressed", "-H", type_, "--data-binary", "@-", f"{endpoint}?format=csv", text=SELECT)
    assert done.returncode == 0
    assert [tuple(row) for row in csv.reader(io.StringIO(done.stdout.decode()))][1:] == ROWS


def test_curl_asks_and_constructs(endpoint: str) -> None:
    asked = curl("--fail", "--data-urlencode", f"query={ASK}", "-H", "Accept: application/json", endpoint)
    assert (asked.returncode, asked.stdout) == (0, b'{"head":{},"boolean":true}')
    built = curl("--fail", "--data-urlencode", f"query={CONSTRUCT}", "-H", "Accept: application/n-triples", endpoint)
    assert {line.split(" ")[0].strip("<>") for line in built.stdout.decode().splitlines()} == PROJECTS


def test_curl_asks_for_the_head_only(endpoint: str) -> None:
    done = curl("--fail", "--head", "--get", "--data-urlencode", f"query={ASK}", endpoint)
    assert done.returncode == 0
    assert b"HTTP/1.1 200" in done.stdout
    assert b"application/sparql-results+json" in done.stdout


def test_curl_fails_for_a_broken_query(endpoint: str) -> None:
    assert curl("--fail", "--get", "--data-urlencode", f"query={BROKEN}", endpoint).returncode == HTTP_ERROR


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_curl_fails_when_an_answer_breaks_off(format: str, endpoint: str) -> None:
    done = curl("--fail", "--data-urlencode", f"query={FAILING}", "-o", "/dev/null", f"{endpoint}?format={format}")
    assert done.returncode in BROKEN_OFF


def test_curl_fails_when_a_packed_answer_breaks_off(endpoint: str) -> None:
    text = f"query={FAILING}"
    done = curl("--fail", "--compressed", "--data-urlencode", text, "-o", "/dev/null", f"{endpoint}?format=csv")
    assert done.returncode in {*BROKEN_OFF, BAD_ENCODING}


def test_curl_puts_reads_and_deletes_a_graph(service: Served) -> None:
    name = f"{BASE}/graph/endpoint/curl"
    where = f"{service.url}/graphs?graph={name}"
    token = f"Authorization: Bearer {TOKEN}"
    turtle = '<urn:s> <urn:p> "Русе"@bg .'
    put = ("--upload-file", "-", "-H", "Content-Type: text/turtle", "-H", token, where)
    assert curl("--fail", *put, text=turtle).returncode == 0
    got = curl("--fail", "-H", "Accept: application/n-triples", where)
    assert got.stdout.decode().strip() == turtle
    assert curl("--fail", "-X", "DELETE", "-H", token, where).returncode == 0
    assert curl("--fail", where).returncode == HTTP_ERROR


def test_curl_may_not_write_without_a_token(service: Served) -> None:
    where = f"{service.url}/graphs?graph={BASE}/graph/endpoint/curl-never"
    done = curl("--fail", "--upload-file", "-", "-H", "Content-Type: text/turtle", where, text="<urn:s> <urn:p> 1 .")
    assert done.returncode == HTTP_ERROR
    assert curl("--fail", where).returncode == HTTP_ERROR
