"""What the surroundings decide, read once at the edge (`cli.py`, `create_app`) and handed down."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_BASE = "http://localhost:8000"


class Settings(BaseSettings):
    """`KG_…` variables, with the defaults of a first start."""

    model_config = SettingsConfigDict(env_prefix="KG_", extra="ignore")

    home: Path = Path(".kg")
    base: str | None = None  # None: the one recorded in the home, else DEFAULT_BASE with the served port
    store: str = ""  # empty: embedded
    token: str | None = None
    query_timeout: float = Field(default=30.0, gt=0, le=3600)
    service_allow: str = ""
    suite_mode: bool = False
    keep_days: int = Field(default=30, ge=0)
    keep_bytes: int = Field(default=20 * 2**30, ge=0)
    lock_timeout: float = Field(default=30.0, ge=0)
    workers: int = Field(default=2, ge=1, le=64)  # for queries that take long
    small_workers: int = Field(default=2, ge=1, le=64)  # for those that do not
    small_time: float = Field(
        default=0.05, gt=0, le=60
    )  # seconds of computing until a query counts as one that takes long
    worker_memory: int = Field(default=2 * 2**30, ge=256 * 2**20)  # bytes a query may take
    memory_copy: int = Field(default=3_000_000, ge=0)  # triples of a release that long queries may read from memory
    spool_first: int = Field(default=8 * 2**20, ge=2**16)  # bytes of an answer that must be there before it begins
    spool_max: int = Field(default=2**30, ge=2**16)  # bytes of one answer
    spool_total: int = Field(default=4 * 2**30, ge=2**16)  # bytes of all answers that are being read
    spool_dir: Path | None = None  # None: where temporary files go
    merge_max: int = Field(default=200_000, ge=0)  # statements in the several FROM graphs of one query
    queue_max: int = Field(default=512, ge=0)  # queries that may wait for a worker
    queue_wait: float = Field(default=10.0, ge=0)  # seconds until a waiting query is told to come back
    cache_bytes: int = Field(default=64 * 2**20, ge=0)  # of finished small answers
    body_max: int = Field(default=64 * 2**20, ge=2**16)  # bytes of a write
    header_time: float = Field(default=10.0, gt=0)  # seconds for the head of a request
    body_time: float = Field(default=60.0, gt=0)  # seconds for its body
    send_time: float = Field(default=60.0, gt=0)  # seconds in which a reader must take something
    write_timeout: float = Field(default=300.0, gt=0)  # seconds for a write, its checks included
    slow_query: float = Field(default=1.0, ge=0)  # seconds from which a query is logged with its text
    log: str = "-"  # JSON lines: „-“ is the standard error stream, a path a file, empty none
    proxies: str = ""  # comma list of addresses whose X-Forwarded-For is believed

    @field_validator("base")
    @classmethod
    def _without_slash(cls, base: str | None) -> str | None:
        return base.rstrip("/") if base else None
