"""IRIs are minted and parsed here only: `{base}/id/{kind}/{slug}` (DESIGN: identifiers)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from kg.errors import RequestError

KINDS = frozenset(
    "municipality department council organisation consortium group person post place facility programme call "
    "proposal grant project participation event solution series document report agenda observation".split()
)
ID = re.compile(r"[a-z-]+/[a-z0-9-]{1,60}\Z")
ENDPOINT_NAME = re.compile(r"(?!.{201})[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*\Z")
SLUG_LENGTH = 60

# Transliteration Act (2009), table of article 4, lower case.
_LATIN = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъьюя",
        "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y yu ya".split(),
        strict=True,
    )
)
_FOREIGN = {"ы": "y", "э": "e", "ё": "yo", "ѝ": "i", "ț": "t", "ș": "s", "ă": "a", "â": "a", "î": "i"}


def transliterate(text: str) -> str:
    """Bulgarian text in Latin letters by the Transliteration Act: „София“ gives `Sofia`.

    Article 5: final -ия is -ia. България is `Bulgaria` by article 6; all other characters stay.
    """
    text = text.replace("България", "Bulgaria")
    text = re.sub(r"ия\b", "ia", text)
    text = re.sub(r"ИЯ\b", "IA", text)
    out: list[str] = []
    for at, letter in enumerate(text):
        latin = _LATIN.get(letter.lower())
        if latin is None:
            out.append(letter)
        elif letter.islower():
            out.append(latin)
        else:
            around = text[at + 1 : at + 2] or text[at - 1 : at]
            out.append(latin.upper() if around.isupper() and len(latin) > 1 else latin.capitalize())
    return "".join(out)


def slug(text: str) -> str:
    """ASCII, lower case, hyphens, at most 60 characters; empty when nothing is left."""
    latin = "".join(_FOREIGN.get(letter, letter) for letter in transliterate(text).lower())
    plain = re.sub(r"[^a-z0-9]+", "-", latin).strip("-")
    if len(plain) > SLUG_LENGTH:
        cut = plain[: SLUG_LENGTH + 1].rpartition("-")[0]
        plain = (cut if len(cut) > SLUG_LENGTH // 2 else plain[:SLUG_LENGTH]).strip("-")
    return plain


Slug = Callable[[str | None, str], str]
"""Makes the slug of an id of this kind from a text, without what may not stand in one."""


def plain(kind: str | None, text: str) -> str:
    """The slug of the whole text."""
    return slug(text)


@dataclass(frozen=True, slots=True)
class Iris:
    """Everything that is addressed below one base."""

    base: str  # without a final slash

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme not in {"http", "https"} or not parts.netloc or self.base.endswith("/"):
            raise RequestError(
                f"the base address {self.base!r} is not an http address without a final slash",
                f"базовият адрес {self.base!r} трябва да започва с http:// или https:// и да не завършва с „/“",
            )

    @property
    def ids(self) -> str:
        return f"{self.base}/id/"

    def entity(self, id: str) -> NamedNode:
        """The IRI of `kind/slug`."""
        if not ID.match(id):
            raise RequestError(f"{id!r} is not of the form kind/slug", f"„{id}“ не е от вида „вид/име“")
        return NamedNode(self.ids + id)

    def id(self, iri: NamedNode | str) -> str | None:
        """`kind/slug` of an entity's IRI, the nested part cut off; None for anything else."""
        text = iri.value if isinstance(iri, NamedNode) else iri
        if not text.startswith(self.ids):
            return None
        head = "/".join(text[len(self.ids) :].partition("#")[0].split("/")[:2])
        return head if ID.match(head) else None

    @staticmethod
    def path(iri: NamedNode) -> str:
        """What follows the base in the IRI of an entity, whatever the base is; the whole of any other IRI."""
        _, mark, rest = iri.value.partition("/id/")
        return f"{mark}{rest}" if mark else iri.value

    def document(self, node: NamedNode, page: int = 1) -> NamedNode:
        """The document about an entity, or about what is nested in one: `{base}/doc/{kind}/{slug}`."""
        text = node.value.partition("#")[0]
        address = f"{self.base}/doc/{text.removeprefix(self.ids)}"
        return NamedNode(address if page == 1 else f"{address}?page={page}")

    def graph(self, source: str) -> NamedNode:
        """The named graph of a source."""
        return NamedNode(f"{self.base}/graph/{source}")

    def derived(self, rule: str) -> NamedNode:
        return NamedNode(f"{self.base}/graph/derived/{rule}")

    def endpoint(self, name: str = "default") -> NamedNode:
        return NamedNode(f"{self.base}/graph/endpoint/{name}")

    def endpoint_name(self, graph: NamedNode | str) -> str | None:
        """The name in the IRI of a graph that is the endpoint's to write; None for any other graph."""
        text = graph.value if isinstance(graph, NamedNode) else graph
        name = text.removeprefix(self.endpoint("").value)
        return name if name != text and ENDPOINT_NAME.match(name) else None

    @property
    def meta(self) -> NamedNode:
        return NamedNode(f"{self.base}/graph/meta")
