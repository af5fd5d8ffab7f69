"""Who may do what: bearer tokens (RFC 6750), shown in the Authorization header and nowhere else."""

from __future__ import annotations

import hmac
import re
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kg.errors import BusyError, ForbiddenError, KgError, UnauthorizedError
from kg.settings import Settings
from kg.tokens import BOOTSTRAP, Role, Tokens, digest
from kg.web.attempts import Attempts
from kg.web.audit import Audit, Event
from kg.web.exchange import Exchange, exchange

__all__ = ["Access", "Agent", "Role"]

_SCHEME: Final = "bearer"
_SECRET: Final = re.compile(r"[!-~]{1,1024}")


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
        self._attempts = Attempts(audit or Audit.of(home))

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
        """What to raise; the attempt is in the audit, as a line or in a number."""
        event = Event(
            action="authorize",
            status=error.status,
            agent=asked.agent,
            request=asked.id,
            client=asked.client,
            reason=error.slug,
        )
        if self._attempts.note(event) and isinstance(error, UnauthorizedError) and error.error:
            return BusyError(
                "too many wrong tokens from this address; try again in a minute",
                "Твърде много грешни токени от този адрес; опитайте отново след минута",
            )
        return error


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
