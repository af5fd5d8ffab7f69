"""Which other endpoints a query may ask: KG_SERVICE_ALLOW, and what their names resolve to.

An address passes when it begins with a listed one, at the end of a path segment, and when everything that its host
resolves to is public. What could be read in two ways (dot segments, encoded slashes, numbers for hosts) is refused
rather than normalised, so that nobody behind us can read it differently.
"""

from __future__ import annotations

import encodings.idna  # noqa: F401 (a worker that has left its network may not find the file any more)
import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote, unquote, urlsplit

from kg.errors import ForbiddenError, ParameterError

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS: Final = {"http": 80, "https": 443}
_FORBIDDEN: Final = re.compile(r'[\x00-\x20\x7f<>"{}|\\^`]')
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")
_PRIVATE_NAMES: Final = re.compile(r"localhost|.+\.(localhost|local|internal|intranet|lan|home\.arpa)|[^.]+")
_IN_ANOTHER: Final = tuple(  # networks whose addresses hold an IPv4 address that nobody checks: 6to4, NAT64, Teredo
    ipaddress.ip_network(text) for text in ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "::/96")
)
_MAX_ADDRESS: Final = 2048


class Refused(ForbiddenError):
    """The query asks an endpoint that it may not ask."""

    def __init__(self, address: str, en: str, bg: str) -> None:
        super().__init__(f"SERVICE <{address}> is not done here: {en}", f"SERVICE <{address}> не се изпълнява: {bg}")
        self.address = address


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of an address that can be read in one way only."""

    scheme: str
    host: str  # lower-case; an IPv6 address without its brackets
    port: int
    path: str  # begins with „/“
    query: str  # with its „?“, or empty

    @property
    def literal(self) -> IP | None:
        """The host as an IP address, when it is written as one."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @classmethod
    def parse(cls, text: str) -> Url:
        """Raises ValueError with what is wrong, for a person to read."""
        if len(text) > _MAX_ADDRESS or _FORBIDDEN.search(text):
            raise ValueError("it is too long, or holds characters that no address has")
        parts = urlsplit(text)
        if parts.scheme not in _PORTS:
            raise ValueError("it does not begin with http:// or https://")
        if "@" in parts.netloc or parts.fragment or not parts.hostname:
            raise ValueError("it has a user name, a fragment or no host")
        port = parts.port  # ValueError for what is none
        path = quote(parts.path or "/", safe="%/:@!$&'()*+,;=~-._")
        if not path.startswith("/") or any(_ambiguous(segment) for segment in path.split("/")):
            raise ValueError("its path has dot segments, or slashes that are encoded")
        query = f"?{quote(parts.query, safe='%/?:@!$&()*+,;=~-._[]')}" if parts.query else ""
        host = _host(parts.hostname, bracketed="[" in parts.netloc)
        return cls(parts.scheme, host, _PORTS[parts.scheme] if port is None else port, path, query)


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint that may be asked, and the addresses that were checked: the connection goes to one of them."""

    url: Url
    addresses: tuple[str, ...]


def addresses(host: str, port: int) -> list[str]:
    """What the system's resolver says, each address once. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True, slots=True)
class Allow:
    """The list."""

    listed: tuple[Url, ...] = ()
    resolve: Resolve = addresses

    @classmethod
    def parse(cls, text: str, resolve: Resolve = addresses) -> Allow:
        """The list of KG_SERVICE_ALLOW, addresses with commas between. Raises ParameterError."""
        listed = []
        for one in filter(None, (part.strip() for part in text.split(","))):
            try:
                url = Url.parse(one)
                if url.query:
                    raise ValueError("it has a query")
            except ValueError as error:
                raise ParameterError(
                    f"KG_SERVICE_ALLOW: {one!r} is no address of an endpoint: {error}",
                    f"KG_SERVICE_ALLOW: „{one}“ не е адрес на услуга; пишете например https://query.wikidata.org/sparql",
                ) from error
            listed.append(url)
        return cls(tuple(listed), resolve)

    def __bool__(self) -> bool:
        return bool(self.listed)

    def listing(self, address: str) -> tuple[Url, Url]:
        """The address read, and the listed one that it begins with. Raises Refused; nothing is resolved."""
        try:
            url = Url.parse(address)
        except ValueError as error:
            raise Refused(_shown(address), f"this is no address to ask, {error}", "адресът не е допустим") from error
        for prefix in self.listed:
            if (url.scheme, url.host, url.port) == (prefix.scheme, prefix.host, prefix.port) and _below(url, prefix):
                return url, prefix
        raise Refused(
            _shown(address),
            "the endpoint is not on the list of this service (KG_SERVICE_ALLOW)",
            "адресът не е в списъка на тази услуга (KG_SERVICE_ALLOW)",
        )

    def check(self, address: str) -> Target:
        """The endpoint with its addresses, each of them allowed. Raises Refused, and OSError when none is found."""
        url, prefix = self.listing(address)
        literal = url.literal
        found = (str(literal),) if literal is not None else tuple(self.resolve(url.host, url.port))
        if not found:
            raise OSError("the name has no address")
        for one in found:
            if not _allowed(ipaddress.ip_address(one.partition("%")[0]), prefix):
                raise Refused(
                    _shown(address),
                    "its name stands for an address of an internal network",
                    "името сочи към адрес от вътрешна мрежа",
                )
        return Target(url, found)


def public(address: IP) -> bool:
    """Whether anybody on the Internet could reach the address, so that we add nothing by reaching it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return public(address.ipv4_mapped)
        if address.is_site_local or any(address in network for network in _IN_ANOTHER):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _allowed(address: IP, prefix: Url) -> bool:
    if public(address):
        return True
    if prefix.literal is not None:  # written out
        return address == prefix.literal and not (address.is_multicast or address.is_unspecified)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    plain = mapped or address
    if not _PRIVATE_NAMES.fullmatch(prefix.host):
        return False
    if prefix.host == "localhost" or prefix.host.endswith(".localhost"):
        return plain.is_loopback
    return plain.is_private and not (plain.is_link_local or plain.is_unspecified or plain.is_reserved)


def _below(url: Url, prefix: Url) -> bool:
    return url.path == prefix.path or url.path.startswith(prefix.path if prefix.path[-1] == "/" else f"{prefix.path}/")


def _ambiguous(segment: str) -> bool:
    """Whether somebody who decodes once more may see another path."""
    for _ in range(4):
        if segment in {".", ".."} or "/" in segment or "\\" in segment:
            return True
        segment, before = unquote(segment), segment
        if segment == before:
            return False
    return True


def _host(name: str, *, bracketed: bool) -> str:
    if bracketed:
        return str(ipaddress.IPv6Address(name))  # with a zone („%eth0“) it is none of ours, and below no listed one
    host = name.lower()
    if not host.isascii():
        host = host.encode("idna").decode("ascii")  # UnicodeError is a ValueError
    if not _HOST.fullmatch(host):
        raise ValueError("its host is no name")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return str(
            ipaddress.IPv4Address(host)
        )  # four decimal numbers, or it is refused (127.1, 0x7f000001, 0177.0.0.1)
    return host


def _shown(address: str) -> str:
    return re.sub(r"[^\x20-\x7e\u00a0-\uffff]", "\ufffd", address[:200])
