"""Another's client follows the feed: from the start, and later on from where it was."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg.graph import DEFAULT
from kg.namespaces import RDF, XSD
from kg.pipeline import Domain, ingest, withdraw
from kg.publish.history.pages import AS
from kg.resources import DATA
from kg.store.embedded import EmbeddedStore
from tests.clients.conftest import NPM
from tests.served import Served, free_port

CLIENT = NPM / "node_modules" / "ldes-client" / "dist" / "bin" / "cli.js"
_NUMBER = re.compile(rb"^(<[^>]*> <[^>]*> )(true|false|[+-]?[0-9]+(?:\.[0-9]+)?)( .*)$", re.MULTILINE)
REPORT = DATA / "ruse" / "report-2023-w26.yaml"


def followed(node: str, url: str, state: Path, *more: str) -> bytes:
    """What the client prints; it remembers in a folder what it has read."""
    command = [node, str(CLIENT), "--ordered", "ascending", "--save", str(state), *more, url]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return done.stdout


def _typed(number: re.Match[bytes]) -> bytes:
    """As N-Quads have it what the client writes as Turtle does."""
    text = number[2]
    kind = "boolean" if text in {b"true", b"false"} else "decimal" if b"." in text else "integer"
    return number[1] + b'"' + text + f'"^^<{XSD}{kind}>'.encode() + number[3]


def carry_out(printed: bytes, held: dict[str, set[Triple]]) -> int:
    """Does what each member says, in the order of times; tells how many there were."""
    said: dict[NamedNode, dict[NamedNode, str]] = defaultdict(dict)
    payload: dict[NamedNode, set[Triple]] = defaultdict(set)
    for quad in parse(_NUMBER.sub(_typed, printed), RdfFormat.N_QUADS):
        if isinstance(quad.graph_name, NamedNode):
            payload[quad.graph_name].add(quad.triple)
        elif isinstance(quad.subject, NamedNode) and isinstance(quad.object, (NamedNode, Literal)):
            said[quad.subject][quad.predicate] = quad.object.value
    for member in sorted(said, key=lambda one: said[one][AS.published]):
        thing = said[member][AS.object]
        if said[member][RDF.type] == AS.Delete.value:
            held.pop(thing, None)  # the latest version of it is all that some clients give
        else:
            held[thing] = payload[member]
    return len(said)


def test_the_feed_is_followed_to_the_current_graph_twice(node: str, domain: Domain, tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"  # a client asks where the pages say they are
    home = tmp_path / "home"
    store = EmbeddedStore.open(home, base=base)
    ingest([REPORT], store=store, domain=domain, agent="test")
    held: dict[str, set[Triple]] = {}

    def merge() -> set[Triple]:
        release = store.current()
        assert release is not None
        return {quad.triple for quad in release.quads(None, None, None, DEFAULT)}

    with Served(home, tmp_path / "log.txt", base=base, port=port):
        url = f"{base}/feed"
        assert carry_out(followed(node, url, tmp_path / "state"), held) > 100
        assert {triple for one in held.values() for triple in one} == merge()

        text = REPORT.read_text(encoding="utf-8")
        shutil.copy(DATA / "sources.yaml", tmp_path)
        changed = tmp_path / REPORT.name
        changed.write_text(text.replace("Иновативен обществен", "Нов обществен"), encoding="utf-8")
        assert changed.read_text(encoding="utf-8") != text
        ingest([changed], store=store, domain=domain, agent="test")
        withdraw(["event/2023-06-30-investment-meeting"], store=store, domain=domain, agent="test", reason="Повторение")
        known = len(held)
        again = carry_out(followed(node, url, tmp_path / "state"), held)
        assert 2 <= again < 20, "only what is new is read again"
        assert len(held) == known - 1
        assert {triple for one in held.values() for triple in one} == merge()

        shutil.rmtree(tmp_path / "state")
        fresh: dict[str, set[Triple]] = {}
        carry_out(followed(node, url, tmp_path / "state", "--last-version-only"), fresh)
        assert {triple for one in fresh.values() for triple in one} == merge()
