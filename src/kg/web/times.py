"""Of when something is wanted: a release by its number, or the one that was current at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from kg.errors import NotFoundError, ParameterError
from kg.store.port import Manifest
from kg.web.conditional import date, seconds

_NUMBER = re.compile(r"[0-9]{1,9}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.+")


def as_of(manifests: Sequence[Manifest], text: str) -> int:
    """The number of the release that `asOf` means: a number, else the last one made by a time.

    A day means its end, and a time without a zone is UTC. Raises ParameterError, and NotFoundError for a time before
    the first release.
    """
    if _NUMBER.fullmatch(text):
        return int(text)
    until = _until(text)
    number = last(manifests, until)
    if number is None:
        first = manifests[0].created.astimezone(UTC)
        raise NotFoundError(
            f"the first release was made on {first:%Y-%m-%d at %H:%M} UTC, and nothing is known of {text}",
            f"Първото издание е направено на {first:%d.%m.%Y в %H:%M} UTC; за {text} няма данни",
        )
    return number


def last(manifests: Sequence[Manifest], until: datetime) -> int | None:
    """The last release made by a time."""
    return max((one.number for one in manifests if one.created <= until), default=None)


def nearest(manifests: Sequence[Manifest], kept: Sequence[int], field: bytes) -> int:
    """Of the kept releases the one that Accept-Datetime means (RFC 7089 §4.5.3), the first for a time before it.

    Raises ParameterError when it is no date.
    """
    wanted = seconds(field)
    if wanted is None:
        raise ParameterError(
            "Accept-Datetime is no date such as Mon, 30 Nov 2026 08:00:00 GMT",
            "Accept-Datetime не е дата като Mon, 30 Nov 2026 08:00:00 GMT",
        )
    there = [one for one in manifests if one.number in set(kept)]
    until = datetime.fromtimestamp(wanted, UTC) + timedelta(seconds=1)
    return last(there, until) or there[0].number


def memento(manifest: Manifest) -> bytes:
    """When a release was made, as Memento-Datetime says it."""
    return date(int(manifest.created.timestamp()))


def _until(text: str) -> datetime:
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(datetime.fromisoformat(text), time.max, UTC)
        if _TIME.fullmatch(text):
            moment = datetime.fromisoformat(text.replace(" ", "+"))  # which a form would have written as %2B
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise ParameterError(
        f"asOf={text!r} is neither a day such as 2026-11-30, nor a time, nor the number of a release",
        f"asOf=„{text}“ не е нито ден като 2026-11-30, нито час, нито номер на издание",
    )
