"""Content codings."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from kg.errors import NotAcceptableError
from kg.web.coding import BROTLI, CODINGS, GZIP, IDENTITY, SMALLEST, ZSTD, Coding, accepted

TEXT = "".join(f"<http://localhost:8000/id/place/p{n}> „Русе“ {n * n}\n" for n in range(9000)).encode()
DECODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda content: zstandard.ZstdDecompressor().decompressobj().decompress(content),
}


@pytest.mark.parametrize(
    ("header", "best"),
    [
        (None, IDENTITY),
        ("", IDENTITY),
        ("identity", IDENTITY),
        ("gzip", GZIP),
        ("GZip", GZIP),
        ("x-gzip", GZIP),
        ("gzip, deflate", GZIP),
        ("gzip, deflate, br", BROTLI),
        ("gzip, deflate, br, zstd", ZSTD),
        ("*", ZSTD),
        ("gzip;q=1, *;q=0.5", GZIP),
        ("gzip;q=0.5, br;q=0.9", BROTLI),
        ("gzip ; q=0.001", GZIP),
        ("gzip;q=0", IDENTITY),
        ("gzip;q=0, br;q=0.000", IDENTITY),
        ("*;q=0", None),
        ("identity;q=0", None),
        ("identity;q=0, deflate", None),
        ("*;q=0, identity", IDENTITY),
        ("*;q=0, identity;q=0.1, gzip;q=0.1", GZIP),
        ("identity;q=0, gzip", GZIP),
        ("identity;q=0, *", ZSTD),
        ("identity;q=0.5, gzip;q=0.2", IDENTITY),
        ("identity, gzip;q=0.9", IDENTITY),
        ("deflate, compress", IDENTITY),
        ("gzip;q=2", IDENTITY),
        ("gzip;q=high, br", BROTLI),
        (",, ,gzip,", GZIP),
        ("; ; =", IDENTITY),
        ("gzip" + " " * 300, GZIP),
    ],
)
def test_the_coding_that_the_client_likes_best(header: str | None, best: Coding | None) -> None:
    raw = None if header is None else header.encode()
    if best is None:
        with pytest.raises(NotAcceptableError) as caught:
            accepted(raw)
        assert caught.value.offered == ("identity", "zstd", "br", "gzip")
    else:
        assert accepted(raw).best is best


def test_what_is_small_is_not_compressed_unless_it_has_to_be() -> None:
    assert accepted(b"gzip").for_size(SMALLEST - 1) is IDENTITY
    assert accepted(b"gzip").for_size(SMALLEST) is GZIP
    assert accepted(b"gzip").for_size(None) is GZIP
    assert accepted(b"gzip, identity;q=0").for_size(1) is GZIP


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.name)
def test_a_coded_body_is_the_body_in_fewer_bytes(coding: Coding) -> None:
    whole = coding.whole(TEXT)
    assert DECODE[coding.name](whole) == TEXT
    assert len(whole) < len(TEXT) / 4
    assert coding.whole(TEXT) == whole


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.name)
def test_a_coded_stream_can_be_read_as_it_comes(coding: Coding) -> None:
    blocks = [TEXT[at : at + 100_000] for at in range(0, len(TEXT), 100_000)]
    assert len(blocks) > 3
    stream = coding.stream()
    sent, readable = b"", b""
    for block in blocks:
        sent += stream.block(block)
        readable += block
        assert _beginning(coding, sent) == readable
    sent += stream.end()
    assert DECODE[coding.name](sent) == TEXT
    again = coding.stream()
    assert b"".join([*map(again.block, blocks), again.end()]) == sent


def _beginning(coding: Coding, sent: bytes) -> bytes:
    """What of a stream can be decoded so far."""
    if coding is GZIP:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(sent)
    if coding is BROTLI:
        decoder = brotli.Decompressor()
        parts = [decoder.process(sent)]
        while part := decoder.process(b""):
            parts.append(part)
        return b"".join(parts)
    return zstandard.ZstdDecompressor().decompressobj().decompress(sent)


def test_identity_is_the_body_itself() -> None:
    stream = IDENTITY.stream()
    assert IDENTITY.whole(TEXT) is TEXT
    assert stream.block(b"a") + stream.block(b"b") + stream.end() == b"ab"
