"""What the surroundings decide, read once at the edge (`cli.py`, `create_app`) and handed down."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_BASE = "http://localhost:8000"
_KIB, _MIB, _GIB = 2**10, 2**20, 2**30
_SECRET: Final = re.compile(r"[!-~]{0,1024}")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(BaseSettings):
    """`KG_…` variables, with the defaults of a first start. Each says its unit; sizes are bytes, times are seconds."""

    model_config = SettingsConfigDict(env_prefix="KG_", extra="ignore", hide_input_in_errors=True)

    home: Path = Field(default=Path(".kg"), description="path: the folder of the graph")
    base: str | None = Field(
        default=None,
        description="address: below which the graph's own IRIs lie; "
        "None: the one recorded in the home, else DEFAULT_BASE with the served port",
    )
    store: str = Field(default="", description="name: of the engine; empty: the embedded one")
    token: str | None = Field(default=None, description="text: a first administrator's token")
    query_timeout: float = Field(default=30.0, gt=0, le=3600, description="seconds that a query may take")
    service_allow: str = Field(default="", description="comma list of addresses that SERVICE may ask")
    suite_mode: bool = Field(default=False, description="on or off: for the conformance suites, on loopback only")
    keep_days: int = Field(default=30, ge=0, description="days that an old release is kept")
    keep_bytes: int = Field(default=20 * _GIB, ge=0, description="bytes of old releases that are kept")
    lock_timeout: float = Field(default=30.0, ge=0, description="seconds that a write waits for another one")
    workers: int = Field(default=2, ge=1, le=64, description="processes for queries that take long")
    small_workers: int = Field(default=3, ge=1, le=64, description="processes for queries that do not")
    small_time: float = Field(
        default=0.01, gt=0, le=60, description="seconds of computing until a query counts as one that takes long"
    )
    worker_memory: int = Field(default=2 * _GIB, ge=256 * _MIB, description="bytes that a query may take")
    memory_copy: int = Field(
        default=3_000_000, ge=0, description="triples of a release that long queries may read from memory; 0: never"
    )
    spool_first: int = Field(
        default=8 * _MIB, ge=64 * _KIB, description="bytes of an answer that must be there before it begins"
    )
    spool_max: int = Field(default=_GIB, ge=64 * _KIB, description="bytes of one answer")
    spool_total: int = Field(default=4 * _GIB, ge=64 * _KIB, description="bytes of all answers that are being read")
    spool_dir: Path | None = Field(
        default=None, description="path: where answers are spooled; None: where temporary files go"
    )
    merge_max: int = Field(default=200_000, ge=0, description="statements in the several FROM graphs of one query")
    queue_max: int = Field(default=512, ge=0, description="queries that may wait for a worker")
    queue_wait: float = Field(default=10.0, ge=0, description="seconds until a waiting query is told to come back")
    cache_bytes: int = Field(default=64 * _MIB, ge=0, description="bytes of finished small answers that are kept")
    body_max: int = Field(default=64 * _MIB, ge=64 * _KIB, description="bytes of a write")
    header_time: float = Field(default=10.0, gt=0, description="seconds for the head of a request")
    body_time: float = Field(default=60.0, gt=0, description="seconds for its body")
    send_time: float = Field(default=60.0, gt=0, description="seconds in which a reader must take something")
    write_timeout: float = Field(default=300.0, gt=0, description="seconds for a write, its checks included")
    slow_query: float = Field(default=1.0, ge=0, description="seconds from which a query is logged with its text")
    log: str = Field(default="-", description="path: JSON lines; „-“ is the standard error stream, empty writes none")
    proxies: str = Field(
        default="", description="comma list of addresses and networks whose X-Forwarded-For is believed"
    )

    egov_key: SecretStr | None = Field(
        default=None, description="text: the key of the API of data.egov.bg, for `kg publish`"
    )

    @field_validator("base")
    @classmethod
    def _without_slash(cls, base: str | None) -> str | None:
        return base.rstrip("/") if base else None

    @field_validator("token")
    @classmethod
    def _can_be_sent(cls, token: str | None) -> str | None:
        _check_secret(token or "")
        return token

    @field_validator("egov_key")
    @classmethod
    def _can_be_sent_too(cls, key: SecretStr | None) -> SecretStr | None:
        _check_secret(key.get_secret_value() if key else "")
        return key

    @field_validator("proxies")
    @classmethod
    def _are_addresses(cls, proxies: str) -> str:
        networks(proxies)
        return proxies


def networks(listed: str) -> tuple[Network, ...]:
    """The addresses and networks of a comma list; an address is a network of one. Raises ValueError."""
    found: list[Network] = []
    for one in filter(None, map(str.strip, listed.split(","))):
        try:
            found.append(ipaddress.ip_network(one))
        except ValueError:
            raise _wrong(
                f"{one!r} is no IP address and no network; write for instance 10.0.0.2 or 10.0.0.0/24, "
                "with commas between several",
                f"„{one}“ не е IP адрес или мрежа; пише се например 10.0.0.2 или 10.0.0.0/24, "
                "а между няколко се слага запетая",
            ) from None
    return tuple(found)


def _check_secret(text: str) -> None:
    if not _SECRET.fullmatch(text):
        raise _wrong(
            "it must consist of at most 1024 letters, digits and signs of ASCII, without spaces",
            "трябва да е от най-много 1024 латински букви, цифри и знаци, без интервали",
        )


def _wrong(en: str, bg: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{en}", {"en": en, "bg": bg})
