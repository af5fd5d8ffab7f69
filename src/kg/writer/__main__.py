"""The process that writes: one order after the other, from the socket whose descriptor it is given."""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path

from pyoxigraph import NamedNode

from kg import resources, writer, writes
from kg.dataset import Using
from kg.errors import KgError, QueryError, TooLargeError
from kg.graph import DEFAULT, GraphName
from kg.isolation import give_back, leave_network, limit_memory, resident, trim
from kg.pipeline import Domain
from kg.store.embedded import EmbeddedStore
from kg.store.suite import SuiteStore
from kg.update.evaluation import check
from kg.writer import Config, Done, Order
from kg.writes import Condition, Outcome, Writes, documents
from kg.writes.free import Free
from kg.writes.gated import Gated

_NICE = 5
_ROOM = 28 * 2**20  # bytes that the data and small writes take
_GRACE = 5.0  # seconds that the service has to end us before we do


def main(channel: socket.socket) -> None:
    """Carries out orders until the other side closes."""
    os.nice(_NICE)
    leave_network()
    give_back()
    threading.Thread(target=_follow, args=(channel,), daemon=True).start()
    first = writer.receive(channel)
    if first is None:
        return
    config = Config(**first[0])
    limit_memory(config.memory)
    target: Writes | None = None
    small = resident() + _ROOM
    while (message := writer.receive(channel)) is not None:
        order, (body, *_) = writer.order(message[0]), message[1]
        writer.send(channel, {"taken": order.mark})  # what is not taken may be given to another process
        signal.setitimer(signal.ITIMER_REAL, order.seconds + _GRACE)
        try:
            target = target or _open(config)
            content = _content(body)
            reply = writer.told(carry_out(order, content, target))
        except KgError as error:
            reply = writer.told(error)
        except MemoryError:
            reply = writer.told(
                TooLargeError(
                    "the write needs more memory than it may take; send it in parts",
                    "записът иска повече памет, отколкото е позволено; изпратете го на части",
                )
            )
        except Exception as error:  # noqa: BLE001 (the service says that something went wrong; the trace says what)
            traceback.print_exc()
            reply = writer.told(error)
        finally:
            os.close(body)
            signal.setitimer(signal.ITIMER_REAL, 0)
        writer.send(channel, reply)
        if _grown(small):
            return  # the next order starts another process


def _follow(channel: socket.socket) -> None:
    """Ends this process as soon as the other side is gone, whatever it is doing: nobody waits for it any more."""
    end = select.poll()
    end.register(channel, select.POLLRDHUP)
    end.poll()
    os._exit(1)


def carry_out(order: Order, content: bytes, target: Writes) -> Done:
    """What the order asks for, sealed."""
    condition = Condition(order.release, order.exists)
    graph: GraphName = NamedNode(order.graph) if order.graph else DEFAULT
    if order.do in {"update", "patch"}:
        return _done(_update(order, content, graph, target, condition))
    if order.do == "delete":
        return _done(writes.delete(target, graph, agent=order.agent, mark=order.mark, condition=condition))
    made = ""
    if order.graph or order.default:
        triples = documents.read(content, order.media_type, order.base_iri or f"{target.base}/")
        triples = {graph: documents.alone(triples)}
    else:
        new = writes.fresh(target)
        triples = documents.read(content, order.media_type, new.value)
        if order.do == "post" and len(triples) == 1 and not documents.is_dataset(order.media_type):
            made = new.value
            triples = {new: triples[DEFAULT]}
        elif not triples[DEFAULT]:
            del triples[DEFAULT]
    act = writes.put if order.do == "put" else writes.post
    return _done(act(target, triples, agent=order.agent, mark=order.mark, condition=condition), made)


def _update(order: Order, content: bytes, graph: GraphName, target: Writes, condition: Condition) -> Outcome:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise QueryError("the update is not UTF-8 text", "Промяната не е текст в UTF-8") from error
    request = check(target.look(text), order.base_iri or None)
    using = Using(_nodes(order.using), _nodes(order.using_named)) if order.using or order.using_named else None
    return writes.update(
        target,
        request,
        agent=order.agent,
        mark=order.mark,
        base_iri=order.base_iri or None,
        using=using,
        scope=graph if isinstance(graph, NamedNode) else None,
        condition=condition,
    )


def _nodes(iris: tuple[str, ...] | None) -> tuple[NamedNode, ...]:
    return tuple(NamedNode(iri) for iri in iris or ())


def _done(outcome: Outcome, made: str = "") -> Done:
    return Done(
        release=outcome.number,
        digest=outcome.digest,
        added=outcome.added,
        removed=outcome.removed,
        created=outcome.created,
        graph=made if outcome.created else "",
    )


def _content(body: int) -> bytes:
    size = os.fstat(body).st_size
    return os.pread(body, size, 0) if size else b""


def _open(config: Config) -> Writes:
    home = Path(config.home)
    if config.suite:
        return Free(SuiteStore.open(home, base=config.base, lock_timeout=config.lock_timeout))
    store = EmbeddedStore.open(
        home,
        base=config.base,
        agent="endpoint",
        lock_timeout=config.lock_timeout,
        keep_days=config.keep_days,
        keep_bytes=config.keep_bytes,
    )
    return Gated(store, Domain(resources.ONTOLOGY, resources.QUERIES))


def _grown(small: int) -> bool:
    """Whether a large write has left this process large, after giving back what can be given back."""
    if resident() <= small:
        return False
    gc.collect()
    trim()
    return resident() > small


if __name__ == "__main__":
    with suppress(BrokenPipeError, ConnectionResetError, EOFError), socket.socket(fileno=int(sys.argv[1])) as channel:
        main(channel)
