"""SERVICE over allowed endpoints only (SPARQL 1.1 Federated Query).

The engine fetches whatever address it is given, so it is given none but ours: each SERVICE is rewritten to a gateway
on the loopback interface of the same process, which checks what the query named and asks it. Where the kernel lets
us, the engine's threads have a network with nothing else in it.

A variable target takes its value from the same group, before the SERVICE: `SERVICE ?x {…}` becomes
`BIND(gateway(?x) AS ?new) LATERAL { SERVICE ?new {…} }`, one request per value of ?x.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pyoxigraph import QuerySolutions, Store

from kg.answering.allowlist import Allow, Refused
from kg.answering.gateway import Gateway
from kg.dataset import resolve
from kg.errors import QueryError
from kg.lexer import FORMS, Token, edited, tokens

__all__ = ["Allow", "Gateway", "Refused", "rewrite"]

_KEYWORD: Final = "SERVICE"


@dataclass(frozen=True, slots=True)
class _Service:
    """One SERVICE clause."""

    keyword: Token
    silent: bool
    target: Token
    opening: Token  # its „{“
    closing: Token  # its „}“
    nested: bool  # within another one: the other endpoint asks for it, not we


def rewrite(text: str, gateway: Gateway, *, base_iri: str | None = None) -> str:
    """The query with each SERVICE pointed at the gateway. The text has passed `lexer.outline`.

    Raises Refused for constant targets that are not allowed (when the gateway lets SILENT ones fail quietly, those
    are left to it), QueryError for clauses that cannot be read, and SyntaxError.
    """
    everything = list(tokens(text))
    services = list(_services(everything))
    if not services:
        return text
    addresses = _resolved([one.target.text for one in services if one.target.kind != "var"], text, everything, base_iri)
    edits: list[tuple[int, int, str]] = []
    for service in services:
        target = service.target
        if target.kind == "var":
            if service.nested:
                raise Refused(
                    target.text,
                    "a SERVICE within another one has to name its endpoint",
                    "вложена заявка SERVICE трябва да посочва адреса си",
                )
            edits += _by_value(service, gateway)
            continue
        address = addresses[target.text]
        if not (service.silent and gateway.lenient):
            gateway.allow.listing(address)
        if not service.nested:
            edits.append((target.start, target.end, f" <{gateway.address}{quote(address, safe='')}> "))
    if any(one.target.kind == "var" for one in services):
        edits += _named_columns(text, everything, services, base_iri)
    return edited(text, edits)


def _services(everything: list[Token]) -> Iterator[_Service]:
    open_groups: list[bool] = []  # of each group that is open: whether it is that of a SERVICE
    for place, token in enumerate(everything):
        if token.kind == "word" and token.text.upper() == _KEYWORD:
            yield _service(everything, place, nested=any(open_groups))
        elif token.kind == "mark" and token.text == "{":
            open_groups.append(_opens_service(everything, place, inside=bool(open_groups)))
        elif token.kind == "mark" and token.text == "}" and open_groups:
            open_groups.pop()


def _opens_service(everything: list[Token], place: int, *, inside: bool) -> bool:
    before = [one.text.upper() if one.kind == "word" else "" for one in everything[max(0, place - 3) : place]]
    named = place > 0 and everything[place - 1].kind in {"iri", "name", "var"}
    if not named:
        return False
    if before[-2:-1] == [_KEYWORD] or before[-3:-1] == [_KEYWORD, "SILENT"]:
        return True
    name = everything[place - 1]
    glued = inside and name.kind == "name" and _KEYWORD.lower() in name.text.partition(":")[0].lower()
    if glued and before[-2:-1] != ["GRAPH"]:
        raise QueryError(
            f"write a space after SERVICE in {name.text!r}, or a full stop after it",
            f"Пишете интервал след SERVICE в „{name.text}“ или точка след него",
        )
    return False


def _service(everything: list[Token], place: int, *, nested: bool) -> _Service:
    following = everything[place + 1 : place + 4]
    silent = bool(following) and following[0].kind == "word" and following[0].text.upper() == "SILENT"
    target, opening = [*following[silent : silent + 2], *[None] * 2][:2]
    closing = _closing(everything, place + 2 + silent) if opening is not None and opening.text == "{" else None
    if target is None or opening is None or closing is None or target.kind not in {"iri", "name", "var"}:
        raise QueryError(
            "after SERVICE come an address or a variable, and a group in braces",
            "След SERVICE се пишат адрес или променлива и група в скоби {…}",
        )
    return _Service(everything[place], silent, target, opening, closing, nested)


def _closing(everything: list[Token], place: int) -> Token | None:
    depth = 0
    for token in everything[place:]:
        if token.kind == "mark":
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                return token
    return None


def _resolved(written: list[str], text: str, everything: list[Token], base_iri: str | None) -> dict[str, str]:
    """The IRIs of `<…>` and `prefix:name` as the query's own prologue reads them."""
    prologue = text[: _form(everything).start]
    return {iri: resolve([iri], prologue, base_iri)[0].value for iri in written}


def _form(everything: list[Token]) -> Token:
    return next(token for token in everything if token.kind == "word" and token.text.upper() in FORMS)


def _by_value(service: _Service, gateway: Gateway) -> Iterator[tuple[int, int, str]]:
    """A value that is no IRI stays what it is, and is no endpoint to the engine either."""
    asked, fresh = service.target.text, f"?endpoint{secrets.token_hex(8)}"
    address = f'IRI(CONCAT("{gateway.address}", ENCODE_FOR_URI(STR({asked}))))'
    start = service.keyword.start
    yield start, start, f" BIND(IF(ISIRI({asked}), {address}, {asked}) AS {fresh}) LATERAL {{ "
    yield service.target.start, service.target.end, f" {fresh} "
    yield service.closing.end, service.closing.end, " } "


def _named_columns(
    text: str, everything: list[Token], services: list[_Service], base_iri: str | None
) -> Iterator[tuple[int, int, str]]:
    """`*` as the variables it stands for, so that ours are not among them."""
    form = _form(everything)
    place = everything.index(form) + 1
    while everything[place].kind == "word" and everything[place].text.upper() in {"DISTINCT", "REDUCED"}:
        place += 1
    star = everything[place]
    if star.text != "*" or form.text.upper() not in {"SELECT", "DESCRIBE"}:
        return
    scoped = [(one.keyword.start, one.target.start, "GRAPH ") for one in services]  # binds the same, and asks nobody
    scoped.append((form.start, form.end, "SELECT"))
    solutions = Store().query(edited(text, scoped), base_iri=base_iri)
    assert isinstance(solutions, QuerySolutions)
    yield star.start, star.end, f" {' '.join(map(str, solutions.variables))} "
