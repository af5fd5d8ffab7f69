"""What a worker could not do, as an error of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kg.errors import DeadlineError, KgError, QueryError, StoreError, TooLargeError
from kg.store.question import QueryRequest

_PLACE = re.compile(r"error at (\d+):(\d+): (?:expected (?:one of )?)?(.*)", re.DOTALL)
_EXPECTED = re.compile(r'"((?:[^"\\]|\\.)*)"|([A-Za-z_]{2,})')
_SHOWN = 12


def refusal(status: Mapping[str, Any], request: QueryRequest, *, spool_max: int, merge_max: int) -> KgError:
    """What a worker's complaint means to the one who asked."""
    message = str(status.get("message", ""))
    match status["error"]:
        case "syntax":
            en, bg = syntax(message)
            return QueryError(en, bg)
        case "unsupported":
            return QueryError(f"the query cannot be evaluated: {message}", f"Заявката не може да се изпълни: {message}")
        case "form":
            return QueryError(f"the answer is of kind {message}, which {request.format.name} cannot carry")
        case "spool":
            limit = f"{spool_max / 2**20:.0f} MiB"
            return TooLargeError(
                f"the answer is larger than {limit}; ask for it page by page with ORDER BY, LIMIT and OFFSET",
                f"Отговорът е по-голям от {limit}; поискайте го на страници с ORDER BY, LIMIT и OFFSET",
            )
        case "merge":
            return TooLargeError(
                f"these default graphs hold more than {merge_max} statements together; name fewer graphs, "
                "or none: the default graph is the merge of all of them",
                f"Посочените графи имат общо над {merge_max} твърдения; посочете по-малко графи или нито "
                "един: основният граф съдържа всички",
            )
        case "memory":
            return DeadlineError(
                "the query needs more memory than a query may have; ask for less at a time",
                "Заявката иска повече памет от позволената; поискайте по-малко наведнъж",
            )
        case _:
            return StoreError("the release could not be read", "Изданието не може да се прочете")


def syntax(message: str) -> tuple[str, str]:
    """The parser's complaint with its place, told in English and Bulgarian; character tables left out."""
    place = _PLACE.match(message)
    if place is None:
        return f"the query is not SPARQL: {message}", f"Заявката не е правилна: {message}"
    line, column, rest = place.groups()
    if "parsing failed" in rest:
        en = bg = rest.partition("\n")[0]
    else:
        rest = re.sub(r"\[[^\]]*\]", "", rest)
        expected = [one.replace("\\", "") or two for one, two in _EXPECTED.findall(rest)][:_SHOWN]
        en = f"expected {' '.join(expected)}" if expected else "unexpected end or character"
        bg = f"очаква се {' '.join(expected)}" if expected else "неочакван знак или край"
    return (
        f"the query is not SPARQL: line {line}, column {column}: {en}",
        f"Заявката не е правилна: ред {line}, знак {column}: {bg}",
    )
