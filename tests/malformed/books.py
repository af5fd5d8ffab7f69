"""Workbooks, sound and unsound, made in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

import openpyxl

Row = Sequence[object]

_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
_RELS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="xl/workbook.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>"""
_BOOK = """<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="Лист1" sheetId="1" r:id="r1"/></sheets></workbook>"""
_BOOK_RELS = """<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="worksheets/sheet1.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>"""
_SHEET = """<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<sheetData>{}</sheetData></worksheet>"""


def workbook(rows: Sequence[Row], sheet: str = "Лист1", more: Mapping[str, Sequence[Row]] | None = None) -> bytes:
    """A workbook as a spreadsheet program writes it."""
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = sheet
    for row in rows:
        first.append(list(row))
    for name, others in (more or {}).items():
        other = book.create_sheet(name)
        for row in others:
            other.append(list(row))
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def packed(parts: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these parts."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return held.getvalue()


def skeleton(data: str | bytes) -> dict[str, str | bytes]:
    """The parts of the smallest workbook, its one sheet with this data."""
    sheet = _SHEET.format(data) if isinstance(data, str) else data
    return {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS,
        "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _BOOK_RELS,
        "xl/worksheets/sheet1.xml": sheet,
    }


def bomb() -> bytes:
    """A sheet that unpacks to 64 MiB of spaces."""
    return packed(skeleton(b"<worksheet>" + b" " * (64 * 2**20) + b"</worksheet>"))


def lying_bomb() -> bytes:
    """The same, with headers that claim a thousand bytes."""
    raw = bytearray(bomb())
    size = (64 * 2**20 + len(b"<worksheet></worksheet>")).to_bytes(4, "little")
    at = raw.find(size)
    while at >= 0:
        raw[at : at + 4] = (1000).to_bytes(4, "little")
        at = raw.find(size, at)
    return bytes(raw)


def many_parts() -> bytes:
    """A workbook of ten thousand parts and more."""
    return packed({**skeleton(""), **{f"xl/media/{n}.bin": b"" for n in range(10_001)}}, zipfile.ZIP_STORED)


def far_cell() -> bytes:
    """Two cells at the corners of the largest sheet: seventeen thousand million cells between them."""
    cell = '<row r="{0}"><c r="{1}" t="inlineStr"><is><t>id</t></is></c></row>'
    return packed(skeleton(cell.format(1, "A1") + cell.format(1048576, "XFD1048576")))


def locked() -> bytes:
    """What a spreadsheet program writes when a password is set: an OLE container, no zip."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(480)


def flagged() -> bytes:
    """A zip archive whose parts say that they are encrypted."""
    raw = bytearray(packed(skeleton("")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + offset] |= 1
            at = raw.find(mark, at + 1)
    return bytes(raw)


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
