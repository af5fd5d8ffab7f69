"""Which endpoints a query may ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from kg.answering.allowlist import Allow, Refused, Url, public
from kg.errors import ForbiddenError, ParameterError


def resolver(*found: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: found


PUBLIC = resolver("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946")


@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("https://query.example.org/sparql", "https://query.example.org/sparql"),
        ("https://query.example.org/sparql", "https://query.example.org/sparql?default-graph-uri=urn:g"),
        ("https://query.example.org/sparql", "HTTPS://Query.Example.ORG:443/sparql"),
        ("https://query.example.org:443/sparql", "https://query.example.org/sparql/more"),
        ("http://query.example.org/", "http://query.example.org"),
        ("http://query.example.org", "http://query.example.org/any/where"),
        ("http://query.example.org/a/", "http://query.example.org/a/b%20c"),
        ("http://данни.example.org/", "http://xn--80ahnta.example.org/x"),
        ("http://query.example.org/дан", "http://query.example.org/%D0%B4%D0%B0%D0%BD"),
    ],
)
def test_what_begins_with_a_listed_address_passes(prefix: str, address: str) -> None:
    target = Allow.parse(f"http://first.example.org/, {prefix},", PUBLIC).check(address)
    assert target.addresses == PUBLIC("", 0)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/sparql",
        "http://example.org:8080/sparql",
        "http://example.org/sparqlx",
        "http://example.org/",
        "http://example.org.evil.net/sparql",
        "http://evil.net/http://example.org/sparql",
        "http://user@example.org/sparql",
        "http://example.org@evil.net/sparql",
        "http://example.org\\@evil.net/sparql",
        "http://example.org/sparql/../admin",
        "http://example.org/sparql/%2e%2e/admin",
        "http://example.org/sparql/%252e%252E/admin",
        "http://example.org/sparql/..%2fadmin",
        "http://example.org/sparql%2f..%2fadmin",
        "http://example.org/sparql/..\\admin",
        "http://example.org/sparql/%5c..%5cadmin",
        "http://example.org/sparql/.",
        "http://example.org/sparql#x",
        "http://example.org/sparql\r\nHost: x",
        " http://example.org/sparql",
        "http://example.org./sparql",
        "http://example.org:99999/sparql",
        "http:///sparql",
        "//example.org/sparql",
        "ftp://example.org/sparql",
        "file:///etc/passwd",
        "urn:x",
        "",
        "http://[::1]/sparql",
        "http://example.org/sparql/" + "a" * 3000,
    ],
)
def test_everything_else_is_refused(address: str) -> None:
    with pytest.raises(Refused) as caught:
        Allow.parse("http://example.org/sparql", PUBLIC).check(address)
    assert isinstance(caught.value, ForbiddenError)
    assert "\r" not in str(caught.value)


def test_an_empty_list_allows_nothing() -> None:
    assert not Allow.parse(" , ")
    with pytest.raises(Refused):
        Allow.parse("").check("http://example.org/")


@pytest.mark.parametrize(
    "found",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.1.2.3",
        "172.20.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fec0::1",
    ],
)
def test_a_public_name_may_not_stand_for_an_inner_address(found: str) -> None:
    """One address among several is enough: which of them a connection takes is chance."""
    allow = Allow.parse("http://example.org/", resolver("93.184.216.34", found))
    with pytest.raises(Refused, match="internal network"):
        allow.check("http://example.org/sparql")
    assert Allow.parse("http://example.org/", PUBLIC).check("http://example.org/sparql")


def test_a_name_that_was_public_is_looked_up_anew_each_time() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    allow = Allow.parse("http://example.org/", lambda host, port: next(answers))
    assert allow.check("http://example.org/").addresses == ("93.184.216.34",)
    with pytest.raises(Refused):
        allow.check("http://example.org/")


@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("http://127.0.0.1:9390/", "http://127.0.0.1:9390/example.org"),
        ("http://[::1]:9390/", "http://[0:0::1]:9390/x"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/x"),
        ("http://10.0.0.5/sparql", "http://10.0.0.5/sparql"),
        ("http://169.254.1.1/", "http://169.254.1.1/"),
    ],
)
def test_an_inner_address_that_is_written_out_passes_without_a_look_up(prefix: str, address: str) -> None:
    assert len(Allow.parse(prefix, resolver()).check(address).addresses) == 1


@pytest.mark.parametrize(
    ("name", "found", "passes"),
    [
        ("localhost", "127.0.0.1", True),
        ("localhost", "::1", True),
        ("localhost", "10.0.0.1", False),
        ("data.localhost", "127.0.0.1", True),
        ("fuseki", "172.18.0.3", True),
        ("fuseki.internal", "10.0.0.3", True),
        ("fuseki.internal", "169.254.169.254", False),
        ("fuseki.internal", "0.0.0.0", False),
        ("fuseki.example.org", "10.0.0.3", False),
    ],
)
def test_an_inner_name_that_is_written_out_may_be_inside(name: str, found: str, passes: bool) -> None:
    allow = Allow.parse(f"http://{name}:3030/", resolver(found))
    if passes:
        assert allow.check(f"http://{name}:3030/sparql").addresses == (found,)
    else:
        with pytest.raises(Refused):
            allow.check(f"http://{name}:3030/sparql")


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
        "127.0.0.01",
        "127.0.0.1.",
        "1.2.3.4.5",
        "[::1%25lo]",
    ],
)
def test_numbers_that_a_resolver_may_take_for_an_address_are_no_names(host: str) -> None:
    for listed in ("http://127.0.0.1/", "http://example.org/"):
        with pytest.raises(Refused):
            Allow.parse(listed, resolver("127.0.0.1")).check(f"http://{host}/")


@pytest.mark.parametrize(
    "text", ["example.org", "http://", "http://a@b/", "http://a/?x=1", "http://127.1/", "*", "file:///", "http://a/../"]
)
def test_a_setting_that_is_wrong_is_told_at_the_start(text: str) -> None:
    with pytest.raises(ParameterError, match="KG_SERVICE_ALLOW"):
        Allow.parse(f"http://example.org/, {text}")


def test_a_name_without_an_address_is_no_refusal() -> None:
    with pytest.raises(OSError, match="no address"):
        Allow.parse("http://example.org/", resolver()).check("http://example.org/")


def test_ordinary_addresses_are_public() -> None:
    for text in ("8.8.8.8", "2a00:1450:4001::200e"):
        literal = Url.parse(f"http://{'[' + text + ']' if ':' in text else text}/").literal
        assert literal is not None
        assert public(literal)
