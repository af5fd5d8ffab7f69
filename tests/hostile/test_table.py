"""The hostile table: each input gets the answer it deserves, and leaves the service as it was."""

from __future__ import annotations

import json

import pytest

from tests.hostile import addresses, encodings, endless, nesting, outside, sizes, writes
from tests.hostile.case import TAKEN, Case
from tests.hostile.conftest import Hostile, Serve
from tests.served import TOKEN, Reply

GROUPS = (encodings, sizes, nesting, endless, outside, writes, addresses)
CASES = [case for group in GROUPS for case in group.CASES]
SECRETS = (b"Traceback", b"/src/kg/", b"site-packages", b"root:x:", TOKEN.encode())  # insides of ours, and /etc/passwd
MARKUP = b"<script>alert"


@pytest.fixture(scope="module")
def service(serve: Serve) -> Hostile:
    return serve()


@pytest.fixture(scope="module")
def hasty(serve: Serve) -> Hostile:
    return serve(write_timeout=8)


def test_the_table_is_long_and_tells_its_rows_apart() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 500
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_gets_what_the_table_says(case: Case, service: Hostile) -> None:
    with service.unharmed():
        reply = service.attack(case.request)
        if reply.outcome in TAKEN and case.request.writes:
            service.forget()
    judge(reply, case, service)


@pytest.mark.parametrize("case", endless.UPDATES, ids=str)
def test_a_write_without_an_end_is_cut(case: Case, hasty: Hostile) -> None:
    with hasty.unharmed():
        reply = hasty.attack(case.request)
    judge(reply, case, hasty)


def judge(reply: Reply, case: Case, service: Hostile) -> None:
    """The outcome and the problem are the right ones, and nothing in the reply is what an attacker wants to see."""
    assert reply.outcome in case.outcomes, reply.body[:500]
    if case.slug and reply.outcome >= 400:
        assert json.loads(reply.body)["type"].endswith(f"/{case.slug}"), reply.body
    hidden = (*SECRETS, str(service.home).encode())
    assert not [secret for secret in hidden if secret in reply.body]
    assert MARKUP not in reply.body or "html" not in reply.header("content-type")
    assert not {name.lower() for name, _ in reply.headers} & {"x-injected", "set-cookie", "server", "x-powered-by"}
    assert all(value.isprintable() for _, value in reply.headers)
    if reply.outcome == 401:
        assert reply.header("www-authenticate").startswith("Bearer")
    if reply.outcome == 405:
        assert reply.header("allow")
