"""One query over one release, inside a child."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import IO, Any, Final, NamedTuple, cast

from pyoxigraph import (
    DefaultGraph,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    serialize,
)

from kg.answering import excel, truncation
from kg.answering.closures import written_out
from kg.answering.complaints import no_room, over_cap, over_merge, told
from kg.answering.output import FullError, NoRoomError, Output
from kg.dataset import MergeLimitError, merged, query, resolve
from kg.errors import KgError, NotAcceptableError, ParameterError
from kg.formats import CSV, GRAPHS, HTML, JSON, RDF, RESULTS, TRIG, TTL, Format, pick
from kg.lexer import Outline

_SLOW_READING: Final = 0.01  # seconds
_WITH_PREFIXES: Final = frozenset({TTL, TRIG, RDF})


class Choice(NamedTuple):
    """What the answer is called, and what it is written in."""

    named: Format
    written: Format


class Written(NamedTuple):
    """How an evaluation ended."""

    seconds: float
    computed: float  # seconds of processor time
    truncated: bool = False
    rows: int | None = None


@lru_cache(maxsize=512)
def choose(rows: bool, accept: str, names: Sequence[str], page: bool) -> Choice:
    """The format asked for: `?format=` first, then Accept. Raises NotAcceptableError with what is offered."""
    own = RESULTS if rows else GRAPHS
    chosen = pick(accept, names, (*own, HTML) if page else own)
    return Choice(chosen, (JSON if rows else TTL) if chosen is HTML else chosen)


def choice(seen: Outline, asked: Mapping[str, Any]) -> Choice:
    """The format for a question; the same errors."""
    rows = seen.form in {"SELECT", "ASK"}
    return choose(rows, asked.get("accept", ""), tuple(asked.get("formats", ())), bool(asked.get("page")))


def evaluate(
    store: Store, seen: Outline, text: str, asked: Mapping[str, Any], output: Output, format: Format, merge_max: int
) -> Written:
    """Writes the answer. Raises KgError.

    `text` is what the engine reads: that of the outline, or what federation made of it.
    """
    started, computed = time.perf_counter(), time.process_time()
    base_iri = asked.get("base")
    try:
        store, options = _dataset(store, seen, asked, merge_max)
        if seen.closures and seen.only_default and not options:
            text = written_out(store, text, base_iri)
        results = query(store, text, base_iri=base_iri, **options)
        rows, truncated = _write(results, output, format, asked), False
    except FullError as error:
        if not (asked.get("partial") and _cut(output, format)):
            raise over_cap(output.limit) from error
        rows, truncated = None, True
    except NoRoomError as error:
        assert isinstance(error.__cause__, OSError)
        raise no_room(error.__cause__) from error
    except MergeLimitError as error:
        raise over_merge(merge_max) from error
    except KgError:
        raise
    except SyntaxError as error:
        if time.perf_counter() - started > _SLOW_READING:  # to read it again for a hint would take as long
            raise told(error) from error
        raise told(_misreading(seen.original, base_iri) or error, seen.original) from error
    except Exception as error:  # whatever the engine raises, the next query is another one
        raise told(error) from error
    return Written(time.perf_counter() - started, time.process_time() - computed, truncated, rows)


def _misreading(original: str, base_iri: str | None) -> SyntaxError | None:
    """What the parser says of the text as it was sent, so that the place is the sender's."""
    try:
        Store().query(original, base_iri=base_iri)
    except SyntaxError as error:
        return error
    except (RuntimeError, ValueError, OSError):
        return None
    return None


def _dataset(store: Store, seen: Outline, asked: Mapping[str, Any], merge_max: int) -> tuple[Store, dict[str, Any]]:
    """What the query reads. A single FROM is the engine's own business; several are merged."""
    protocol = asked.get("dataset")
    if protocol is not None:
        default, named, prologue = protocol["default"], protocol["named"], ""
    elif len(seen.default) > 1:
        default, named, prologue = seen.default, seen.named, seen.prologue
    else:
        return store, {}
    base_iri = asked.get("base")
    defaults, names = resolve(default, prologue, base_iri), resolve(named, prologue, base_iri)
    if len(defaults) > 1:
        return merged(store, defaults, names, merge_max), {"default_graph": DefaultGraph(), "named_graphs": names}
    return store, {"default_graph": defaults, "named_graphs": names}


def _write(
    results: QuerySolutions | QueryBoolean | QueryTriples, output: Output, format: Format, asked: Mapping[str, Any]
) -> int | None:
    file = cast("IO[bytes]", output)
    dialect = asked.get("excel")
    if dialect not in {None, "bg"}:
        raise ParameterError(f"excel={dialect!r} is not known; use bg", f"excel=„{dialect}“ не е познато; напишете bg")
    if dialect and format is CSV and isinstance(results, QuerySolutions):
        return excel.write(results, output)
    try:
        if not isinstance(results, QueryTriples):
            results.serialize(file, format.results_engine)
        elif (prefixes := asked.get("prefixes")) and format in _WITH_PREFIXES:
            serialize(results, file, format.rdf_engine, prefixes=prefixes)
        else:
            results.serialize(file, format.rdf_engine)
    except OSError as error:
        if error.errno is not None:
            raise
        raise NotAcceptableError(
            f"{format.name} cannot hold this answer ({error}); ask for {'JSON' if format in RESULTS else 'Turtle'}",
            f"Видът {format.name} не може да изрази този отговор; поискайте "
            f"{'JSON' if format in RESULTS else 'Turtle'}",
            offered=[one.media_type for one in (RESULTS if format in RESULTS else GRAPHS) if one is not format],
        ) from error
    return None


def _cut(output: Output, format: Format) -> bool:
    if format not in truncation.FORMATS:
        return False
    output.spill()
    found = truncation.place(output.descriptor, output.size, format)
    if found is None:
        return False
    with contextlib.suppress(OSError):
        output.cut(*found)
        return True
    return False
