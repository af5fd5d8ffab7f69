"""What went wrong in a child, as an error of ours, and how that error travels to the front."""

from __future__ import annotations

from typing import Final

from kg.answering.hints import hint
from kg.answering.misreading import Misreading
from kg.errors import DeadlineError, KgError, QueryError, StoreError, TooLargeError

_SHOWN = 12
_SAID: Final = {  # by the parser, in words of its own
    "Prefix not found": "представката не е обявена с PREFIX",
    "IRI parsing failed": "адресът не е правилен",
    "The SELECT contains a variable that is unbound": "в SELECT има променлива, която не е в GROUP BY",
    "SELECT * is not authorized with GROUP BY": "при GROUP BY не може SELECT *; изброете променливите",
    "The SELECT overrides an existing variable using an expression": "в SELECT с AS е избрано вече заето име",
}


def told(error: Exception, text: str = "") -> KgError:
    """What an exception means to the one who asked; with the text of the query, and how to mend it."""
    message = str(error)
    match error:
        case QueryError() if type(error) is QueryError and text:
            return QueryError(*_with_hint(error.messages["en"], error.messages["bg"], text))
        case KgError():
            return error
        case SyntaxError():
            return QueryError(*_with_hint(*syntax(message, text), text))
        case MemoryError():
            return memory()
        case OSError():
            return unreadable()
        case RuntimeError() | ValueError():
            return QueryError(f"the query cannot be evaluated: {message}", f"Заявката не може да се изпълни: {message}")
        case _:
            return unreadable()


def unreadable() -> StoreError:
    return StoreError("the release could not be read", "Изданието не може да се прочете")


def memory() -> DeadlineError:
    return DeadlineError(
        "the query needs more memory than a query may have; ask for less at a time",
        "Заявката иска повече памет от позволената; поискайте по-малко наведнъж",
    )


def too_complex() -> QueryError:
    return QueryError(
        "the query is too complex for the engine; write it in several parts",
        "Заявката е твърде сложна за изпълнение; разделете я на няколко",
    )


def lost() -> DeadlineError:
    return DeadlineError(
        "the query's process ended before it answered, most often for want of memory; ask for less at a time",
        "Процесът на заявката прекъсна преди отговора, най-често поради недостиг на памет; поискайте по-малко",
    )


def late(seconds: float) -> DeadlineError:
    return DeadlineError(
        f"the query took longer than {seconds:g} s; add LIMIT or narrower patterns",
        f"Заявката отне повече от {seconds:g} s; добавете LIMIT или по-тесни условия",
    )


def over_cap(limit: int) -> TooLargeError:
    size = f"{limit / 2**20:.0f} MiB" if limit >= 2**20 else f"{limit} B"
    return TooLargeError(
        f"the answer is larger than {size}; ask for it page by page with ORDER BY, LIMIT and OFFSET",
        f"Отговорът е по-голям от {size}; поискайте го на страници с ORDER BY, LIMIT и OFFSET",
    )


def over_merge(limit: int) -> TooLargeError:
    return TooLargeError(
        f"these default graphs hold more than {limit} statements together; name fewer graphs, "
        "or none: the default graph is the merge of all of them",
        f"Посочените графи имат общо над {limit} твърдения; посочете по-малко графи или нито "
        "един: графът по подразбиране съдържа всички",
    )


def no_room(error: OSError) -> StoreError:
    reason = error.strerror or "?"
    return StoreError(f"there is no room for the answer: {reason}", f"Няма място за отговора: {reason}")


def syntax(message: str, text: str = "") -> tuple[str, str]:
    """The parser's complaint with its place, told in English and Bulgarian; character tables left out.

    With the text, the place of a word that is wrong is where it begins; the message alone names one further on.
    """
    stopped = Misreading.of(message, text)
    if stopped is None:
        return f"the query is not SPARQL: {message}", f"Заявката не е правилна: {message}"
    if stopped.said:
        en, bg = stopped.said, _SAID.get(stopped.said, stopped.said)
    elif stopped.expected:
        expected = " ".join(stopped.expected[:_SHOWN])
        en, bg = f"expected {expected}", f"очаква се {expected}"
    else:
        en, bg = "unexpected end or character", "неочакван знак или край"
    return (
        f"the query is not SPARQL: line {stopped.line}, column {stopped.column}: {en}",
        f"Заявката не е правилна: ред {stopped.line}, знак {stopped.column}: {bg}",
    )


def _with_hint(en: str, bg: str, text: str) -> tuple[str, str]:
    found = hint(text) if text else None
    if found is None:
        return en, bg
    return f"{_ended(en)} {found[0]}", f"{_ended(bg)} {found[1]}"


def _ended(said: str) -> str:
    if said.endswith(("?", ".")):
        return said
    return f"{said}." if said[-1].isalnum() or said[-1] in "»”“'>" else f"{said} –"
