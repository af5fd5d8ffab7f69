"""A field's text as a JSON-LD value: the context says what kind of value it is, this reads it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pyoxigraph import NamedNode

from kg import expected
from kg.context import Codes, Context, Term
from kg.entry import Locator, Lookup, Path_, Value
from kg.iris import Iris, Slug, plain
from kg.load import dates, slips
from kg.load.names import Names
from kg.load.numbers import NumberError, read_decimal, read_integer
from kg.load.problems import Problems
from kg.load.references import References
from kg.namespaces import CODE, XSD
from kg.text import fold, mend

Json: TypeAlias = "str | list[Json] | dict[str, Json]"

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
HOUR = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::[0-5]\d)?(?:\s*(?:ч\.?|часа))?")
_DECIMAL, _INTEGER, _CLOCK = XSD.decimal.value, XSD.integer.value, XSD.time.value
_WHOLE_DAY = "day"
_TAGS = {
    word: tag
    for tag, words in {"bg": "bg бг български bul bulgarian", "en": "en ен англ английски eng english"}.items()
    for word in words.split()
}
_CYRILLIC = {"bg": "думи само с кирилица или само с латиница", "en": "words in Cyrillic alone, or in Latin alone"}


@dataclass(slots=True)
class Values:
    """Readers of single values. Each returns None after telling `problems` what is wrong."""

    context: Context
    codes: Codes
    iris: Iris
    names: Names
    problems: Problems
    period: dates.Interval | None = None
    proposed: set[str] = field(default_factory=set)  # ids, each for one entry only
    slug_of: Slug = plain

    def text(self, written: str) -> str:
        return unicodedata.normalize("NFC", written.strip())

    def language_map(
        self,
        written: Value,
        place: Callable[[Path_], Locator],
        field: str,
        naming: Callable[[Path_], Sequence[tuple[Locator, str | None]]],
        *,
        one_line: bool = False,
    ) -> Json | None:
        """Texts by language tag; a plain text is Bulgarian. Names are of `one_line`, whatever spaces were pasted.

        `place` tells where a part of the value stands, `naming` where the language tag does.
        """
        plain = not isinstance(written, dict)
        by_tag: Mapping[str, Value] = written if isinstance(written, dict) else {"bg": written}
        result: dict[str, Json] = {}
        for tag, texts in by_tag.items():
            steps: Path_ = () if plain else (tag,)
            at = place(steps)
            if not LANGUAGE.fullmatch(tag):
                for where, heading in naming(steps):
                    self.problems.add(
                        where,
                        f"„{tag}“ is no language; write bg or en before the text",
                        f"„{tag}“ не е език; пред текста пишете bg или en",
                        field=heading or field,
                        value=tag,
                        kind="UnknownLanguage",
                        expected=expected.LANGUAGE,
                        suggestion=renamed(heading, tag, _TAGS.get(fold(tag))),
                    )
                tag = _TAGS.get(fold(tag), "")
                if not tag or tag in by_tag:
                    continue
            items = [texts] if isinstance(texts, str) else texts
            if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
                self.problems.add(at, f"„{field}“ must be a text", f"„{field}“ трябва да е текст", field=field)
                continue
            texts_ = (" ".join(str(item).split()) if one_line else str(item) for item in items)
            kept = [self.text(item) for item in texts_ if item.strip()]
            for number, item in enumerate(items):
                self._mixed_letters(str(item), place((*steps, number)), field)
            if kept:
                result[tag] = [*kept]
        return result or None

    def _mixed_letters(self, text: str, at: Locator, field: str) -> None:
        mended = mend(text)
        if mended != text:
            pairs = zip(text.split(), mended.split(), strict=False)
            wrong, right = next(pair for pair in pairs if pair[0] != pair[1])
            self.problems.warn(
                at,
                f"„{wrong}“ has Latin letters among the Cyrillic; write „{right}“",
                f"в „{wrong}“ има латински букви сред кирилицата; пишете „{right}“",
                field=field,
                value=text.strip(),
                kind="MixedLetters",
                expected=_CYRILLIC,
                suggestion=mended.strip(),
            )

    def code(self, term: Term, written: str, at: Locator, field: str) -> str | None:
        """The IRI of a code from the field's list."""
        assert term.vocabulary is not None
        found = self.codes.find(term.vocabulary, written)
        if found is None:
            en, bg = (", ".join(self.codes.like(term.vocabulary, written, tag)) for tag in ("en", "bg"))
            self.problems.add(
                at,
                f"„{written}“ is not in the list of „{field}“",
                f"„{written}“ не е в списъка за „{field}“",
                hint=(f"; possible: {en}", f"; {'възможни са: ' if ', ' in bg else 'може би '}{bg}"),
                field=field,
                value=written,
                kind="UnknownCode",
                expected=expected.code(self.codes, term.vocabulary),
                suggestion=self.codes.nearest(term.vocabulary, written),
            )
        return found

    def reference(self, term: Term, written: str, at: Locator, field: str, lookup: Lookup | None = None) -> str | None:
        """The IRI of the thing that an id, an address or a known name means."""
        reading = References(self.context, self.codes, self.iris, self.names, self.problems)
        return reading.read(term, self.text(written), at, field, lookup)

    def date(self, term: Term, written: str, at: Locator, field: str) -> Mapping[str, Json]:
        """The day as the field needs it, with its precision where that is not a day; empty when unreadable."""
        interval = self.interval(written, at, field)
        if interval is None:
            return {}
        hints = self.context.hints
        if interval.is_span and (hints.starts(term.iri) or hints.ends(term.iri)):
            self._one_end(term, interval, written, at, field)
            return {}
        if hints.starts(term.iri):
            return {
                term.name: interval.start.isoformat(),
                **self._precision("start", interval.precision),
                **_clock("start", interval.start_time),
            }
        if hints.ends(term.iri):
            return {
                term.name: interval.end.isoformat(),
                **self._precision("end", interval.end_precision),
                **_clock("end", interval.end_time or interval.start_time),
            }
        if interval.start == interval.end:
            return {term.name: interval.start.isoformat()}
        if interval.precision == interval.end_precision == "month" and interval.start.month == interval.end.month:
            return {term.name: _typed(interval.start.isoformat()[:7], XSD.gYearMonth)}
        if interval.precision == interval.end_precision == "year" and interval.start.year == interval.end.year:
            return {term.name: _typed(interval.start.isoformat()[:4], XSD.gYear)}
        self.problems.add(
            at,
            f"„{field}“ is a day, a month or a year, not a longer span: „{written}“",
            f"„{field}“ е ден, месец или година, а не период: „{written}“",
            field=field,
            value=written,
            kind="BadDate",
            expected=expected.DATE,
        )
        return {}

    def _one_end(self, term: Term, interval: dates.Interval, written: str, at: Locator, field: str) -> None:
        """Tells of a span where only one end of it belongs, and where the other does."""
        starts = self.context.hints.starts(term.iri)
        first, last = interval.ends
        other = self.context.other_end(term)
        en, bg = (other.name, self.context.aliases.get(other.name, other.name)) if other else ("", "")
        en_here, en_there = ("start", "end") if starts else ("end", "start")
        bg_here, bg_there = ("началото", "края") if starts else ("края", "началото")
        self.problems.add(
            at,
            f"„{field}“ is one date, and „{written}“ is a span; write its {en_here} here"
            + (f", and its {en_there} in „{en}“" if other else ""),
            f"„{field}“ е една дата, а „{written}“ е период; тук напишете {bg_here}"
            + (f", а {bg_there} – в „{bg}“" if other else ""),
            field=field,
            value=written,
            kind="SpanForOneDate",
            expected=expected.DATE,
            suggestion=first if starts else last,
        )

    def span(self, term: Term, written: str, at: Locator, field: str) -> Mapping[str, Json]:
        """The stated date as it is, and the interval that encloses it."""
        interval = self.interval(written, at, field, expected.SPAN)
        if interval is None:
            return {}
        return {
            term.name: self.text(written),
            "startDate": interval.start.isoformat(),
            "endDate": interval.end.isoformat(),
            **self._precision("start", interval.precision),
            **self._precision("end", interval.end_precision),
            **_clock("start", interval.start_time),
            **_clock("end", interval.end_time),
        }

    def interval(
        self, written: str, at: Locator, field: str, form: expected.Told = expected.DATE
    ) -> dates.Interval | None:
        try:
            return dates.read(written, self.period)
        except dates.DateError as error:
            self.problems.add(
                at,
                str(error),
                error.bg,
                field=field,
                value=written,
                kind="BadDate",
                expected=form,
                suggestion=slips.date(written, self.period),
            )
            return None

    def _precision(self, end: str, precision: str) -> dict[str, Json]:
        return {} if precision == _WHOLE_DAY else {f"{end}Precision": f"{CODE}precision/{precision}"}

    def literal(self, term: Term, written: str, at: Locator, field: str, *, exact: bool = False) -> str | None:
        """The text in the lexical form of the field's datatype; `exact` of a number that nobody typed as a text."""
        text = self.text(written)
        try:
            if term.coercion == _DECIMAL:
                return read_decimal(text, exact=exact)
            if term.coercion == _INTEGER:
                return read_integer(text)
        except NumberError as error:
            self.problems.add(
                at,
                str(error),
                error.bg,
                field=field,
                value=text,
                kind="BadNumber",
                expected=expected.form(term.coercion or ""),
                suggestion=(slips.number if term.coercion == _DECIMAL else slips.whole)(text),
            )
            return None
        if term.coercion == _CLOCK:
            match = HOUR.fullmatch(text)
            if match is None:
                self.problems.add(
                    at,
                    f"„{text}“ is no hour; write 17:00",
                    f"„{text}“ не е час; пишете 17:00",
                    field=field,
                    value=text,
                    kind="BadTime",
                    expected=expected.TIME,
                    suggestion=slips.hour(text),
                )
                return None
            return f"{int(match[1]):02}:{match[2]}:00"
        return text

    def explicit(self, term: Term, value: Json) -> Json:
        """The value with its type spelt out, for use under another field."""
        if term.coercion in {"@id", "@vocab"}:
            return {"@id": value}
        if term.coercion and isinstance(value, str):
            return {"@value": value, "@type": term.coercion}
        return value


def _typed(value: str, datatype: NamedNode) -> Json:
    return {"@value": value, "@type": datatype.value}


def _clock(end: str, clock: object) -> dict[str, Json]:
    return {f"{end}Time": f"{clock}"} if clock is not None else {}


def renamed(heading: str | None, wrong: str, right: str | None) -> str | None:
    """The heading with this part of it named rightly; the name alone where there is no heading."""
    if right is None or heading is None:
        return right
    return ".".join(right if part == wrong else part for part in heading.split("."))
