"""SERVICE through the gateway, with a real engine on both sides."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    Store,
)

import kg
from kg.answering.allowlist import Resolve, addresses
from kg.answering.federation import Allow, Gateway, Refused, rewrite
from kg.errors import ForbiddenError, KgError, QueryError, RemoteError

DEFAULT = DefaultGraph()
HERE, THERE = NamedNode("urn:here"), NamedNode("urn:there")


def store_of(*triples: tuple[NamedNode, NamedNode, NamedNode | Literal]) -> Store:
    store = Store()
    store.extend(Quad(*triple, DEFAULT) for triple in triples)
    return store


class Remote:
    """Other people's endpoints on loopback: `/a` and `/b` answer from a small graph, the rest behave badly."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        remote = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"])).decode()
                remote.seen.append((self.path, query))
                status, headers, content = remote.reply(self.path, query)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def reply(self, path: str, query: str) -> tuple[int, dict[str, str], bytes]:
        rows = {"Content-Type": "application/sparql-results+json"}
        match path.partition("?")[0]:
            case "/a" | "/b":
                solutions = store_of((HERE, THERE, Literal(path[1:])), (HERE, THERE, HERE)).query(query)
                assert isinstance(solutions, QuerySolutions)
                content = solutions.serialize(format=QueryResultsFormat.JSON) or b""
                return 200, rows | ({"Content-Length": str(len(content))} if path == "/a" else {}), content
            case "/redirect":
                return 302, {"Location": f"{self.url}/secret"}, b""
            case "/broken":
                return 200, rows, b'{"head":{"vars":["o"]},"results":{"bindings":[{"o":{"type":"literal","val'
            case "/short":
                return 200, rows | {"Content-Length": "5000"}, b'{"head":{"vars":[]},"results":{"bindings":[]}}'
            case "/boolean":
                return 200, rows, b'{"head":{},"boolean":true}'
            case "/large":
                return 200, rows, b'{"head":{"vars":[]},"results":{"bindings":[]}}' + b" " * 70_000
            case "/html":
                return 200, {"Content-Type": "text/html"}, b"<p>hello"
            case "/packed":
                return 200, rows | {"Content-Encoding": "gzip"}, b"x"
            case _:
                return 500, {}, b"internal matters"


@pytest.fixture(scope="module")
def remote() -> Iterator[Remote]:
    remote = Remote()
    yield remote
    remote.server.shutdown()
    remote.server.server_close()


@pytest.fixture
def asked(remote: Remote) -> list[tuple[str, str]]:
    remote.seen.clear()
    return remote.seen


Make = Callable[..., Gateway]


@pytest.fixture
def make(remote: Remote) -> Iterator[Make]:
    made: list[Gateway] = []

    def gateway(allow: str = "", *, resolve: Resolve = addresses, lenient: bool = False) -> Gateway:
        one = Gateway(Allow.parse(allow or f"{remote.url}/", resolve), lenient=lenient, limit=60_000, seconds=5)
        one.start(isolate=False)
        made.append(one)
        return one

    yield gateway
    for one in made:
        one.close()


@pytest.fixture
def gateway(make: Make) -> Gateway:
    return make()


def local(remote: Remote) -> Store:
    endpoint, text, elsewhere = NamedNode("urn:endpoint"), NamedNode("urn:text"), NamedNode("urn:elsewhere")
    return store_of(
        (NamedNode("urn:1"), endpoint, NamedNode(f"{remote.url}/a")),
        (NamedNode("urn:2"), endpoint, NamedNode(f"{remote.url}/b")),
        (NamedNode("urn:3"), endpoint, NamedNode(f"{remote.url}/b")),
        (NamedNode("urn:3"), text, Literal(f"{remote.url}/b")),
        (NamedNode("urn:4"), elsewhere, NamedNode("http://169.254.169.254/x")),
    )


def run(query: str, gateway: Gateway, remote: Remote) -> list[tuple[str, ...]]:
    """Sorted rows with the variables first, or the error that a client would be told."""
    gateway.begin()
    text = rewrite(query, gateway, base_iri=f"{remote.url}/base")
    rows, message = rows_of(local(remote), text)
    trouble = gateway.trouble(message)
    if trouble is not None:
        raise trouble
    assert message is None, message
    return rows


def rows_of(store: Store, text: str) -> tuple[list[tuple[str, ...]], str | None]:
    """The rows, or why there are none. The engine's objects end in this thread, and with this call."""
    solutions = None
    try:
        solutions = store.query(text)
        assert not isinstance(solutions, QueryBoolean)
        if isinstance(solutions, QueryTriples):
            return sorted(tuple(map(str, triple)) for triple in solutions), None
        names = [variable.value for variable in solutions.variables]
        return [tuple(names), *sorted(tuple(str(row[name]) for name in names) for row in solutions)], None
    except (RuntimeError, OSError) as error:
        traceback.clear_frames(error.__traceback__)
        return [], str(error)
    finally:
        del solutions


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?o { SERVICE <URL/a> { <urn:here> <urn:there> ?o } }",
        "select ?o {service<URL/a>{<urn:here> <urn:there> ?o}}",
        "SELECT ?o { SERVICE SILENT <URL/a> { <urn:here> <urn:there> ?o } }",
        "SELECT ?o { SERVICE <a> { <urn:here> <urn:there> ?o } }",
        "BASE <URL/x/> SELECT ?o { SERVICE <../a> { <urn:here> <urn:there> ?o } }",
        "PREFIX service: <URL/> SELECT ?o { SERVICE service:a { <urn:here> <urn:there> ?o } }",
        "PREFIX select: <URL/> SELECT ?o { SERVICE # {\n select:a { <urn:here> <urn:there> ?o } }",
        "SELECT ?o { SERVICE <URL/\\u0061> { <urn:here> <urn:there> ?o } }",
        "SELECT ?o { { SERVICE <URL/a> { ?s <urn:there> ?o } } FILTER EXISTS { SERVICE <URL/b> { ?s ?p ?o } } } ",
    ],
)
def test_an_allowed_endpoint_is_asked(
    query: str, gateway: Gateway, remote: Remote, asked: list[tuple[str, str]]
) -> None:
    rows = run(query.replace("URL", remote.url), gateway, remote)
    assert rows[0] == ("o",)
    assert ("<urn:here>",) in rows
    assert {path for path, _ in asked} <= {"/a", "/b"}


def test_nothing_is_rewritten_where_nothing_is_asked(gateway: Gateway) -> None:
    for query in ("SELECT * { ?s ?p 'SERVICE <urn:x> {}' }", "# SERVICE <urn:x> {}\nASK {}", "ASK { ?service ?p ?o }"):
        assert rewrite(query, gateway) == query


@pytest.mark.parametrize("silent", ["", "SILENT"])
@pytest.mark.parametrize("target", ["<http://169.254.169.254/latest>", "<http://localhost/>", "<urn:x>", "e:x"])
def test_an_endpoint_off_the_list_is_refused_before_anything_is_asked(
    silent: str, target: str, gateway: Gateway, remote: Remote, asked: list[tuple[str, str]]
) -> None:
    query = (
        f"PREFIX e: <http://e/> SELECT * {{ SERVICE <{remote.url}/a> {{ ?s ?p ?o }} SERVICE {silent} {target} {{}} }}"
    )
    with pytest.raises(Refused, match="SERVICE <"):
        rewrite(query, gateway)
    assert asked == []


def test_where_silent_may_fail_it_finds_nothing(make: Make, remote: Remote) -> None:
    lenient = make(lenient=True)
    query = "SELECT ?s ?o { ?s <urn:text> ?t SERVICE SILENT <http://invalid.endpoint.org/sparql> { ?s ?p ?o } }"
    assert run(query, lenient, remote) == [("s", "o"), ("<urn:3>", "None")]
    with pytest.raises(Refused):
        run(query.replace("SILENT", ""), lenient, remote)


def test_a_variable_takes_its_endpoints_from_the_group(
    gateway: Gateway, remote: Remote, asked: list[tuple[str, str]]
) -> None:
    rows = run(
        "SELECT * { ?x <urn:endpoint> ?e FILTER (?x != <urn:9>) SERVICE ?e { ?s ?p ?o FILTER isLiteral(?o) } }",
        gateway,
        remote,
    )
    assert set(rows[0]) == {"x", "e", "s", "p", "o"}
    column = rows[0].index("o"), rows[0].index("x")
    assert sorted((row[column[1]], row[column[0]]) for row in rows[1:]) == [
        ("<urn:1>", '"a"'),
        ("<urn:2>", '"b"'),
        ("<urn:3>", '"b"'),
    ]
    assert len(asked) == 2  # the same question to the same endpoint is asked once


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT DISTINCT * { ?x <urn:endpoint> ?e SERVICE ?e { ?s <urn:there> ?o } }", {"x", "e", "s", "o"}),
        ("SELECT * { { SELECT * { ?x <urn:endpoint> ?e SERVICE ?e { ?s ?p ?o } } } }", {"x", "e", "s", "p", "o"}),
        ("SELECT (COUNT(*) AS ?n) { ?x <urn:endpoint> ?e SERVICE SILENT ?e { ?s ?p ?o } }", {"n"}),
        ("SELECT * { VALUES ?e { <URL/a> <URL/b> } SERVICE ?e { ?s ?p ?o } SERVICE <URL/a> {?s ?q 1} }", set("espoq")),
        ("SELECT ?o { ?x <urn:endpoint> ?e . SERVICE ?e { ?s ?p ?o } }", {"o"}),
    ],
)
def test_our_own_variables_are_not_among_the_columns(
    query: str, columns: set[str], gateway: Gateway, remote: Remote
) -> None:
    rows = run(query.replace("URL", remote.url), gateway, remote)
    assert set(rows[0]) == columns
    assert gateway.address not in repr(rows)


def test_describe_of_everything_describes_nothing_of_ours(gateway: Gateway, remote: Remote) -> None:
    rows = run("DESCRIBE * { ?x <urn:endpoint> ?e SERVICE ?e { ?s <urn:there> ?o } }", gateway, remote)
    assert {row[0] for row in rows} == {"<urn:1>", "<urn:2>", "<urn:3>"}
    assert gateway.address not in repr(rows)


@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_a_variable_with_an_endpoint_off_the_list_is_refused(silent: str, gateway: Gateway, remote: Remote) -> None:
    with pytest.raises(ForbiddenError, match="169"):
        run(f"SELECT * {{ ?x <urn:elsewhere> ?e SERVICE {silent} ?e {{ ?s ?p ?o }} }}", gateway, remote)


def test_a_text_is_no_endpoint(gateway: Gateway, remote: Remote, asked: list[tuple[str, str]]) -> None:
    query = "SELECT * { ?x <urn:text> ?e SERVICE SILENT ?e { ?s ?p ?o } }"
    assert len(run(query, gateway, remote)) == 2
    assert asked == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("redirect", "status 302"),
        ("missing", "status 500"),
        ("broken", "broken"),
        ("short", "broke"),
        ("boolean", "rows"),
        ("large", "larger"),
        ("html", "rows"),
        ("packed", "coding"),
    ],
)
def test_what_is_no_whole_answer_is_a_failure_that_silent_may_pass_over(
    path: str, reason: str, gateway: Gateway, remote: Remote, asked: list[tuple[str, str]]
) -> None:
    query = f"SELECT ?x {{ ?x <urn:text> ?t SERVICE <{remote.url}/{path}> {{ ?s ?p ?o }} }}"
    with pytest.raises(RemoteError, match=reason) as caught:
        run(query, gateway, remote)
    assert "internal matters" not in str(caught.value)
    assert gateway.address not in str(caught.value)
    assert [one for one, _ in asked] == [f"/{path}"]  # a redirect is not followed
    assert run(query.replace("SERVICE", "SERVICE SILENT"), gateway, remote) == [("x",), ("<urn:3>",)]


def test_an_endpoint_that_nobody_runs_is_a_failure(make: Make, remote: Remote) -> None:
    gateway = make("http://127.0.0.1:1/, http://nowhere.example/", resolve=lambda host, port: [])
    for address, reason in (("http://127.0.0.1:1/", "no connection"), ("http://nowhere.example/", "resolved")):
        with pytest.raises(RemoteError, match=reason):
            run(f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}", gateway, remote)


def test_the_connection_goes_to_the_address_that_was_checked(
    make: Make, remote: Remote, asked: list[tuple[str, str]]
) -> None:
    """A second look-up would find another address: this resolver has one answer only."""
    port, answers = remote.url.rpartition(":")[2], iter([["127.0.0.1"]])
    gateway = make(f"http://data.localhost:{port}/", resolve=lambda host, port: next(answers))
    rows = run(f"SELECT ?o {{ SERVICE <http://data.localhost:{port}/a> {{ ?s ?p ?o }} }}", gateway, remote)
    assert len(rows) == 3
    assert [path for path, _ in asked] == ["/a"]


def test_a_name_that_turns_inwards_is_refused(make: Make, remote: Remote, asked: list[tuple[str, str]]) -> None:
    port = remote.url.rpartition(":")[2]
    gateway = make(f"http://example.org:{port}/", resolve=lambda host, port: ["127.0.0.1"])
    for silent in ("", "SILENT"):
        with pytest.raises(Refused, match="internal"):
            run(f"SELECT * {{ SERVICE {silent} <http://example.org:{port}/a> {{ ?s ?p ?o }} }}", gateway, remote)
    assert asked == []


def test_a_nested_service_is_the_other_endpoint_s_and_has_to_be_listed_too(gateway: Gateway, remote: Remote) -> None:
    inner = (
        f"SELECT * {{ SERVICE <{remote.url}/a> {{ ?s ?p ?o {{ SERVICE SILENT <{remote.url}/b> {{ ?s ?p ?o }} }} }} }}"
    )
    rewritten = rewrite(inner, gateway)
    assert rewritten.count(gateway.address) == 1
    assert f"SILENT <{remote.url}/b>" in rewritten
    for other in ("<http://elsewhere/>", "?o"):
        with pytest.raises(Refused):
            rewrite(inner.replace(f"<{remote.url}/b>", other), gateway)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE }",
        "SELECT * { SERVICE SILENT { ?s ?p ?o } }",
        "SELECT * { SERVICE 'x' { ?s ?p ?o } }",
        "SELECT * { SERVICE <http://e/> { ?s ?p ?o ",
        "SELECT * { SERVICE <http://e/> ?s ?p ?o }",
        "PREFIX e: <http://e/> PREFIX serviceE: <http://e/> SELECT * { serviceE:x { ?s ?p ?o } }",
    ],
)
def test_what_cannot_be_read_is_not_guessed(query: str, gateway: Gateway) -> None:
    with pytest.raises(QueryError):
        rewrite(query, gateway)


def test_names_with_service_in_them_are_names(gateway: Gateway) -> None:
    prologue = "PREFIX service: <http://e/> "
    for query in (
        "SELECT * FROM service:g { ?s service:p service:o }",
        "SELECT * { GRAPH service:g { ?s ?p ?o } }",
        "DESCRIBE service:x { ?s ?p ?o }",
    ):
        assert rewrite(prologue + query, gateway) == prologue + query


@pytest.mark.parametrize("path", ["/", "/x/http%3A%2F%2F127.0.0.1%2F", "/%2e%2e/"])
def test_nobody_else_can_use_the_gateway(
    path: str, gateway: Gateway, remote: Remote, asked: list[tuple[str, str]]
) -> None:
    root = re.sub(r"(http://[^/]+)/.*", r"\1", gateway.address)
    _, message = rows_of(Store(), f"SELECT * {{ SERVICE <{root}{path}> {{ ?s ?p ?o }} }}")
    assert message is not None and "404" in message
    assert asked == []


def test_the_last_query_s_trouble_is_not_the_next_one_s(gateway: Gateway, remote: Remote) -> None:
    with pytest.raises(KgError):
        run("SELECT * { ?x <urn:elsewhere> ?e SERVICE SILENT ?e { ?s ?p ?o } }", gateway, remote)
    assert len(run(f"SELECT ?o {{ SERVICE <{remote.url}/a> {{ ?s ?p ?o }} }}", gateway, remote)) == 3


_CHILD = """
import sys
from pyoxigraph import Store
from kg.answering.allowlist import Resolve, addresses
from kg.answering.federation import Allow, Gateway, rewrite
url = sys.argv[1]
gateway = Gateway(Allow.parse(url + "/"))
gateway.start()
through = rewrite(f"SELECT * {{ SERVICE <{url}/a> {{ ?s ?p ?o }} }}", gateway)
print(gateway.isolated, len(list(Store().query(through))))
try:
    list(Store().query(f"SELECT * {{ SERVICE <{url}/a> {{ ?s ?p ?o }} }}"))
except OSError:
    print("unreachable")
else:
    print("reached")
"""


def test_the_engine_reaches_nothing_but_the_gateway_where_the_kernel_helps(remote: Remote) -> None:
    source = Path(kg.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, remote.url],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(source)},
        check=True,
    )
    isolated, answered = done.stdout.split()[:2]
    assert answered == "2"
    assert done.stdout.split()[2] == ("unreachable" if isolated == "True" else "reached")
