"""Bytes of a text file as text: UTF-8, UTF-16 with a mark, or CP1251; anything else is refused."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from kg.entry import Locator
from kg.errors import DataError
from kg.load.problems import problem

MAX_BYTES = 200 * 2**20
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CYRILLIC = re.compile("[А-я]")
_WORD = re.compile("[А-яA-Za-z]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_STRANGE = re.compile("[Ђ-ЏђѓєіјљњћќўџҐґ\x80-\x9f]")


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The file's bytes. Raises DataError when it is missing, unreadable, empty or over the limit."""
    at = Locator(path.name, line=1)
    try:
        if not path.is_file():
            raise DataError([problem(at, "there is no such file", "няма такъв файл")])
        size = path.stat().st_size
        if size > limit:
            mib = limit // 2**20
            raise DataError(
                [
                    problem(
                        at,
                        f"the file is over {mib} MiB; split it",
                        f"файлът е над {mib} MiB; разделете го на части",
                    )
                ]
            )
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(
            [
                problem(
                    at,
                    f"the file cannot be read: {error.strerror}",
                    f"файлът не може да се прочете: {error.strerror}",
                )
            ]
        ) from error
    if not raw.strip():
        raise DataError([problem(at, "the file is empty", "файлът е празен")])
    return raw


def decode(raw: bytes, at: Locator) -> str:
    """The text. Raises DataError naming the line of the first byte that fits no known coding."""
    for mark, coding in _MARKS.items():
        if raw.startswith(mark):
            try:
                return _checked(raw.decode(coding), at)
            except UnicodeDecodeError as error:
                raise _undecodable(raw, error.start, at) from error
    try:
        return _checked(raw.decode("utf-8"), at)
    except UnicodeDecodeError as error:
        broken = error.start
    try:
        text = raw.decode("cp1251")
    except UnicodeDecodeError as error:
        raise _undecodable(raw, error.start, at) from error
    if not _bulgarian(text):
        raise _undecodable(raw, broken, at)
    return _checked(text, at)


def _bulgarian(text: str) -> bool:
    """Whether letters lie as in Bulgarian: Cyrillic in words of its own, hardly any letters of other languages.

    „Fкte“ is what becomes of „Fête“: an accented letter of another coding inside a Latin word.
    """
    alone = amid = latin = 0
    for word in _WORD.findall(text):
        cyrillic = len(_CYRILLIC.findall(word))
        latin += len(word) - cyrillic
        if cyrillic == len(word):
            alone += cyrillic
        else:
            amid += cyrillic
    return alone > amid and alone >= latin * 0.05 and len(_STRANGE.findall(text)) <= alone * 0.1


def _checked(text: str, at: Locator) -> str:
    bad = _CONTROL.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        raise DataError(
            [
                problem(
                    Locator(at.file, line=line),
                    f"the control character U+{ord(bad[0]):04X} cannot be in a text; "
                    "is this really a text file? Delete the character",
                    f"управляващият знак U+{ord(bad[0]):04X} не може да стои в текст; "
                    "наистина ли това е текстов файл? Изтрийте знака",
                )
            ]
        )
    return text


def _undecodable(raw: bytes, start: int, at: Locator) -> DataError:
    line = raw.count(b"\n", 0, start) + 1
    return DataError(
        [
            problem(
                Locator(at.file, line=line),
                "the text is neither UTF-8 nor Windows-1251; save it as UTF-8",
                "текстът не е нито в UTF-8, нито в Windows-1251; запишете файла като UTF-8",
            )
        ]
    )
