"""The requests as files: one for each, in order, and an index that tells where each goes and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from kg.errors import Messages
from kg.publish.catalogue.plan import Portal
from kg.publish.portal.memory import Memory
from kg.publish.portal.offers import Offer
from kg.publish.portal.steps import Step

INDEX: Final = "index.json"

_KEY: Final = {
    "bg": "Ключът (api_key) се добавя при изпращането и не стои в никой файл; null е адрес, който порталът ще даде.",
    "en": "The key (api_key) is added on sending and is in no file; null is an address that the portal is yet to give.",
}


def files(
    steps: Sequence[Step], memory: Memory, address: str, missing: Iterable[Messages], notes: Iterable[Messages]
) -> Iterator[tuple[str, bytes]]:
    """Names and contents, the index last."""
    width = max(3, len(str(len(steps))))
    listed = []
    for number, step in enumerate(steps, 1):
        name = f"{number:0{width}}-{step.action}-{step.name.replace('/', '-')}.json"
        yield name, _json(step.body(memory))
        listed.append({"file": name, "method": "POST", "address": f"{address}/{step.action}", "why": step.why})
    whole = {
        "address": address,
        "key": _KEY,
        "missing": [dict(one) for one in missing],
        "notes": [dict(one) for one in notes],
        "requests": listed,
    }
    yield INDEX, _json(whole)


def missing(offers: Sequence[Offer], portal: Portal, name: str, base: str, *, local: bool) -> Iterator[Messages]:
    """What has to be filled in before anything is sent; the catalogue of a `local` service is no use to others."""
    where = f"catalogue.yaml, portals: {name}:"
    if portal.organisation is None:
        yield {
            "bg": f"{where} organisation – номерът на общината в портала (вижте го там, в профила на организацията)",
            "en": f"{where} organisation – the id of the municipality in the portal (its organisation page shows it)",
        }
    for themes in sorted({", ".join(offer.lacks) for offer in offers if offer.lacks}):
        yield {
            "bg": f"{where} categories – номерът на раздела в портала за една от темите {themes}",
            "en": f"{where} categories – the portal's category id for one of the themes {themes}",
        }
    if local:
        yield {
            "bg": f"адресът на услугата: {base} е достъпен само на тази машина, а порталът ще сочи към него "
            "(kg rebase)",
            "en": f"the address of the service: {base} is of this machine only, and the portal would link to it "
            "(kg rebase)",
        }


def notes(offers: Iterable[Offer], memory: Memory) -> Iterator[Messages]:
    """What the API cannot do and a person has to, at the portal."""
    offered = {offer.slug: offer for offer in offers}
    for slug, known in sorted(memory.datasets.items()):
        if known.uri is None:
            continue
        if slug not in offered:
            yield {
                "bg": f"{slug}: вече го няма в каталога; скрийте или изтрийте набора {known.uri} в портала",
                "en": f"{slug}: is no longer in the catalogue; hide or delete the dataset {known.uri} at the portal",
            }
        elif known.terms is not None and "terms_of_use_id" not in offered[slug].body:
            yield {
                "bg": f"{slug}: лиценз вече не се твърди; махнете условията за ползване на {known.uri} в портала",
                "en": f"{slug}: no licence is claimed any more; take the terms of use off {known.uri} at the portal",
            }


def _json(whole: Mapping[str, Any]) -> bytes:
    return json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"
