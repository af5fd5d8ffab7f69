"""Content codings: which one a client takes (RFC 9110 §12.5.3), and a body written in it.

An answer that is in one piece is compressed harder, for it is kept; one that streams is compressed fast, block by
block, so that what has been evaluated is on its way. Blocks have one size, so the same answer gives the same bytes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

from kg.errors import NotAcceptableError

SMALLEST = 860  # bytes; a shorter body would hardly become shorter


class Stream(Protocol):
    """A compressor that is fed block by block."""

    def block(self, content: bytes) -> bytes:
        """The block's bytes, so that a reader can decode everything up to here."""

    def end(self) -> bytes:
        """What completes the stream."""


class _Gzip:
    def __init__(self) -> None:
        self._to = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def block(self, content: bytes) -> bytes:
        return self._to.compress(content) + self._to.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._to.flush()


class _Brotli:
    def __init__(self) -> None:
        self._to = brotli.Compressor(quality=1)

    def block(self, content: bytes) -> bytes:
        return bytes(self._to.process(content) + self._to.flush())

    def end(self) -> bytes:
        return bytes(self._to.finish())


class _Zstd:
    def __init__(self) -> None:
        self._to = zstandard.ZstdCompressor(level=1).compressobj()

    def block(self, content: bytes) -> bytes:
        return self._to.compress(content) + self._to.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._to.flush()


class _Identity:
    def block(self, content: bytes) -> bytes:
        return content

    def end(self) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class Coding:
    """A content coding by its registered name."""

    name: str
    whole: Callable[[bytes], bytes]
    stream: Callable[[], Stream]


def _gzip(content: bytes) -> bytes:
    to = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)  # no time stamp: the same bytes every time
    return to.compress(content) + to.flush()


IDENTITY = Coding("identity", bytes, _Identity)
ZSTD = Coding("zstd", lambda content: zstandard.ZstdCompressor(level=6).compress(content), _Zstd)
BROTLI = Coding("br", lambda content: bytes(brotli.compress(content, quality=5)), _Brotli)
GZIP = Coding("gzip", _gzip, _Gzip)
CODINGS = (ZSTD, BROTLI, GZIP)
"""Those that compress, the one we like best first."""

_REMEMBERED = 200  # bytes of a header; browsers and libraries send fewer
_ALIASES = {"x-gzip": "gzip"}
_ITEM = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*[qQ]\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a client takes: the coding for answers worth compressing, and the one for the others."""

    best: Coding
    plain: Coding  # identity, unless the client refuses it

    def for_size(self, size: int | None) -> Coding:
        """The coding for an answer of so many bytes; None is many."""
        return self.plain if size is not None and size < SMALLEST else self.best


def accepted(header: bytes | None) -> Accepted:
    """What an Accept-Encoding header takes; its lines joined by commas, None without any.

    Raises NotAcceptableError when it refuses identity and knows none of ours.
    """
    return _known(header) if header is None or len(header) < _REMEMBERED else _read(header)


def _read(header: bytes | None) -> Accepted:
    if header is None:
        return Accepted(IDENTITY, IDENTITY)
    liking = {}
    for part in header.decode("latin-1").split(","):
        match = _ITEM.fullmatch(part.strip())
        if match:
            name = match[1].lower()
            liking[_ALIASES.get(name, name)] = float(match[2] or 1)
    rest = liking.get("*", 0.0)
    ours = [(liking.get(coding.name, rest), coding) for coding in CODINGS]
    taken = [coding for quality, coding in sorted(ours, key=lambda one: -one[0]) if quality > 0]
    identity = liking.get("identity", 0.0 if "*" in liking and not rest else None)
    if identity == 0:
        if not taken:
            names = [coding.name for coding in CODINGS]
            raise NotAcceptableError(
                f"answers are sent as they are or in one of: {', '.join(names)} (Accept-Encoding)",
                f"Отговорите се изпращат некомпресирани или като: {', '.join(names)} (Accept-Encoding)",
                offered=["identity", *names],
            )
        return Accepted(taken[0], taken[0])
    quality = max((quality for quality, _ in ours), default=0.0)
    best = taken[0] if taken and (identity is None or quality >= identity) else IDENTITY
    return Accepted(best, IDENTITY)


_known = lru_cache(maxsize=256)(_read)
