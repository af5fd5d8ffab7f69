"""Entries as people write them, made from the forms in both languages: carefully, or with slips."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import yaml
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kg import pipeline
from kg.context import Term
from kg.form import Field, Form
from kg.load.dates import MONTHS
from kg.namespaces import MKG, XSD

Written: TypeAlias = "str | list[Written] | dict[str, Written]"

KNOWN = {
    "organisation/ndef": ("Organisation", "Национален доверителен екофонд", "000530632"),
    "person/kmet": ("Person", "Пенчо Милков", ""),
    "post/kmet": ("Post", "Кмет", ""),
    "place/rse27": ("Place", "Русе", ""),
    "programme/eco": ("FundingProgramme", "Енергия за всички", ""),
    "call/eco": ("Call", "Покана „Енергия“", ""),
    "project/menergers": ("Project", "Енергиен мениджър", ""),
    "proposal/dg": ("Proposal", "Предложение за детска градина", ""),
    "grant/dg": ("Grant", "Помощ за детска градина", ""),
    "event/forum": ("Event", "Форум", ""),
    "series/hackathon": ("EventSeries", "Хакатони", ""),
    "solution/app": ("Solution", "Приложение", ""),
    "document/profile": ("Document", "Профил", ""),
    "group/experts": ("Group", "Експерти", ""),
}
"""What else there is, to be referred to: id, class, name, code."""

_ALIKE = dict(zip("асеорхукмтАВСЕНКМОРТХУ", "aceopxykmtABCEHKMOPTXY", strict=True))
_signs = st.text(st.sampled_from("абвгАБzZ019 .,-–—:/„“'\"«`%_()лв€№\u00a0и\u0306"), max_size=8)
_words = st.sampled_from("да true null ~ 12:30 0x1F 1e3 .inf - 2024 06.2023 NO".split())
_anything = st.one_of(_signs, _words)


def _some(*texts: str) -> SearchStrategy[str]:
    return st.sampled_from(texts)


@st.composite
def spelled(draw: DrawFn, text: str, slips: bool = False) -> str:
    """A name in another case, with look-alike letters, other dashes, quotation marks and spaces."""
    kinds = ["as it is"] * 6 + ["case", "alike", "dashes", "quotes", "spaces", "decomposed"] + ["slip"] * slips
    match draw(st.sampled_from(kinds)):
        case "case":
            return draw(_some(text.upper(), text.capitalize(), text.title(), text.lower()))
        case "alike" if not text.isascii():
            at = draw(st.sets(st.integers(0, len(text) - 1)))
            return "".join(_ALIKE.get(one, one) if place in at else one for place, one in enumerate(text))
        case "dashes":
            return text.replace("-", draw(st.sampled_from("‐‑‒–—−")))
        case "quotes":
            return draw(_some("„{}“", '"{}"', "'{}'", "«{}»", "`{}`")).format(text)
        case "spaces":
            return draw(_some(" {}", "{}  ", "\u00a0{}")).format(text.replace(" ", draw(_some("  ", "\u00a0", "\t"))))
        case "decomposed":
            return text.replace("й", "и\u0306").replace("f", "ｆ")
        case "slip":
            place = draw(st.integers(0, len(text)))
            return text[:place] + draw(_some("'", "„", "й", "x", "\u0306", "-", "")) + text[place + 1 :]
    return text


@st.composite
def dated(draw: DrawFn, slips: bool = False, exact: bool = False, single: bool = False) -> str:
    """A date, a month, a year or a span, as people write them; with `exact`, a day, a month or a year; with `single`,
    no span from one date to another.
    """
    years = (1790, 2210) if slips else (1800, 2199)
    day = draw(st.dates(datetime.date(years[0], 1, 1), datetime.date(years[1], 12, 1)))
    later = day + datetime.timedelta(draw(st.integers(0, 27)))
    names = draw(st.sampled_from(MONTHS))
    month, until = names[day.month - 1], names[later.month - 1]
    short = month[: draw(st.sampled_from([3, 20]))] if len(month) > 4 or month.isascii() else month
    dash = draw(_some("–", "-", " – ", "—"))
    days = [
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%d. %m. %Y}",
        day.isoformat(),
        f"{day.day} {short} {day.year}",
        f"{day.day} {short}. {day.year}",
    ]
    months = [f"{day:%Y-%m}", f"{day:%m.%Y}", f"{day.month}.{day.year}", f"{short} {day.year}", f"{day.year}"]
    between = [
        f"{day:%d.%m}{dash}{later:%d.%m.%Y}" if day.year == later.year else f"{day:%d.%m.%Y}",
        f"{day:%d.%m.%Y}{dash}{later:%d.%m.%Y}",
        f"{day:%d.%m.%Y}{draw(_some('/', ' до ', ' - '))}{later.isoformat()}",
        f"{day.day} {month} {day.year}{dash}{later.day} {until} {later.year}",
    ]
    units = [
        f"{day.year}-W{day.isocalendar().week:02}" if day.isocalendar().year == day.year else f"{day.year}",
        f"{day.year}-Q{1 + day.month // 4}",
        f"{draw(_some('трето', '3', 'iii', '3-то'))} тримесечие на {day.year}",
    ]
    spans = units if single else between + units
    slipped = [f"{day.day} {month}", f"{day.day}.{day.month}.", month, f"{later:%d.%m.%Y}{dash}{day:%d.%m.%Y}", "вчера"]
    pool = days + months + (spans if not exact else []) + (slipped + spans if slips else [])
    text = draw(st.sampled_from(pool))
    if text in days:
        text += draw(_some("", "", "", " 17:00", ", 9.30 ч.", " от 17:00 до 19:00", "T17:00:00Z", " в 10:00 часа"))
    elif draw(st.booleans()):
        text = draw(_some("{} г.", "{}г.", "{} година", "през {}", "месец {}", "м. {} год.")).format(text)
    return draw(_disturbed(text, slips))


@st.composite
def _disturbed(draw: DrawFn, text: str, slips: bool = False) -> str:
    """The text, now and then in another case or with other spaces, or with a slip."""
    kinds = ["as it is"] * 5 + ["case", "spaces"] + ["slip"] * slips
    match draw(st.sampled_from(kinds)):
        case "case":
            return draw(_some(text.upper(), text.title()))
        case "spaces":
            inside = text.replace(" ", draw(_some("\u00a0", "  ")))
            return draw(_some("{}", " {}", "{} ", "\t{}", "{}\u00a0")).format(inside)
        case "slip" if text:
            place = draw(st.integers(0, len(text) - 1))
            return text[:place] + draw(_signs) + text[place + 1 :]
    return text


@st.composite
def numbered(draw: DrawFn, slips: bool = False, whole: bool = False) -> str:
    """A number with or without groups and a fraction."""
    value = draw(st.integers(-1000, 10**19) if slips else st.integers(0, 10**9))
    groups = f"{value:,}".replace(",", draw(_some(" ", "\u00a0", "'", "\u202f")))
    text = draw(_some(f"{value}", groups, f"+{value}"))
    if not whole:
        text += draw(_some("", "", ".5", ",50", ".00", ",1234"))
        text = draw(_some(text, text, f"{value:,}.50", f"{value:,}".replace(",", ".") + ",50"))
    if slips:
        text = draw(_some(text, f"{value:,}", f"{value} лв.", f"{value}.123", f"-{value}", "1e6", "сто"))
    return draw(_disturbed(text, slips)).replace("\t", " ")


def _hours(slips: bool) -> SearchStrategy[str]:
    clock = st.builds("{}{}{:02}".format, st.integers(0, 25 if slips else 23), _some(":", "."), st.integers(0, 59))
    ends = (
        _some("{}", "{}", "0{}", "{} ч.", "{}:00", "{} часа") if slips else _some("{}", "{}", "{} ч.", "{}ч", "{}:00")
    )
    return st.builds(lambda end, text: end.format(text), ends, clock).flatmap(
        lambda text: st.just(text) if not slips else _disturbed(text, slips)
    )


_CODES: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    MKG.EIK.value: (["000530632", "176789478", " 000530632 "], ["176789479", "BG176789478", "1767", "x"]),
    MKG.EKATTE.value: (["63427", "00702", "63427\u00a0"], ["702", "6342", "634270", "x"]),
    MKG.LAU.value: (["RSE27", " RSE27"], ["rse27", "RS27"]),
    MKG.NUTS.value: (["BG323", "BG"], ["bg341", "BG3234"]),
    MKG.ISO3166.value: (["BG", "NO"], ["bg", "BGR"]),
    MKG.CCI.value: (["2014BG16RFOP001"], ["2014BG16", "2014bg16rfop001"]),
    MKG.KeepID.value: (["12", "0012", "123456789012345678901234"], ["x1", "1.5", "-1"]),
    MKG.sha256.value: (["f" * 64, "0" * 64, "1" * 64], ["F" * 64, "f" * 63]),
    MKG.reason.value: (["Служебен телефон от сайта на общината"], ["кратко"]),
}
"""Codes of registers, and other texts with a form: right and wrong ones, by datatype or property."""
_ADDRESSES = _some("https://example.org/a", "http://пример.бг/път?x=1#y", "https://example.org/(a)", " https://a.bg")
_WRONG_ADDRESSES = _some(
    "https://example.org/a b", "www.example.org", "ruse.bg", "HTTPS://A.BG", "ftp://a.bg", "https://x"
)
_PLACES = _some("12-30", "12 – 30", "ред 12", "Редове 12–14", "line 3", "стр. 4", "Page 5", " 1-2 ")
_PLAIN = _some("BG16RFOP001", "2024", "12.50", "true", "+359 82 881 802", "a@example.org", "05", "Договор № 5")


@dataclass(frozen=True)
class Writer:
    """Writes entries of the domain; with `slips`, also wrong ones."""

    domain: pipeline.Domain
    slips: bool = False

    def entry(self, class_name: str) -> SearchStrategy[dict[str, Written]]:
        """An entry of a class, by its English name."""
        return _entry(self, self.domain.forms.of(class_name))

    def name(self, name: str) -> SearchStrategy[str]:
        """A field's or class's name, in either language."""
        called = self.domain.context.aliases.get(name, name)
        return _some(name, called).flatmap(lambda one: spelled(one, self.slips))

    def value(self, term: Term, part: Form | None) -> SearchStrategy[Written]:
        """One value of a field."""
        right = self._value(term, part)
        return st.one_of(right, right, right, right, right, _anything) if self.slips else right

    def mostly(self, right: SearchStrategy[str], wrong: SearchStrategy[str]) -> SearchStrategy[str]:
        """Right values, and where there are slips wrong ones, too."""
        return st.one_of(right, right, wrong) if self.slips else right

    def code(self, vocabulary: str) -> SearchStrategy[str]:
        """A word for a code, or its address."""
        codes, iris = self.domain.codes, self.domain.codes.all(vocabulary)
        words = [*codes.labels(vocabulary, "bg"), *codes.labels(vocabulary, "en"), *codes.words(vocabulary)]
        return st.one_of(st.sampled_from(words).flatmap(lambda one: spelled(one, self.slips)), st.sampled_from(iris))

    def _value(self, term: Term, part: Form | None) -> SearchStrategy[Written]:
        if term.vocabulary:
            return self.code(term.vocabulary)
        if term.language:
            return _texts(self)
        if self.domain.context.hints.nested(term.iri) is not None:
            return _fields(self, part) if part else st.just({})
        if term.iri == MKG.ofProperty.value:
            return _some("title", "заглавие", "name", "описание", "тип") if self.slips else st.just("тип")
        if term.date or term.iri == MKG.dateAsStated.value:
            hints = self.domain.context.hints
            single = hints.starts(term.iri) or hints.ends(term.iri)
            return dated(self.slips, exact=not single and term.iri != MKG.dateAsStated.value, single=single)
        if term.coercion == XSD.time.value:
            return _hours(self.slips)
        if term.coercion in {XSD.decimal.value, XSD.integer.value}:
            return numbered(self.slips, whole=term.coercion == XSD.integer.value)
        if term.reference:
            return self._reference(term)
        right, wrong = _CODES.get(term.coercion or term.iri, ((), ()))
        return self.mostly(st.sampled_from(right), st.sampled_from(wrong)) if right else _PLAIN

    def _reference(self, term: Term) -> SearchStrategy[str]:
        hints, classes = self.domain.context.hints, self.domain.context.classes
        range_ = hints.range(term.iri)
        if not range_:
            return self.mostly(_ADDRESSES, _WRONG_ADDRESSES)
        fitting = [id for id, (name, _, _) in KNOWN.items() if hints.superclasses(classes[name]) & range_]
        pool = fitting if fitting and not self.slips else [*KNOWN]
        called = [text for id in pool for text in (id, *KNOWN[id][1:]) if text]
        known = st.sampled_from(called).flatmap(lambda one: st.just(one) if "/" in one else spelled(one, self.slips))
        return self.mostly(known, st.one_of(_ADDRESSES, _WRONG_ADDRESSES))


@st.composite
def _entry(draw: DrawFn, writer: Writer, form: Form) -> dict[str, Written]:
    """An entry with an id or without, with fields of its class, and now and then with evidence for them."""
    fields = draw(_fields(writer, form))
    head: dict[str, Written] = {draw(writer.name("type")): draw(writer.name(form.class_name))}
    kind = form.kind or "document"
    if form.kind is None or draw(st.booleans()):
        wrong = ["banana/a", f"{kind}/А", f"{kind}/a b", kind, "project/x"] if writer.slips else []
        slugs = ["a", "zelen-park", "ndef", "rse27", "menergers", "dg"]
        head[draw(writer.name("id"))] = draw(_some(*(f"{kind}/{slug}" for slug in slugs), *wrong))
    if draw(_some("", "", "", "evidence")):
        head[draw(writer.name("evidence"))] = draw(_evidence(writer, list(fields)))
    if writer.slips and draw(_some("", "", "", "", "strange")):
        head[draw(_signs) or "x"] = draw(_anything)
    return head | fields


@st.composite
def _fields(draw: DrawFn, writer: Writer, form: Form) -> dict[str, Written]:
    """Fields of a form: those that are asked for, some of the others, now and then one of another class."""
    groups = [[name for name in one.names if form.field(name)] for one in form.asked]
    asked = [draw(_some(*names)) for names in groups if not writer.slips or draw(_some("", "x", "x", "x"))]
    own = draw(st.lists(st.sampled_from(form.own), max_size=3)) if form.own else []
    others = draw(st.sampled_from([[], [], [], *([one] for one in form.others)]))
    chosen = dict.fromkeys([*asked, *(one.name for one in [*own, *others] if writer.slips or not one.derived)])
    if "date" in chosen and not writer.slips:  # it says both
        chosen = {name: None for name in chosen if not name.startswith(("start", "end"))}
    if {"startDate", "endDate"} <= chosen.keys() and not writer.slips:  # their order is not for the schema
        del chosen["endDate"]
    fields: dict[str, Written] = {}
    for name in chosen:
        field = form.field(name)
        assert field is not None
        fields[draw(writer.name(name))] = draw(_values(writer, field))
    if draw(_some("", "", "", "", "foreign")):
        name = draw(st.sampled_from(writer.domain.context.names))
        term = writer.domain.context.term(name, form.class_name)
        if term is not None and name not in chosen and not term.vocabulary:
            fields[draw(writer.name(name))] = draw(writer.value(term, None))
    return fields


@st.composite
def _values(draw: DrawFn, writer: Writer, field: Field) -> Written:
    """One value, or a list; nothing at all where nothing is asked for."""
    one = writer.value(field.term, field.part)
    kinds = ["one"] * 5 + ["list"] + ["several"] * (not field.single or writer.slips) + ["nothing"] * writer.slips
    match draw(st.sampled_from(kinds)):
        case "list":
            return [draw(one)] if not field.term.language else draw(one)
        case "several":
            return [draw(one), draw(one)] if not field.term.language or writer.slips else draw(one)
        case "nothing":
            empty: list[Written] = [[], [""], "", " "]
            return draw(st.sampled_from(empty))
    return draw(one)


@st.composite
def _texts(draw: DrawFn, writer: Writer) -> Written:
    """A text, or texts by language."""
    one = writer.mostly(_some("Зелен парк", "Green park", "2024", "Проект „А“", "1.0", "true"), _signs)
    tags = ["bg", "bg", "en", "bg-BG"] + ["de", "BG", "на български"] * writer.slips
    most = 2 if writer.slips else 1
    several: SearchStrategy[Written] = st.lists(one, min_size=2 - most, max_size=most).map(list[Written])
    match draw(_some("text", "text", "list", "map")):
        case "list":
            return draw(several)
        case "map":
            either: SearchStrategy[Written] = st.one_of(one, one, several)
            return draw(st.dictionaries(st.sampled_from(tags), either, min_size=1, max_size=2))
    return draw(one)


@st.composite
def _evidence(draw: DrawFn, writer: Writer, written: Sequence[str]) -> Written:
    """What vouches for fields of the entry."""
    item: dict[str, Written] = {}
    terms = writer.domain.context.terms
    if draw(st.booleans()):
        item[draw(writer.name("of"))] = draw(_some(*written, "type", "тип", *["banana"] * writer.slips))
    if draw(st.booleans()):
        place = writer.mostly(_PLACES, _some("12", "30-12", "горе", ""))
        item[draw(writer.name("at"))] = draw(st.one_of(place, st.lists(place, max_size=2).map(list[Written])))
    if draw(st.booleans()):
        item[draw(writer.name("basis"))] = draw(writer.code(terms["basis"].vocabulary or ""))
        item[draw(writer.name("rule"))] = draw(writer.code(terms["rule"].vocabulary or ""))
    whole: list[Written] = [item, [item], [item, item], *(["страница 3", ""] if writer.slips else [])]
    return draw(st.sampled_from(whole))


def as_yaml(entry: Mapping[str, Written], head: Mapping[str, str]) -> str:
    """A file with one entry: words plain where YAML leaves them as they are, else in quotation marks."""
    heads = "".join(f"{key}: {_word(value)}\n" for key, value in head.items())
    return f"{heads}записи:\n- {_flow(dict(entry))}\n" if heads else f"- {_flow(dict(entry))}\n"


def _flow(value: Written) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_word(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _word(value)


def _word(text: str) -> str:
    return text if _plain(text) else json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> bool:
    if not text or text != text.strip() or not text.isprintable():
        return False
    try:
        events = [*yaml.parse(f"{{{text}: {text}}}", Loader=yaml.SafeLoader)]
    except yaml.YAMLError:
        return False
    scalars = [event for event in events if isinstance(event, yaml.ScalarEvent)]
    return len(events) == 8 and all(one.value == text and one.implicit[0] for one in scalars)
