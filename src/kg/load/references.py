"""What a text refers to: an id, an address, or the name of something known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg import expected
from kg.context import Codes, Context, Term
from kg.entry import Locator, Lookup
from kg.errors import RequestError
from kg.iris import ID, Iris
from kg.load import slips
from kg.load.names import Names
from kg.load.problems import Problems, suggestion

BARE_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://\S*|(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[/?#]\S*)?)", re.IGNORECASE)
"""An address whose beginning is missing, or is not one of the Web."""


def is_name(text: str) -> bool:
    """Whether a text is read as the name of something, and not as an id or an address."""
    return not (ID.match(text) or text.startswith(("http://", "https://")) or BARE_ADDRESS.fullmatch(text))


@dataclass(frozen=True, slots=True)
class References:
    """The reader of references; tells `problems` what is wrong."""

    context: Context
    codes: Codes
    iris: Iris
    names: Names
    problems: Problems

    def read(self, term: Term, text: str, at: Locator, field: str, lookup: Lookup | None = None) -> str | None:
        """The IRI of the thing that the text means; None where that is not clear."""
        if ID.match(text):
            try:
                return self.iris.entity(text).value
            except RequestError:
                pass
        if text.startswith(("http://", "https://")):
            try:
                return NamedNode(text).value
            except ValueError:
                self.problems.add(
                    at,
                    f"„{text}“ is no web address: spaces and brackets must be written as %20 and the like",
                    f"„{text}“ не е уеб адрес: в него не може да има интервали и скоби",
                    field=field,
                    value=text,
                    kind="BadAddress",
                    expected=expected.ADDRESS,
                    suggestion=slips.address(text),
                )
                return None
        if BARE_ADDRESS.fullmatch(text):
            self.problems.add(
                at,
                f"„{text}“ is not the whole address; write it with https:// in front",
                f"„{text}“ не е целият адрес; напишете го с https:// отпред",
                field=field,
                value=text,
                kind="BadAddress",
                expected=expected.ADDRESS,
                suggestion=None if "://" in text else slips.address(text),
            )
            return None
        classes = self.context.hints.range(term.iri)
        found = self.names.find(text, classes, lookup.by if lookup else None)
        if len(found) == 1:
            if lookup is None:  # a person wrote a name; say how it was understood
                id = self.iris.id(found[0]) or found[0]
                self.problems.note(
                    at, f"„{text}“ is {id}", f"„{text}“ е {id}", field=field, value=text, kind="Understood"
                )
            return found[0]
        if lookup and lookup.omit:
            self.problems.note(
                at,
                f"„{text}“ names nothing known and was left out",
                f"„{text}“ не е познато и е пропуснато",
                field=field,
                value=text,
                kind="LeftOut",
            )
            return None
        if found:
            candidates = ", ".join(self.iris.id(iri) or iri for iri in found)
            self.problems.add(
                at,
                f"„{text}“ may be any of {candidates}; write one of these",
                f"„{text}“ може да е всяко от: {candidates}; напишете едно от тях",
                field=field,
                value=text,
                kind="AmbiguousReference",
                expected=expected.words([*candidates.split(", ")], [*candidates.split(", ")]),
            )
            return None
        en, bg = suggestion(self.names.like(text, classes))
        self.problems.add(
            at,
            f"nothing known is called „{text}“",
            f"няма запис с име „{text}“",
            hint=(
                en or "; write its id (kind/name), or add an entry for it",
                bg or "; проверете изписването, напишете идентификатора му (вид/име) или добавете запис за него",
            ),
            field=field,
            value=text,
            kind="UnknownReference",
            expected=expected.term(self.context, self.codes, term),
            suggestion=self.names.nearest(text, classes),
        )
        return None
