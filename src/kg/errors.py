"""One meaning per error, the same on the web (problem+json, RFC 9457) and on the command line (exit code)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from kg.finding import Finding


class Exit(IntEnum):
    """What `kg` returns to the shell."""

    DONE = 0
    REFUSED = 1  # the data does not conform
    USAGE = 2  # the request is wrong
    SURROUNDINGS = 3  # a lock, a disk, a server


Messages = Mapping[str, str]
"""One text per language tag; at least „bg“ and „en“."""


class KgError(Exception):
    """Something to tell a person, in Bulgarian and English."""

    slug: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    status: ClassVar[int] = 500
    exit: ClassVar[Exit] = Exit.SURROUNDINGS

    def __init__(self, en: str, bg: str | None = None) -> None:
        super().__init__(en)
        self.messages: Messages = {"bg": bg or en, "en": en}
        self.form = self.shape = ""  # of the query that failed, where somebody has looked at it


class DataError(KgError):
    """The data was read and refused; the findings say where and what to do."""

    slug, title, status, exit = "data-refused", "The data does not conform", 422, Exit.REFUSED

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        n = sum(finding.refuses for finding in self.findings)
        super().__init__(f"the data is refused; errors: {n}", f"данните са отказани; грешки: {n}")


class FilesError(DataError):
    """There are no such files, or none that are read: the request is wrong, and not what they say."""

    slug, title, status, exit = "no-such-files", "The files cannot be read", 400, Exit.USAGE


class RequestError(KgError):
    """The request cannot be understood."""

    slug, title, status, exit = "bad-request", "The request is malformed", 400, Exit.USAGE


class QueryError(RequestError):
    """The query is malformed or cannot be evaluated."""

    slug, title = "bad-query", "The query is malformed"


class ParameterError(QueryError):
    """A query parameter is malformed."""

    slug, title = "bad-parameter", "A query parameter is malformed"


class NotFoundError(RequestError):
    """Nothing has this name."""

    slug, title, status = "not-found", "There is no such thing here", 404


class GoneError(RequestError):
    """The thing was here and is kept no longer."""

    slug, title, status = "gone", "No longer kept", 410


class UnauthorizedError(RequestError):
    """Nobody known asks; `error` is the code of RFC 6750 §3.1, empty when no token was shown at all."""

    slug, title, status = "unauthorized", "A token is needed", 401

    def __init__(self, en: str, bg: str | None = None, error: str = "") -> None:
        super().__init__(en, bg)
        self.error = error


class ForbiddenError(RequestError):
    """Understood, and not done on principle."""

    slug, title, status = "forbidden", "Not allowed here", 403


class LoadError(ForbiddenError):
    """An update would have us read an address."""

    def __init__(
        self,
        en: str = "LOAD is not done here: this service fetches nothing from addresses in a request",
        bg: str | None = "LOAD не се изпълнява: услугата не чете адреси, посочени в заявка",
    ) -> None:
        super().__init__(en, bg)


class MethodNotAllowedError(RequestError):
    """The address does not take this method; `allowed` are those it takes."""

    slug, title, status = "method-not-allowed", "The address does not take this method", 405

    def __init__(self, en: str, bg: str | None = None, allowed: Iterable[str] = ()) -> None:
        super().__init__(en, bg)
        self.allowed = tuple(allowed)


class NotAcceptableError(RequestError):
    """None of the offered formats is acceptable to the client."""

    slug, title, status = "not-acceptable", "No acceptable format", 406

    def __init__(self, en: str, bg: str | None = None, offered: Iterable[str] = ()) -> None:
        super().__init__(en, bg)
        self.offered = tuple(offered)  # media types


class SlowRequestError(RequestError):
    """The request did not arrive in its time."""

    slug, title, status = "request-timeout", "The request took too long to arrive", 408


class PreconditionError(RequestError):
    """The thing is not in the state that the request takes for granted."""

    slug, title, status = "precondition-failed", "The condition of the request does not hold", 412

    def __init__(
        self,
        en: str = "the graph is not what the request takes it for; read it again and repeat the write",
        bg: str | None = "Графът вече е друг; прочетете го наново и повторете записа",
    ) -> None:
        super().__init__(en, bg)


class TooLargeError(RequestError):
    """The request or its answer is over a limit; the message says how to ask for less."""

    slug, title, status = "too-large", "Over the limit", 413


class UnsupportedMediaTypeError(RequestError):
    """The body is of a kind that this door does not take."""

    slug, title, status = "unsupported-media-type", "The media type is not supported", 415


class ConflictError(KgError):
    """Another owner or another writer stands in the way."""

    slug, title, status, exit = "conflict", "The write conflicts", 409, Exit.SURROUNDINGS


class BusyError(KgError):
    """Somebody else holds the lock, or every worker is taken."""

    slug, title, status, exit = "busy", "Busy, try again", 503, Exit.SURROUNDINGS


class DeadlineError(KgError):
    """The query did not finish in its time, or its worker ran out of room."""

    slug, title, status, exit = "deadline", "The query took too long", 503, Exit.SURROUNDINGS


class CancelledError(KgError):
    """Somebody ended the query before it was done."""

    slug, title, status, exit = "cancelled", "The query was cancelled", 503, Exit.SURROUNDINGS


class RemoteError(KgError):
    """Another service, which the query asks, did not answer as it should."""

    slug, title, status, exit = "remote", "Another service did not answer", 502, Exit.SURROUNDINGS


class StoreError(KgError):
    """The store cannot be read or written."""

    slug, title, status, exit = "store", "The store is not available", 503, Exit.SURROUNDINGS


class NoReleaseError(StoreError):
    """Nothing has been loaded."""

    def __init__(
        self,
        en: str = "there is no release yet; load data with `kg load`",
        bg: str | None = "Още няма издание; заредете данни с „kg load“",
    ) -> None:
        super().__init__(en, bg)


class BaseError(KgError):
    """The release was built for another base address."""

    slug, title, status, exit = "base", "Another base address", 409, Exit.USAGE


def pack(error: KgError) -> dict[str, Any]:
    """What another process is told of an error, for JSON; findings travel by themselves."""
    kind = next(one.__name__ for one in type(error).__mro__ if one.__name__ in _KINDS)
    told: dict[str, Any] = {"class": kind, "messages": dict(error.messages)}
    if isinstance(error, NotAcceptableError):
        told["offered"] = error.offered
    return told


def unpack(told: Mapping[str, Any]) -> KgError:
    """The error that was told of."""
    kind, messages = _KINDS.get(str(told.get("class")), StoreError), told["messages"]
    if issubclass(kind, NotAcceptableError):
        return kind(messages["en"], messages["bg"], told.get("offered", ()))
    return kind(messages["en"], messages["bg"])


_KINDS: Final[Mapping[str, type[KgError]]] = {
    kind.__name__: kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, KgError) and not issubclass(kind, DataError)
}
