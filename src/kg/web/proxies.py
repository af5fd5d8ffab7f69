"""The proxies whose word about their clients is believed."""

from __future__ import annotations

import ipaddress
from typing import Final

from kg.settings import networks

_REMEMBERED: Final = 10_000  # addresses
_LONGEST: Final = 64  # characters of one


class Proxies:
    """A set of addresses, given one by one or as networks."""

    def __init__(self, listed: str) -> None:
        """`listed`: as in KG_PROXIES. Raises ValueError."""
        self._networks = networks(listed)
        self._known: dict[str, bool] = {}

    def __contains__(self, address: object) -> bool:
        """Whether one of them has this address, in any of its spellings."""
        if not self._networks or not isinstance(address, str) or len(address) > _LONGEST:
            return False
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[address] = self._has(address)
        return known

    def _has(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)
