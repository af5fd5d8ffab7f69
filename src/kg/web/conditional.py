"""Conditional requests (RFC 9110 §13): validators, and whether the client already has what it asks for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime

from kg.web.coding import Coding

_TAG = re.compile(rb'(?:W/)?("[^"]*")')


def fingerprint(*about: object) -> str:
    """The same for the same values: what an entity tag is made of."""
    return hashlib.sha256(repr(about).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def tag(fingerprint: str, coding: Coding) -> bytes:
    """A strong entity tag: another one for each coding (RFC 9110 §8.8.3.3)."""
    return f'"{fingerprint}"'.encode() if coding.name == "identity" else f'"{fingerprint}-{coding.name}"'.encode()


def listed(header: bytes | None) -> frozenset[bytes]:
    """The entity tags of If-None-Match, for weak comparison.

    `*` is passed over: it asks whether there is anything at all, which only an evaluation can tell.
    """
    return frozenset(_TAG.findall(header)) if header else frozenset()


def date(seconds: int) -> bytes:
    """A time as an HTTP date (RFC 9110 §5.6.7)."""
    return formatdate(seconds, usegmt=True).encode()


def seconds(header: bytes | None) -> int | None:
    """An HTTP date as a time; None for what is none."""
    if not header:
        return None
    try:
        moment = parsedate_to_datetime(header.decode("ascii"))
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


class Condition:
    """What a GET or HEAD request is conditional on; false when it is on nothing."""

    __slots__ = ("since", "tags")

    def __init__(self, none_match: bytes | None, modified_since: bytes | None) -> None:
        self.tags = listed(none_match)
        self.since = seconds(modified_since) if none_match is None else None  # RFC 9110 §13.1.3

    def __bool__(self) -> bool:
        return bool(self.tags) or self.since is not None

    def had(self, tags: Iterable[bytes], modified: int) -> bytes | None:
        """The tag by which the client has it already, empty when by the date; None when it has not."""
        if self.since is not None:
            return b"" if modified <= self.since else None
        return next((one for one in tags if one in self.tags), None)
