"""What a client says to the query endpoint (SPARQL 1.1 Protocol §2.1), wherever it says it."""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.answering.question import Dataset
from kg.errors import ParameterError, QueryError, TooLargeError, UnsupportedMediaTypeError
from kg.formats import by_name
from kg.web.body import FORM_MAX

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
SPREADSHEETS = ("bg",)
MIN_TIMEOUT = 0.1  # seconds
_MAX_FIELDS = 1000
_MAX_FORMATS = 10
_MAX_MALFORMED = 2**16  # bytes, some of whose escapes are none
_MAX_VALUE = 4096  # characters
_PER_CHARACTER = 12  # bytes at most, escaped
_LONG = {"query", "update"}
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,9})?")
_NUMBER = re.compile(r"[0-9]{1,9}")
_MALFORMED = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_YES, _NO = {"1", "true"}, {"", "0", "false"}


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a request, each well formed."""

    query: str | None = None
    dataset: Dataset | None = None
    formats: tuple[str, ...] = ()  # SPARQLWrapper says one format in several ways
    timeout: float | None = None
    release: int | None = None
    as_of: str | None = None  # over `release`, which is not there then
    excel: str | None = None
    partial: bool = False
    language: str | None = None  # of a page

    @classmethod
    def read(cls, query_string: bytes, content: bytes = b"", media_type: bytes | None = None) -> Parameters:
        """From the address, and for POST (`media_type` is not None) from the body.

        Raises QueryError, ParameterError, UnsupportedMediaTypeError.
        """
        said = gather(decode(query_string), content, media_type, direct=(DIRECT, "query"))
        if "update" in said:
            raise QueryError(
                "this address answers queries only; updates go to /update",
                "На този адрес се изпълняват само заявки; промените са на /update",
            )
        query = single(said, "query")
        if len(said) == 1 and query is not None:  # like most requests
            return cls(query)
        formats = chosen(said.get("format", ()))
        excel = _excel(single(said, "excel"))
        return cls(
            query=query,
            dataset=_dataset(said),
            formats=formats or (("csv",) if excel else ()),
            timeout=_seconds(single(said, "timeout")),
            release=number(single(said, "release")),
            as_of=_once(single(said, "asOf"), single(said, "release")),
            excel=excel,
            partial=_flag("partial", single(said, "partial")),
            language=single(said, "lang"),
        )


def gather(
    pairs: list[tuple[str, str]], content: bytes, media_type: bytes | None, *, direct: tuple[str, str]
) -> dict[str, list[str]]:
    """All values by name: these pairs, and what the body says when there is one (`media_type` is not None).

    `direct`: the media type of a body that is the text itself, and the parameter that it stands for. Raises QueryError,
    ParameterError, UnsupportedMediaTypeError.
    """
    said: dict[str, list[str]] = {}
    if media_type is not None:
        bare = media_type.partition(b";")[0].strip().lower().decode("latin-1")
        if bare == FORM:
            pairs = pairs + decode(content)
        elif bare == direct[0]:
            pairs = [*pairs, (direct[1], utf8(content))]
        else:
            raise UnsupportedMediaTypeError(
                f"send the {direct[1]} as {FORM} or {direct[0]}, not as {bare or 'nothing'}",
                f"Изпратете текста като {FORM} или {direct[0]}, а не като {bare or 'нищо'}",
            )
    for name, value in pairs:
        said.setdefault(name, []).append(value)
    return said


def utf8(raw: bytes) -> str:
    """The bytes as text. Raises QueryError."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryError("the query is not UTF-8 text", "Заявката не е текст в UTF-8") from error
    if "\0" in text:
        raise QueryError("the query holds a NUL character", "Заявката съдържа знак NUL")
    return text


def decode(raw: bytes) -> list[tuple[str, str]]:
    """Names and values of a query string or a form, in order. Raises QueryError, ParameterError, TooLargeError."""
    if not raw:
        return []
    if len(raw) > FORM_MAX:
        raise TooLargeError(f"send at most {FORM_MAX} bytes", f"Изпратете най-много {FORM_MAX} байта")
    if raw.count(b"&") >= _MAX_FIELDS:
        raise ParameterError("too many parameters", "Твърде много параметри")
    fields = raw.split(b"&")
    if _MALFORMED.search(raw) is None:
        unquoted = _quick
    elif len(raw) <= _MAX_MALFORMED:
        unquoted = _careful
    else:
        raise ParameterError("write each percent sign as %25", "Записвайте всеки знак за процент като %25")
    pairs = []
    for field in fields:
        if field:
            name, _, value = field.partition(b"=")
            pairs.append(_pair(name, value, unquoted))
    return pairs


def plain(value: bytes) -> str:
    """A value as `decode` would read it; its escapes are well formed. Raises QueryError."""
    return utf8(_quick(value))


def _pair(raw_name: bytes, raw_value: bytes, unquoted: Callable[[bytes], bytes]) -> tuple[str, str]:
    """Only the text of a query or an update is long."""
    if len(raw_name) <= _MAX_VALUE:
        name = utf8(unquoted(raw_name))
        if name in _LONG or len(raw_value) <= _MAX_VALUE * _PER_CHARACTER:
            value = utf8(unquoted(raw_value))
            if name in _LONG or len(value) <= _MAX_VALUE:
                return name, value
    raise ParameterError(
        f"a parameter is longer than {_MAX_VALUE} characters", f"Параметър е по-дълъг от {_MAX_VALUE} знака"
    )


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The names of formats that are known, each once; when none is, the first, for the error to come.

    Raises ParameterError for too many.
    """
    if len(names) > _MAX_FORMATS:
        raise ParameterError(f"name at most {_MAX_FORMATS} formats", f"Посочете най-много {_MAX_FORMATS} формата")
    named = [name for name in names if name]
    known = dict.fromkeys(name.partition(";")[0].strip().lower() for name in named if by_name(name))
    return tuple(known or named[:1])


def _quick(part: bytes) -> bytes:
    """The part without its escapes, all of which are well formed: then it is like quoted-printable, which C decodes."""
    part = part.replace(b"+", b" ")
    return a2b_qp(part.replace(b"=", b"=3D").replace(b"%", b"=")) if b"%" in part else part


def _careful(part: bytes) -> bytes:
    """The same where some escapes are none, and stand for themselves."""
    return _quick(_MALFORMED.sub(b"%25", part))


def single(said: dict[str, list[str]], name: str) -> str | None:
    values = said.get(name)
    if values is None:
        return None
    if len(values) > 1:
        raise ParameterError(f"{name!r} is there {len(values)} times", f"„{name}“ се повтаря {len(values)} пъти")
    return values[0]


def _dataset(said: dict[str, list[str]]) -> Dataset | None:
    default, named = (
        tuple(iri(name, value) for value in said.get(name, ())) for name in ("default-graph-uri", "named-graph-uri")
    )
    return Dataset(default, named) if default or named else None


def iri(name: str, value: str) -> str:
    try:
        return NamedNode(value).value
    except ValueError as error:
        raise ParameterError(f"{name}={value!r} is no IRI", f"{name}=„{value}“ не е адрес (IRI)") from error


def _seconds(value: str | None) -> float | None:
    if not value:
        return None
    if not _SECONDS.fullmatch(value) or float(value) < MIN_TIMEOUT:
        raise ParameterError(
            f"timeout={value!r} is no number of seconds from {MIN_TIMEOUT} up, such as 5 or 0.5",
            f"timeout=„{value}“ не е брой секунди от {MIN_TIMEOUT} нагоре, например 5 или 0.5",
        )
    return float(value)


def _once(as_of: str | None, release: str | None) -> str | None:
    """`asOf`. Raises ParameterError when `release` is there, too."""
    if as_of and release:
        raise ParameterError("give either release or asOf", "Посочете или release, или asOf")
    return as_of or None


def number(value: str | None) -> int | None:
    """The number of a release. Raises ParameterError."""
    if not value:
        return None
    if not _NUMBER.fullmatch(value):
        raise ParameterError(f"release={value!r} is no number of a release", f"release=„{value}“ не е номер на издание")
    return int(value)


def _excel(value: str | None) -> str | None:
    if not value:
        return None
    if value not in SPREADSHEETS:
        known = ", ".join(SPREADSHEETS)
        raise ParameterError(
            f"excel={value!r} is not known; use {known}", f"excel=„{value}“ е непознато; ползвайте {known}"
        )
    return value


def _flag(name: str, value: str | None) -> bool:
    if value is None or value in _NO:
        return False
    if value not in _YES:
        raise ParameterError(f"{name}={value!r} is neither 0 nor 1", f"{name}=„{value}“ не е нито 0, нито 1")
    return True
