"""Bearer tokens: names, roles and hashes in `tokens.json` of the home. The tokens themselves are kept nowhere."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from kg.errors import NotFoundError, ParameterError, StoreError
from kg.store import lock
from kg.store.disk import surroundings, write

NAME: Final = "tokens.json"
BOOTSTRAP: Final = "KG_TOKEN"  # the name of the administrator whose token is a setting
SHORTEST: Final = 16  # characters of a KG_TOKEN that is not easily guessed
_OWNER_ONLY: Final = 0o600
_NAMES: Final = re.compile(r"[\w.@-]{1,64}")
_LOCK_TIMEOUT: Final = 10.0


class Role(IntEnum):
    """What a token lets one do; each role holds those before it."""

    READ_DRAFTS = 1
    WRITE = 2
    ADMIN = 3

    @property
    def label(self) -> str:
        return self.name.lower().replace("_", "-")

    @classmethod
    def of(cls, label: str) -> Role:
        """The role of this name. Raises ParameterError."""
        for role in cls:
            if role.label == label:
                return role
        names = ", ".join(role.label for role in cls)
        raise ParameterError(f"there is no role {label!r}; use {names}", f"Няма роля „{label}“; ползвайте {names}")


@dataclass(frozen=True, slots=True)
class Token:
    """One entry: who, what for, since and until when, and the SHA-256 of the secret."""

    name: str
    role: Role
    sha256: bytes
    created: datetime
    expires: datetime | None = None

    def valid(self, now: datetime) -> bool:
        return self.expires is None or now < self.expires


def digest(secret: str) -> bytes:
    """What is kept of a token. It has 256 random bits, so no slow hash is called for."""
    return hashlib.sha256(secret.encode()).digest()


class Tokens:
    """The entries of a home, read anew whenever the file has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark: tuple[int, int, int] | None = None
        self._entries: tuple[Token, ...] = ()

    @classmethod
    def of(cls, home: Path) -> Tokens:
        return cls(home / NAME)

    def entries(self) -> tuple[Token, ...]:
        """All of them by name. Raises StoreError when the file cannot be read."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            self._mark, self._entries = None, ()
            return ()
        mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if mark != self._mark:
            self._entries, self._mark = self._read(), mark
        return self._entries

    def find(self, secret: str) -> Token | None:
        """The valid entry of a secret; the time this takes does not depend on which it is."""
        shown, now = digest(secret), datetime.now(UTC)
        found = None
        for token in self.entries():
            if hmac.compare_digest(token.sha256, shown) and token.valid(now):
                found = token
        return found

    def add(self, name: str, role: Role, *, days: int | None = None) -> str:
        """A new token, told this once. Raises ParameterError for a name that is taken or cannot be one."""
        if not _NAMES.fullmatch(name) or name == BOOTSTRAP:
            raise ParameterError(
                f"{name!r} cannot name a token; use letters, digits and . _ @ - (at most 64)",
                f"„{name}“ не може да е име на токен; ползвайте букви, цифри и . _ @ - (най-много 64)",
            )
        secret = f"kg_{secrets.token_urlsafe(32)}"
        now = datetime.now(UTC).replace(microsecond=0)
        expires = None if days is None else now + timedelta(days=days)
        with self._alone(now):
            entries = self.entries()
            if any(token.name == name for token in entries):
                raise ParameterError(
                    f"there is a token {name!r} already; choose another name, or `kg token remove {name}` first",
                    f"Вече има токен „{name}“; изберете друго име или първо `kg token remove {name}`",
                )
            self._write([*entries, Token(name, role, digest(secret), now, expires)])
        return secret

    def remove(self, name: str) -> None:
        """The token opens nothing any more. Raises NotFoundError."""
        with self._alone(datetime.now(UTC)):
            entries = self.entries()
            kept = [token for token in entries if token.name != name]
            if len(kept) == len(entries):
                raise NotFoundError(
                    f"there is no token {name!r}; `kg token list` shows those there are",
                    f"Няма токен „{name}“; `kg token list` показва наличните",
                )
            self._write(kept)

    def _alone(self, now: datetime) -> Any:
        return lock.held(self.path.with_suffix(".lock"), agent="kg token", now=now, timeout=_LOCK_TIMEOUT)

    def _read(self) -> tuple[Token, ...]:
        with surroundings(self.path):
            text = self.path.read_bytes()
        try:
            return tuple(_entry(one) for one in json.loads(text)["tokens"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(
                f"{self.path} is damaged; remove it and give the tokens out anew with `kg token add`",
                f"{self.path} е повреден; изтрийте го и издайте токените отново с `kg token add`",
            ) from error

    def _write(self, entries: Sequence[Token]) -> None:
        told = [
            {
                "name": token.name,
                "role": token.role.label,
                "sha256": token.sha256.hex(),
                "created": token.created.isoformat(),
                "expires": token.expires.isoformat() if token.expires else None,
            }
            for token in sorted(entries, key=lambda token: token.name)
        ]
        text = json.dumps({"tokens": told}, ensure_ascii=False, indent=1)
        with surroundings(self.path):
            write(self.path, text.encode() + b"\n", mode=_OWNER_ONLY)
        self._mark = None


def _entry(told: dict[str, Any]) -> Token:
    sha256 = bytes.fromhex(told["sha256"])
    if len(sha256) != hashlib.sha256().digest_size:
        raise ValueError("no SHA-256")
    expires = told.get("expires")
    return Token(
        name=str(told["name"]),
        role=Role[str(told["role"]).upper().replace("-", "_")],
        sha256=sha256,
        created=datetime.fromisoformat(told["created"]),
        expires=datetime.fromisoformat(expires) if expires else None,
    )
