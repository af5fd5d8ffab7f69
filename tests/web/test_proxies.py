"""Whose word about a client is believed."""

from __future__ import annotations

import pytest

from kg.web.proxies import Proxies


@pytest.mark.parametrize(
    "address", ["10.0.0.2", "10.1.255.255", "::1", "0:0:0:0:0:0:0:1", "::ffff:10.0.0.2", "fd00::7", "fd00:0::7"]
)
def test_an_address_of_theirs_is_known_in_any_spelling(address: str) -> None:
    proxies = Proxies("10.0.0.2, 10.1.0.0/16, ::1, fd00::/8")
    assert address in proxies
    assert address in proxies


@pytest.mark.parametrize("address", ["10.0.0.3", "10.2.0.0", "::2", "", "unknown", "10.0.0.2:80", "proxy", None])
def test_every_other_one_is_a_stranger(address: str | None) -> None:
    assert address not in Proxies("10.0.0.2, 10.1.0.0/16, ::1, fd00::/8")
    assert address not in Proxies("")


def test_many_strangers_are_not_remembered_for_ever() -> None:
    proxies = Proxies("10.0.0.2")
    for number in range(20_500):
        assert f"192.0.{number // 250}.{number}" not in proxies
    assert len(proxies._known) <= 10_000
    assert "10.0.0.2" in proxies


def test_junk_is_refused() -> None:
    with pytest.raises(ValueError, match="is no IP address"):
        Proxies("10.0.0.2, proxy")
