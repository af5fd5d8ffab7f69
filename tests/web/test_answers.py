"""How answers leave, whoever evaluates them: kept, coded, conditional, shared. The engine is scripted."""

from __future__ import annotations

import asyncio
import gzip
import html
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
import zstandard
from pyoxigraph import NamedNode

from kg.answering.question import Answer, Question
from kg.errors import BusyError, CancelledError, DeadlineError, KgError
from kg.publish.pages.texts import TEXTS
from kg.store.embedded import EmbeddedStore
from kg.store.erasure import erase

from .conftest import AN_HOUR_AGO, BASE, Server, until, write
from .scripted import Script, Scripted, seen, small

JSON_ROWS = json.dumps(
    {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "Русе"}}]}}
)
LARGE = JSON_ROWS.encode().ljust(20_000)
SELECT = "SELECT * {}"


@contextmanager
def serving(store: EmbeddedStore, script: Script, **settings: Any) -> Iterator[tuple[httpx.Client, Scripted]]:
    workers = Scripted(script)
    with Server(store, workers, **settings) as server, httpx.Client(base_url=server.url, timeout=20) as client:
        client.headers.pop("accept-encoding")
        client.headers["host"] = "kg.example"
        yield client, workers


def get(
    client: httpx.Client, query: str = SELECT, parameters: dict[str, str] | None = None, **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/sparql", params={"query": query, **(parameters or {})}, headers=named)


def lasting(response: httpx.Response) -> dict[str, str]:
    """The headers that two replies to one request share."""
    return {name: value for name, value in response.headers.items() if name not in {"date", "x-request-id"}}


def test_the_same_request_is_evaluated_once(store: EmbeddedStore) -> None:
    with serving(store, small(LARGE)) as (client, workers):
        first, *others = [get(client) for _ in range(4)]
        assert len(workers.asked) == 1
        for response in others:
            assert response.content == first.content == LARGE
            assert lasting(response) == lasting(first)
        told = client.get("/metrics").text
        assert 'kg_cache_lookups_total{result="hit"} 3.0' in told
        assert "kg_cache_answers 1.0" in told


def test_the_same_question_in_other_words_too(store: EmbeddedStore) -> None:
    with serving(store, small(LARGE)) as (client, workers):
        get(client)
        client.get("/sparql?query=SELECT+%2A+%7B%7d", headers={"accept-encoding": "gzip"})
        client.post("/sparql", data={"query": SELECT})
        client.post("/sparql", content=SELECT, headers={"content-type": "application/sparql-query"})
        get(client, parameters={"timeout": "3"})
        assert len(workers.asked) == 1


@pytest.mark.parametrize(
    ("query", "parameters", "headers"),
    [
        ("SELECT * { }", {}, {}),
        (SELECT, {"format": "csv"}, {}),
        (SELECT, {"release": "1"}, {}),
        (SELECT, {"default-graph-uri": "http://e/g"}, {}),
        (SELECT, {"excel": "bg"}, {}),
        (SELECT, {"partial": "1"}, {}),
        (SELECT, {}, {"host": "data.example"}),
        (SELECT, {}, {"accept": "text/csv"}),
    ],
)
def test_another_question_is_another_answer(
    store: EmbeddedStore, query: str, parameters: dict[str, str], headers: dict[str, str]
) -> None:
    with serving(store, small(LARGE)) as (client, workers):
        tags = {get(client).headers["etag"], get(client, query, parameters, **headers).headers["etag"]}
        assert len(tags) == len(workers.asked) == 2


def test_relative_iris_stand_below_the_host_that_was_asked(store: EmbeddedStore) -> None:
    with serving(store, small(b"")) as (client, workers):
        for host in ("a.example", "b.example:8080", "a.example"):
            get(client, host=host)
        assert [one.base_iri for one in workers.asked] == ["http://a.example/sparql", "http://b.example:8080/sparql"]


def test_a_question_that_changes_is_evaluated_every_time(store: EmbeddedStore) -> None:
    with serving(store, small(LARGE)) as (client, workers):
        for _ in range(3):
            response = get(client, "SELECT volatile", accept_encoding="gzip")
            assert response.content == LARGE
            assert response.headers["cache-control"] == "no-store"
            assert response.headers["content-encoding"] == "gzip"
            assert not {"etag", "last-modified"} & response.headers.keys()
        assert len(workers.asked) == 3


def test_a_new_release_is_asked_anew(own_store: EmbeddedStore) -> None:
    with serving(own_store, small(LARGE)) as (client, workers):
        before = get(client)
        write(own_store, "two")
        after = get(client)
        assert [one.release.name for one in workers.asked] == ["1", "2"]
        assert (before.headers["x-release"], after.headers["x-release"]) == ("1", "2")
        assert before.headers["etag"] != after.headers["etag"]
        assert [path.name for path in workers.settled] == ["1", "2"]
        assert get(client, parameters={"release": "1"}).headers["etag"] == before.headers["etag"]
        assert get(client, parameters={"release": "3"}).status_code == 404


def test_an_erasure_forgets_what_was_kept(own_store: EmbeddedStore) -> None:
    write(own_store, "two")
    with serving(own_store, small(LARGE)) as (client, workers):
        tags = {number: get(client, parameters={"release": number}).headers["etag"] for number in "12"}
        assert erase(own_store, [NamedNode(f"{BASE}/id/person/ivan")], agent="test", reason="asked for")
        for number, tag in tags.items():
            response = get(client, parameters={"release": number}, if_none_match=tag)
            assert response.status_code == 200
        assert len(workers.asked) == 4


CODINGS = [
    ("gzip", "gzip", gzip.decompress),
    ("gzip, deflate, br", "br", brotli.decompress),
    ("zstd, gzip;q=0.5", "zstd", lambda body: zstandard.ZstdDecompressor().decompress(body)),
    ("identity", None, bytes),
    ("gzip;q=0", None, bytes),
    ("", None, bytes),
]


@pytest.mark.parametrize(("accepted", "coding", "decode"), CODINGS, ids=[one[0] or "nothing" for one in CODINGS])
def test_codings(store: EmbeddedStore, accepted: str, coding: str | None, decode: object) -> None:
    assert callable(decode)
    with serving(store, small(LARGE)) as (client, workers):
        plain = get(client)
        for again in (False, True):
            with client.stream(
                "GET", "/sparql", params={"query": SELECT}, headers={"accept-encoding": accepted}
            ) as coded:
                body = b"".join(coded.iter_raw())
            assert decode(body) == LARGE, again
            assert coded.headers.get("content-encoding") == coding
            assert int(coded.headers["content-length"]) == len(body)
            assert "accept-encoding" in coded.headers["vary"].lower()
            assert (coded.headers["etag"] == plain.headers["etag"]) is (coding is None)
            same = get(client, accept_encoding=accepted, if_none_match=coded.headers["etag"])
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", coded.headers["etag"])
        if coding:
            assert get(client, accept_encoding=accepted, if_none_match=plain.headers["etag"]).status_code == 200
        assert len(workers.asked) == 1


def test_a_client_that_takes_no_coding_of_ours_hears_which_there_are(store: EmbeddedStore) -> None:
    with serving(store, small(LARGE)) as (client, _):
        response = get(client, accept_encoding="deflate, identity;q=0")
        assert response.status_code == 406
        assert response.json()["offered"] == ["identity", "zstd", "br", "gzip"]


def test_a_small_answer_is_sent_as_it_is(store: EmbeddedStore) -> None:
    with serving(store, small(b"{}")) as (client, _):
        assert "content-encoding" not in get(client, accept_encoding="gzip").headers
        assert get(client, accept_encoding="gzip, identity;q=0").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("accepted", ["", "gzip"])
@pytest.mark.parametrize("body", [b"{}", LARGE], ids=["small", "large"])
def test_a_revalidation_after_a_restart_evaluates_nothing(own_store: EmbeddedStore, accepted: str, body: bytes) -> None:
    with serving(own_store, small(body)) as (client, _):
        first = get(client, accept_encoding=accepted)
    with serving(own_store, small(body)) as (client, workers):
        same = get(client, accept_encoding=accepted, if_none_match=first.headers["etag"])
        assert (same.status_code, same.headers["etag"], same.headers["x-release"]) == (304, first.headers["etag"], "1")
        assert (len(workers.looked), workers.asked) == (1, [])
        assert get(client, accept_encoding=accepted, if_none_match='"other"').content == body
        assert len(workers.asked) == 1


@pytest.mark.parametrize("accepted", ["", "gzip"])
def test_a_date_alone_does_not_say_what_was_asked(own_store: EmbeddedStore, accepted: str) -> None:
    with serving(own_store, small(b"{}")) as (client, _):
        first = get(client, accept_encoding=accepted)
    with serving(own_store, small(b"{}")) as (client, workers):
        for _ in range(2):
            same = get(client, accept_encoding=accepted, if_modified_since=first.headers["last-modified"])
            assert same.status_code == 304
        assert (len(workers.looked), len(workers.asked)) == (0, 1)


def test_dates_count_when_there_is_no_tag(own_store: EmbeddedStore) -> None:
    with serving(own_store, small(LARGE)) as (client, _):
        first = get(client)
        modified = first.headers["last-modified"]
        earlier = "Mon, 01 Jan 2024 00:00:00 GMT"
        for _ in range(2):
            same = get(client, if_modified_since=modified)
            assert (same.status_code, same.headers["etag"]) == (304, first.headers["etag"])
            assert get(client, if_modified_since=earlier).status_code == 200
            assert get(client, if_modified_since="soon").status_code == 200
            assert get(client, if_modified_since=modified, if_none_match='"other"').status_code == 200
            assert get(client, if_modified_since=earlier, if_none_match=first.headers["etag"]).status_code == 304


def test_in_its_first_second_a_release_has_no_date(own_store: EmbeddedStore) -> None:
    ahead = time.time() + 3600
    os.utime(own_store.home.pointer, (ahead, ahead))
    with serving(own_store, small(LARGE)) as (client, workers):
        for _ in range(2):
            assert "last-modified" not in get(client).headers
        assert len(workers.asked) == 1
        os.utime(own_store.home.pointer, (AN_HOUR_AGO, AN_HOUR_AGO))
        assert "last-modified" in get(client).headers


def test_a_post_is_not_conditional(store: EmbeddedStore) -> None:
    with serving(store, small(LARGE)) as (client, _):
        tag = get(client).headers["etag"]
        for _ in range(2):
            response = client.post("/sparql", data={"query": SELECT}, headers={"if-none-match": tag})
            assert response.status_code == 200


@pytest.mark.parametrize("accepted", ["", "gzip"])
def test_head_says_what_get_says(store: EmbeddedStore, accepted: str) -> None:
    with serving(store, small(LARGE)) as (client, _):
        for query in (SELECT, "SELECT volatile"):
            full = get(client, query, accept_encoding=accepted)
            head = client.head("/sparql", params={"query": query}, headers={"accept-encoding": accepted})
            assert head.content == b""
            assert lasting(head) == lasting(full)


class Gate:
    """A script that waits until it is let through."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._open = threading.Event()

    async def __call__(self, question: Question) -> Answer:
        await asyncio.to_thread(self._open.wait, 20)
        found = self._script(question)
        return found if isinstance(found, Answer) else await found

    @contextmanager
    def opened_after(self, server: Server, number: int) -> Iterator[None]:
        """A block that sends so many requests; they are under way together before one of them goes on."""
        yield
        until(lambda: server.under_way == number)
        self._open.set()


def test_identical_questions_at_the_same_time_wait_for_one_evaluation(store: EmbeddedStore) -> None:
    gate = Gate(small(LARGE))
    workers = Scripted(gate)
    with Server(store, workers) as server, httpx.Client(base_url=server.url) as client, ThreadPoolExecutor(9) as pool:
        with gate.opened_after(server, 9):
            replies = [pool.submit(get, client) for _ in range(8)]
            replies.append(pool.submit(get, client, parameters={"timeout": "7"}))
        assert {reply.result(20).content for reply in replies} == {LARGE}
        assert len(workers.asked) == 2  # a time of one's own is kept


@pytest.mark.parametrize(
    ("error", "evaluations"), [(DeadlineError("too long", "твърде дълго"), 1), (BusyError("busy", "заето"), 3)]
)
def test_an_error_that_everybody_would_get_is_shared(store: EmbeddedStore, error: KgError, evaluations: int) -> None:
    def failing(question: Question) -> Answer:
        raise error

    gate = Gate(failing)
    workers = Scripted(gate)
    with Server(store, workers) as server, httpx.Client(base_url=server.url) as client, ThreadPoolExecutor(3) as pool:
        with gate.opened_after(server, 3):
            replies = [pool.submit(get, client) for _ in range(3)]
        assert {reply.result(20).json()["type"].rpartition("/")[2] for reply in replies} == {error.slug}
        assert len(workers.asked) == evaluations


def test_what_cannot_be_shared_is_evaluated_side_by_side_from_then_on(store: EmbeddedStore) -> None:
    together = threading.Barrier(3)

    async def waiting(question: Question) -> Answer:
        if len(workers.asked) > 1:  # the first one alone shows that it changes
            await asyncio.to_thread(together.wait, 20)
        return Answer(seen(question), 0.01, body=LARGE)

    with serving(store, waiting) as (client, workers), ThreadPoolExecutor(3) as pool:
        get(client, "SELECT volatile")
        replies = [pool.submit(get, client, "SELECT volatile") for _ in range(3)]
        assert [reply.result(20).content for reply in replies] == [LARGE] * 3


def test_a_cut_answer_says_so(store: EmbeddedStore) -> None:
    def cut(question: Question) -> Answer:
        return Answer(seen(question), 0.01, body=LARGE, truncated=question.partial)

    with serving(store, cut) as (client, _):
        assert "x-result-truncated" not in get(client).headers
        for _ in range(2):
            assert get(client, parameters={"partial": "1"}).headers["x-result-truncated"] == "true"


def test_csv_for_a_spreadsheet_is_a_file(store: EmbeddedStore) -> None:
    with serving(store, small(b"\xef\xbb\xbfx\r\n")) as (client, workers):
        response = get(client, parameters={"excel": "bg"})
        assert response.headers["content-disposition"] == 'attachment; filename="result.csv"'
        assert response.headers["content-type"].startswith("text/csv")
        assert (workers.asked[0].excel, workers.asked[0].formats) == ("bg", ("csv",))


def test_a_page_is_kept_in_each_language(store: EmbeddedStore) -> None:
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    with serving(store, small(JSON_ROWS.encode())) as (client, workers):
        for _ in range(2):
            for tongue, word in (("bg", ">1 ред<"), ("en", ">1 row<")):
                page = get(client, accept=browser, accept_language=tongue)
                assert word in page.text
                assert "Русе" in page.text
                assert page.headers["content-language"] == tongue
                assert page.headers["vary"] == "Accept, Accept-Encoding, Accept-Language"
                same = get(client, accept=browser, accept_language=tongue, if_none_match=page.headers["etag"])
                assert same.status_code == 304
        assert len(workers.asked) == 2


def links(page: httpx.Response) -> dict[str, str]:
    """Where the downloads of a page lead, by label."""
    (downloads,) = re.findall(r'<p class="downloads">(.*?)</p>', page.text)
    return {label: html.unescape(to) for to, label in re.findall(r'<a href="([^"]+)">([^<]+)</a>', downloads)}


def test_a_page_carries_on_what_it_was_asked_about(store: EmbeddedStore) -> None:
    about = {"release": "1", "default-graph-uri": f"{BASE}/graph/page"}
    with serving(store, small(JSON_ROWS.encode())) as (client, workers):
        page = get(client, parameters={"format": "html", "lang": "en", **about})
        assert "Release 1<" in page.text
        found = links(page)
        assert list(found) == ["JSON", "XML", "CSV", "TSV", "CSV for Excel"]
        for link in found.values():
            assert client.get(link).headers["x-release"] == "1"
            assert workers.asked[-1].dataset == workers.asked[0].dataset
        assert workers.asked[-1].excel == "bg"
        for name, value in about.items():
            assert f'<input type="hidden" name="{name}" value="{value}">' in page.text


def test_a_page_of_the_newest_release_is_not_that_of_one_asked_for(store: EmbeddedStore) -> None:
    with serving(store, small(JSON_ROWS.encode())) as (client, _):
        fixed = get(client, parameters={"format": "html", "release": "2"})
        newest = get(client, parameters={"format": "html"})
        assert "release=2" in links(fixed)["JSON"] and "release" not in links(newest)["JSON"]
        assert fixed.headers["etag"] != newest.headers["etag"]


def test_graphs_are_offered_under_their_names(store: EmbeddedStore) -> None:
    with serving(store, small(b"")) as (client, _):
        page = get(client, "CONSTRUCT {} {}", {"format": "html"})
        assert list(links(page)) == ["Turtle", "JSON-LD", "RDF/XML", "N-Triples", "N-Quads", "TriG"]


def test_a_page_says_that_its_answer_was_cut(store: EmbeddedStore) -> None:
    def cut(question: Question) -> Answer:
        return Answer(seen(question), 0.01, body=JSON_ROWS.encode(), truncated=question.partial)

    with serving(store, cut) as (client, _):
        for tongue in ("bg", "en"):
            notice = f'<p class="notice">{TEXTS[tongue]["cut"]}</p>'
            page = get(client, parameters={"format": "html", "lang": tongue, "partial": "1"})
            assert notice in page.text
            assert "partial=1" in links(page)["CSV"]
            assert notice not in get(client, parameters={"format": "html", "lang": tongue}).text


@pytest.mark.parametrize("error", [DeadlineError("late", "късно"), CancelledError("ended", "край")])
def test_a_query_that_was_ended_is_in_the_log_with_its_text(
    store: EmbeddedStore, tmp_path: Path, error: KgError
) -> None:
    def ended(question: Question) -> Answer:
        raise error

    log = tmp_path / "log"
    with serving(store, ended, log=str(log), slow_query=0) as (client, _):
        assert get(client).status_code == 503
    (slow,) = (line for line in map(json.loads, log.read_text(encoding="utf-8").splitlines()) if line.get("slow"))
    assert slow["seconds"] >= 0
    assert (slow["reason"], slow["query"]) == (error.slug, SELECT)


def test_two_front_pages_of_errors(store: EmbeddedStore) -> None:
    def late(question: Question) -> Answer:
        raise DeadlineError("it took too long", "отне твърде дълго")

    with serving(store, late) as (client, _):
        page = get(client, parameters={"format": "html", "lang": "en"})
        assert (page.status_code, page.headers["content-language"]) == (503, "en")
        assert "it took too long" in page.text
        assert page.headers["cache-control"] == "no-store"
        for address in ("/sparql?format=html&query=a&query=b", "/sparql?format=html&query=%FF"):
            wrong = client.get(address)
            assert (wrong.status_code, wrong.headers["content-type"]) == (400, "text/html; charset=utf-8")
        assert client.post("/sparql", data={"format": "html"}).status_code == 400
