"""The HTTP server: uvicorn with uvloop and httptools, our protocol, and an end that lets running answers finish."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import ipaddress
import logging
import resource
import signal
import socket
import threading
from collections.abc import Sequence
from email.utils import formatdate
from typing import Final

import uvicorn

from kg.answering.allowlist import Allow
from kg.errors import ParameterError, StoreError
from kg.isolation import give_back
from kg.settings import Settings
from kg.tokens import SHORTEST
from kg.web.envelope import Envelope
from kg.web.log import Handler
from kg.web.protocol import Limits, Protocol

GRACE: Final = 10  # seconds in which running answers may finish after SIGTERM
_BACKLOG: Final = 1024
_FILES: Final = 2  # descriptors that a connection may take: itself, and the answer that is read from it
_OWN_FILES: Final = 200
_FEWEST: Final = 64
_TICKS: Final = 5  # tenths of a second between looks for connections whose time is over

_GARBAGE: Final = 20_000  # new objects between two looks for garbage: a cache makes many that stay

_LOGGERS: Final = ("kg", "uvicorn")


class Server(uvicorn.Server):
    """The server of one application; `run(sockets)` returns after SIGTERM or SIGINT, or `should_exit`."""

    def __init__(
        self,
        app: Envelope,
        settings: Settings,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        connections: int = 0,
    ) -> None:
        """Without `connections` there may be as many as files can be open for."""
        self._log = app.log
        most = connections or max(_FEWEST, (_descriptors() - _OWN_FILES) // _FILES)
        limits = Limits(settings.header_time, connections=most, send_time=settings.send_time)
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http=type("Limited", (Protocol,), {"limits": limits}),
                loop="uvloop",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # settings.proxies says who is believed
                server_header=False,
                backlog=_BACKLOG,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._handler = Handler(self._log) if self._log else None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._handler is not None:
            for name in _LOGGERS:
                logging.getLogger(name).addHandler(self._handler)
        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._log.reopen)
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self._handler is not None:
            for name in _LOGGERS:
                logging.getLogger(name).removeHandler(self._handler)

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Protocol):
                    connection.expire(now)
        ending = await super().on_tick(counter)
        self.server_state.default_headers = [(b"date", formatdate(usegmt=True).encode())]  # never before Last-Modified
        return ending


def serve(app: Envelope, settings: Settings, sockets: Sequence[socket.socket]) -> None:
    """Serve on these sockets until SIGTERM or SIGINT."""
    server = Server(app, settings)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE, 20, 20)
    give_back()
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=list(sockets))


def guard(settings: Settings, host: str) -> None:
    """Raises ParameterError for settings that are wrong, or for this machine alone when others reach the service."""
    Allow.parse(settings.service_allow)
    if _is_loopback(host):
        return
    if settings.suite_mode:
        raise ParameterError(
            "KG_SUITE_MODE lets anybody overwrite everything; it serves on 127.0.0.1 only",
            "KG_SUITE_MODE позволява всичко да се презапише; услугата се пуска само на 127.0.0.1",
        )
    if settings.token and len(settings.token) < SHORTEST:
        raise ParameterError(
            f"KG_TOKEN has fewer than {SHORTEST} characters, and {host} can be reached from elsewhere; "
            "choose a long random one, or leave it out and use `kg token add`",
            f"KG_TOKEN е с по-малко от {SHORTEST} знака, а {host} е достъпен и отвън; изберете дълъг случаен "
            "токен или го махнете и използвайте `kg token add`",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """The port, taken before anything is built, so that a start on a taken one leaves nothing behind."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        why = "е зает" if taken else f"не може да се ползва ({error.strerror})"
        raise StoreError(
            f"port {port} of {host} cannot be used ({error.strerror}); choose another: kg serve --port {port + 1}",
            f"порт {port} на {host} {why}; изберете друг: kg serve --port {port + 1}",
        ) from error
    return listener


def _descriptors() -> int:
    """How many files this process may have open, after asking for as many as it may ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft if soft != resource.RLIM_INFINITY else wanted
