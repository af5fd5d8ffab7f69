"""Around the whole application: the request's id, headers that every reply carries, the log, the figures, the last net.

In the path of every request, cached answers included, so nothing here is done twice or made for nobody.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable
from typing import Any, Final

from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.settings import Settings
from kg.web import problems
from kg.web.exchange import GONE, Exchange, begin
from kg.web.headers import complete
from kg.web.log import Log, quoted
from kg.web.metrics import Metrics
from kg.web.proxies import Proxies

_SHOWN: Final = 2000  # characters of a slow query

_log = logging.getLogger("kg.web")


class Envelope:
    """The outermost application."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self.log = Log(settings.log)
        self.metrics = metrics
        self._slow = settings.slow_query
        self._proxies = Proxies(settings.proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        told = begin(scope, self._proxies)
        reply = _Reply(send, told)
        try:
            await self.app(scope, receive, reply.send)
        except ClientDisconnect:
            pass
        except Exception:  # noqa: BLE001 (the server goes on; the reply, if it has begun, ends unfinished)
            _log.exception("%s: %s %s", told.id, scope["method"], scope["path"])
            if not told.status:
                await problems.unexpected(HTTPConnection(scope))(scope, receive, reply.send)
        finally:
            told.status = told.status or GONE
            self._tell(scope, told)
            told.text = ""  # an idle connection holds on to its last request

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application's life; its end is the end of the log."""
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "lifespan":
                self.log.close()

    def refused(self, client: str, status: int) -> None:
        """Tell of a request that was refused before it was read."""
        self.metrics.refuse(status)
        if self.log:
            at = self.log.time(time.time())
            self.log.line(f'{{"time":"{at}","client":{quoted(client)},"status":{status},"refused":"head"}}')

    def _tell(self, scope: Scope, told: Exchange) -> None:
        now = time.time()
        seconds = max(0.0, now - told.started)
        method, path, log = scope["method"], scope["path"], self.log
        self.metrics.count(method, path, told, seconds)
        if not log:
            return
        cut = ',"truncated":true' if told.truncated else ""
        cut += ',"broken":true' if told.broken else ""
        log.line(
            f'{{"time":"{log.time(now)}","id":"{told.id}","client":{quoted(told.client)},"method":{quoted(method)},'
            f'"path":{quoted(path)},"status":{told.status},"bytes":{told.bytes},"ms":{seconds * 1000:.2f},'
            f'"cache":"{told.cache}","shape":"{told.shape}","release":{told.release},"agent":{quoted(told.agent)}{cut}}}'
        )
        if told.text and told.seconds >= self._slow:
            log.line(json.dumps(self._slow_query(log.time(now), told), ensure_ascii=False))

    def _slow_query(self, at: str, told: Exchange) -> dict[str, Any]:
        reason = {"reason": told.reason} if told.reason else {}
        return {
            "time": at,
            "id": told.id,
            "slow": True,
            "seconds": round(told.seconds, 3),
            **reason,
            "form": told.form,
            "shape": told.shape,
            "release": told.release,
            "query": told.text[:_SHOWN],
        }


class _Reply:
    """The way to the client, with what every reply carries."""

    __slots__ = ("_send", "_told")

    def __init__(self, send: Send, told: Exchange) -> None:
        self._send = send
        self._told = told

    def send(self, message: Message) -> Awaitable[None]:
        told = self._told
        if message["type"] == "http.response.body":
            told.bytes += len(message.get("body", b""))
        elif message["type"] == "http.response.start":
            told.status = message["status"]
            fields = complete(message.get("headers", []), (b"x-request-id", told.id.encode("ascii")))
            message = {"type": "http.response.start", "status": told.status, "headers": fields}
        return self._send(message)
