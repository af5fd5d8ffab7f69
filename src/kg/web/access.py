"""Who may do what: bearer tokens (RFC 6750), shown in the Authorization header and nowhere else."""

from __future__ import annotations

import hmac
import ipaddress
import re
import time
from collections import OrderedDict, deque
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kg.errors import BusyError, ForbiddenError, KgError, StoreError, UnauthorizedError
from kg.settings import Settings
from kg.tokens import BOOTSTRAP, Role, Tokens, digest
from kg.web.audit import Audit, Event
from kg.web.exchange import Exchange, exchange

__all__ = ["Access", "Agent", "Role"]

_SCHEME: Final = "bearer"
_SECRET: Final = re.compile(r"[!-~]{1,1024}")
_FAILURES: Final = 20  # of one client …
_WINDOW: Final = 60.0  # … in so many seconds, then it is told to come back later
_CLIENTS: Final = 10_000  # that are remembered for it


@dataclass(frozen=True, slots=True)
class Agent:
    """Who asks, as far as the token tells."""

    name: str
    role: Role


class Access:
    """The tokens of a home, and the bootstrap token of the settings."""

    def __init__(self, settings: Settings, home: Path, audit: Audit | None = None) -> None:
        self._bootstrap = digest(settings.token) if settings.token else None
        self._tokens = Tokens.of(home)
        self._audit = audit or Audit.of(home)
        self._failures = _Failures()

    def require(self, scope: MutableMapping[str, Any], role: Role) -> Agent:
        """Who asks, when the token's role is at least this; its name is noted in the exchange.

        Raises UnauthorizedError without a valid token, ForbiddenError for a role that is too small, and BusyError for
        a wrong token from a client that has shown too many. A valid token is never held up by that.
        """
        asked = exchange(scope)
        try:
            agent = self._agent(_shown(scope))
        except UnauthorizedError as error:
            raise self._refused(scope, asked, error) from None
        asked.agent = agent.name
        if agent.role < role:
            raise self._refused(
                scope,
                asked,
                ForbiddenError(
                    f"the token {agent.name!r} has the role {agent.role.label}; this takes {role.label}",
                    f"Токенът „{agent.name}“ е с роля {agent.role.label}; тук е нужна роля {role.label}",
                ),
            )
        return agent

    def _agent(self, secret: str) -> Agent:
        bootstrap = self._bootstrap is not None and hmac.compare_digest(self._bootstrap, digest(secret))
        found = self._tokens.find(secret)
        if bootstrap:
            return Agent(BOOTSTRAP, Role.ADMIN)
        if found is None:
            raise UnauthorizedError(
                "this token is not known here, or no longer valid; ask the administrator for one (`kg token add`)",
                "Токенът е непознат или вече не важи; поискайте нов от администратора (`kg token add`)",
                "invalid_token",
            )
        return Agent(found.name, found.role)

    def _refused(self, scope: MutableMapping[str, Any], asked: Exchange, error: KgError) -> KgError:
        """What to raise; the attempt is in the audit, unless the client makes too many of them."""
        count = self._failures.count(asked.client)
        if count <= _FAILURES:
            event = Event(
                action="authorize",
                status=error.status,
                agent=asked.agent,
                request=asked.id,
                client=asked.client,
                reason=error.slug if count < _FAILURES else "too-many-attempts",
            )
            with suppress(StoreError):  # the refusal stands, whether or not it could be noted
                self._audit.append(event, durable=False)
        elif isinstance(error, UnauthorizedError) and error.error:
            return BusyError(
                "too many wrong tokens from this address; try again in a minute",
                "Твърде много грешни токени от този адрес; опитайте отново след минута",
            )
        return error


class _Failures:
    """How often clients were refused in the last minute."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, client: str) -> int:
        """One more from this client."""
        now, key = time.monotonic(), _neighbourhood(client)
        times = self._times.setdefault(key, deque(maxlen=_FAILURES + 1))
        self._times.move_to_end(key)
        while len(self._times) > _CLIENTS:
            self._times.popitem(last=False)
        while times and times[0] < now - _WINDOW:
            times.popleft()
        times.append(now)
        return len(times)


def _neighbourhood(client: str) -> str:
    """The address, or the /64 of an IPv6 address: one client has all of it."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else client


def _shown(scope: MutableMapping[str, Any]) -> str:
    """The secret of the one Authorization header. Raises UnauthorizedError."""
    lines = [value for name, value in scope["headers"] if name == b"authorization"]
    if not lines:
        raise UnauthorizedError(
            "this takes a token: send the header „Authorization: Bearer …“",
            "Тук е нужен токен: изпратете заглавката „Authorization: Bearer …“",
        )
    line: str = lines[0].decode("latin-1")
    scheme, _, rest = line.partition(" ")
    secret = rest.strip(" ")
    if len(lines) > 1 or scheme.lower() != _SCHEME or not _SECRET.fullmatch(secret):
        raise UnauthorizedError(
            "the Authorization header is not „Bearer “ with a token after it",
            "Заглавката трябва да е „Authorization: Bearer <токен>“",
            "invalid_token",
        )
    return secret
