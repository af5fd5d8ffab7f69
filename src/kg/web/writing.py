"""The process that writes, seen from the service: one write after the other, and an end to each."""

from __future__ import annotations

import asyncio
import secrets
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any

from kg import writer
from kg.errors import BusyError, DeadlineError, KgError, StoreError
from kg.isolation import ENVIRONMENT
from kg.settings import Settings
from kg.store.port import Release, Store
from kg.writer import Config, Done, Order

_START = 60.0  # seconds for a process to be up
_FAREWELL = 5.0  # seconds for a write that is under way when the service ends


class Writer:
    """Orders in, outcomes out; the process is started by the first order, and again when it is gone."""

    def __init__(self, config: Config, store: Store, *, seconds: float) -> None:
        self._config = config
        self._store = store
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    @classmethod
    def of(cls, settings: Settings, store: Store) -> Writer:
        """The writer of a store that the settings describe."""
        config = Config(
            home=str(settings.home.resolve()),
            base=settings.base or (store.base if settings.suite_mode else None),
            suite=settings.suite_mode,
            lock_timeout=settings.lock_timeout,
            keep_days=settings.keep_days,
            keep_bytes=settings.keep_bytes,
            memory=settings.worker_memory,
        )
        return cls(config, store, seconds=settings.write_timeout)

    @property
    def pid(self) -> int | None:
        """Of the process; None while there is none."""
        return self._process.pid if self._process else None

    async def write(self, do: str, body: IO[bytes], **about: Any) -> Done:
        """The outcome of an order (`kg.writer.Order`), sealed when this returns; the body is closed then.

        Raises what the write was refused with, BusyError after waiting too long for other writes, and DeadlineError
        or StoreError when its process was ended: then nothing of it was kept.
        """
        mark = secrets.token_hex(8)
        order = Order(do=do, mark=mark, seconds=self._seconds, **about)
        try:
            async with asyncio.timeout(self._config.lock_timeout):
                await self._turn.acquire()
        except TimeoutError:
            body.close()
            raise BusyError(
                "another write is going on; try again in a moment", "в момента тече друг запис; опитайте след малко"
            ) from None
        # A client that goes away does not take its write with it: it may be sealed already.
        return await asyncio.shield(self._hand_over(order, body))

    async def _hand_over(self, order: Order, body: IO[bytes]) -> Done:
        try:
            with body:
                return await asyncio.to_thread(self._exchange, order, body)
        finally:
            self._turn.release()

    async def close(self) -> None:
        """The process has ended; a write under way gets a moment."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await self._turn.acquire()
        await asyncio.to_thread(self._end)

    def _exchange(self, order: Order, body: IO[bytes]) -> Done:
        before = _number(self._store.current)
        deadline = time.monotonic() + order.seconds
        channel = self._begun(order, body)
        if channel is None:  # it had been dead and nobody had seen it; nothing was done
            channel = self._begun(order, body)
        try:
            received = self._receive(channel, deadline) if channel else None
        except TimeoutError:
            self._end()
            return self._sealed(order.mark, before) or self._late(order.seconds)
        if received is None:
            self._end()
            return self._sealed(order.mark, before) or self._lost()
        return writer.outcome(received)

    def _begun(self, order: Order, body: IO[bytes]) -> socket.socket | None:
        """The channel to the process that has taken the order; None when it ended before it did."""
        channel = self._ready()
        try:
            writer.send(channel, asdict(order), body.fileno())
        except OSError:
            self._end()
            return None
        with suppress(TimeoutError):
            if self._receive(channel, time.monotonic() + _START) is not None:
                return channel
        self._end()
        return None

    def _receive(self, channel: socket.socket, deadline: float) -> dict[str, Any] | None:
        """The next message; None when the process is gone. Raises TimeoutError."""
        channel.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            received = writer.receive(channel)
        except TimeoutError:
            raise
        except (OSError, EOFError):
            return None
        return received[0] if received else None

    def _ready(self) -> socket.socket:
        """The channel to a process that runs; between orders it says nothing, so what can be read is its end."""
        channel = self._channel
        if channel is not None and not select.select([channel], [], [], 0)[0]:
            return channel
        self._end()
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "kg.writer", str(theirs.fileno())]
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    process_group=0,  # Ctrl-C is for the server alone
                    env=ENVIRONMENT,
                )
            except OSError as error:
                ours.close()
                raise StoreError(
                    f"no process for writing could be started ({error.strerror})",
                    f"не може да се пусне процес за запис ({error.strerror})",
                ) from error
        self._channel = ours
        writer.send(ours, asdict(self._config))
        return ours

    def _sealed(self, mark: str, before: int) -> Done | None:
        """What became of an order whose process was ended: it may have been sealed a moment before."""
        deadline = time.monotonic() + 1.0
        with suppress(KgError):
            release = self._store.current()
            while release is not None and release.number > before and time.monotonic() < deadline:
                manifest = release.manifest
                if manifest.extra.get("mark") == mark:
                    return Done(
                        release=manifest.number, digest=manifest.digest, added=manifest.added, removed=manifest.removed
                    )
                release = self._store.release(manifest.number - 1)
        return None

    def _late(self, seconds: float) -> Done:
        raise DeadlineError(
            f"the write took longer than {seconds:g} seconds and was ended; nothing was written. Send it in parts",
            f"записът отне повече от {seconds:g} секунди и беше прекратен; нищо не е записано. Изпратете го на части",
        )

    def _lost(self) -> Done:
        raise StoreError(
            "the process that writes ended before it was done; nothing was written. Try once more, in smaller parts",
            "процесът за запис прекъсна, преди да приключи; нищо не е записано. Опитайте отново, на по-малки части",
        )

    def _end(self) -> None:
        process, channel = self._process, self._channel
        self._process = self._channel = None
        if channel is not None:
            channel.close()
        if process is not None:
            process.kill()
            process.wait()


def _number(current: Callable[[], Release | None]) -> int:
    release = current()
    return release.number if release is not None else 0
