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
    workers: int = Field(default=2, ge=1, le=64)
    worker_memory: int = Field(default=4 * 2**30, ge=256 * 2**20)
    spool_max: int = Field(default=2**30, ge=2**16)
    spool_dir: Path | None = None  # None: where temporary files go
    merge_max: int = Field(default=200_000, ge=0)  # statements in the several FROM graphs of one query
    queue_max: int = Field(default=32, ge=0)  # queries that may wait for a worker
    queue_wait: float = Field(default=10.0, ge=0)  # seconds until a waiting query is told to come back

    @field_validator("base")
    @classmethod
    def _without_slash(cls, base: str | None) -> str | None:
        return base.rstrip("/") if base else None
