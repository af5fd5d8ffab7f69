"""What is to be done at a portal so that it has what we offer: requests, in order, and what is known after each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from kg.errors import Messages
from kg.publish.catalogue.files import File
from kg.publish.portal.memory import Known, KnownDataset, Memory
from kg.publish.portal.offers import Offer, Offered, rows


class Action(StrEnum):
    """A name of the API, below its address."""

    FIND_DATASET = "listDatasets"
    ADD_DATASET = "addDataset"
    EDIT_DATASET = "editDataset"
    FIND_RESOURCE = "listResources"
    ADD_RESOURCE = "addResourceMetadata"
    EDIT_RESOURCE = "editResourceMetadata"
    ADD_DATA = "addResourceData"
    UPDATE_DATA = "updateResourceData"


_EDITS: Final = {Action.ADD_DATASET: Action.EDIT_DATASET, Action.ADD_RESOURCE: Action.EDIT_RESOURCE}
_FINDS: Final = {Action.FIND_DATASET, Action.FIND_RESOURCE}
_DATA: Final = {Action.ADD_DATA, Action.UPDATE_DATA}
_PAGE: Final = 100  # the most that the API lists at once

_WHY: Final[Mapping[Action, tuple[str, str]]] = {
    Action.FIND_DATASET: ("it was asked for before and no answer came", "искан е преди, но отговор не е дошъл"),
    Action.ADD_DATASET: ("the portal does not have the dataset yet", "порталът още няма набора"),
    Action.EDIT_DATASET: ("what is told of the dataset has changed", "описанието на набора е променено"),
    Action.FIND_RESOURCE: ("it was asked for before and no answer came", "искан е преди, но отговор не е дошъл"),
    Action.ADD_RESOURCE: ("the portal does not have the resource yet", "порталът още няма ресурса"),
    Action.EDIT_RESOURCE: ("the resource or what it holds has changed", "ресурсът или съдържанието му е променено"),
    Action.ADD_DATA: ("the portal does not have the rows yet", "порталът още няма редовете"),
    Action.UPDATE_DATA: ("the rows have changed", "редовете са променени"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One request; `key` is None for the dataset itself."""

    action: Action
    slug: str
    key: str | None
    told: Mapping[str, Any]
    mark: str
    file: File | None = None

    @property
    def name(self) -> str:
        return f"{self.slug}/{self.key}" if self.key else self.slug

    @property
    def why(self) -> Messages:
        en, bg = _WHY[self.action]
        return {"bg": bg, "en": en}

    @property
    def adds(self) -> bool:
        """Whether the portal has something more afterwards."""
        return self.action in _EDITS or self.action is Action.ADD_DATA

    @property
    def finds(self) -> bool:
        return self.action in _FINDS

    def body(self, memory: Memory) -> dict[str, Any]:
        """What is sent, all but the key; an address that the portal is still to give is null."""
        dataset = memory.datasets.get(self.slug)
        uri = dataset.uri if dataset else None
        if self.action is Action.FIND_DATASET:
            criteria = {"locale": "bg", "org_ids": [self.told["org_id"]], "keywords": self.told["name"]}
            return {"criteria": criteria, "records_per_page": _PAGE, "page_number": 1}
        if self.action is Action.ADD_DATASET:
            return {"data": dict(self.told)}
        if self.action is Action.FIND_RESOURCE:
            return {"criteria": {"locale": "bg", "dataset_uri": uri}, "records_per_page": _PAGE, "page_number": 1}
        if self.action in {Action.EDIT_DATASET, Action.ADD_RESOURCE}:
            return {"dataset_uri": uri, "data": dict(self.told)}
        assert self.key is not None
        known = dataset.resources.get(self.key) if dataset else None
        whole: dict[str, Any] = {"resource_uri": known.uri if known else None}
        if self.action is Action.EDIT_RESOURCE:
            return {**whole, "data": dict(self.told)}
        assert self.file is not None
        return {**whole, "extension_format": "csv", "format": "csv", "data": rows(self.file)}

    def now(self, memory: Memory) -> Step | None:
        """The step by what is known when its turn comes: what has been found is changed, or left; not added again."""
        known = _known(memory, self)
        if self.action in _EDITS and known is not None and known.uri is not None:
            return None if known.mark == self.mark else replace(self, action=_EDITS[self.action])
        return self


def steps(offers: Iterable[Offer], memory: Memory) -> Iterator[Step]:
    """What is to be done, each dataset before its resources, and each resource before its rows."""
    for offer in offers:
        known = memory.datasets.get(offer.slug)
        step = Step(Action.ADD_DATASET, offer.slug, None, offer.body, offer.mark)
        yield from _one(step, known, Action.FIND_DATASET)
        for resource in offer.resources:
            yield from _resource(offer.slug, resource, known.resources.get(resource.key) if known else None)


def _resource(slug: str, offered: Offered, known: Known | None) -> Iterator[Step]:
    step = Step(Action.ADD_RESOURCE, slug, offered.key, offered.body, offered.mark)
    yield from _one(step, known, Action.FIND_RESOURCE)
    if offered.file is None:
        return
    sent = known.data if known else None
    if sent != offered.file.sha256:
        action = Action.ADD_DATA if sent is None else Action.UPDATE_DATA
        yield replace(step, action=action, mark=offered.file.sha256, file=offered.file)


def _one(add: Step, known: Known | KnownDataset | None, find: Action) -> Iterator[Step]:
    if known is not None and known.uri is not None:
        if known.mark != add.mark:
            yield replace(add, action=_EDITS[add.action])
        return
    if known is not None:
        yield replace(add, action=find)
    yield add


def asked(memory: Memory, step: Step) -> Memory:
    """What is known while the answer is awaited: should none come, the next run has to look first."""
    if step.key is None:
        return memory.with_dataset(step.slug, KnownDataset(None, step.mark, step.told.get("terms_of_use_id")))
    known = _known(memory, step)
    if step.action is Action.ADD_DATA:
        assert isinstance(known, Known)
        return memory.with_resource(step.slug, step.key, replace(known, data=""))
    return memory.with_resource(step.slug, step.key, Known(None, step.mark))


def refused(memory: Memory, step: Step) -> Memory:
    """What is known after the portal has said that it did not add it."""
    if step.key is None:
        return memory.with_dataset(step.slug, None)
    known = _known(memory, step)
    if step.action is Action.ADD_DATA:
        assert isinstance(known, Known)
        return memory.with_resource(step.slug, step.key, replace(known, data=None))
    return memory.with_resource(step.slug, step.key, None)


def done(memory: Memory, step: Step, uri: str | None) -> Memory:
    """What is known after the portal has said yes; `uri` is the one it gave or that was found."""
    known = _known(memory, step)
    if step.finds and uri is None:
        return memory
    if step.key is None:
        terms = step.told.get("terms_of_use_id")
        if known is None:
            return memory.with_dataset(step.slug, KnownDataset(uri, step.mark, terms))
        assert isinstance(known, KnownDataset)
        mark = known.mark if step.finds else step.mark
        kept = known.terms if step.finds else terms or known.terms
        return memory.with_dataset(step.slug, replace(known, uri=uri or known.uri, mark=mark, terms=kept))
    if known is None:
        return memory.with_resource(step.slug, step.key, Known(uri, step.mark))
    assert isinstance(known, Known)
    if step.action in _DATA:
        return memory.with_resource(step.slug, step.key, replace(known, data=step.mark))
    mark = known.mark if step.finds else step.mark
    return memory.with_resource(step.slug, step.key, replace(known, uri=uri or known.uri, mark=mark))


def found(step: Step, answer: Mapping[str, Any]) -> str | None:
    """The address, in the portal's answer, of what we asked it to add."""
    if step.action is Action.FIND_DATASET:
        listed, same = answer.get("datasets"), ("name", "source")
    elif step.action is Action.FIND_RESOURCE:
        listed, same = answer.get("resources"), ("name", "resource_url")
    elif step.action is Action.ADD_RESOURCE:
        inner = answer.get("data")
        return _text(inner.get("uri")) if isinstance(inner, dict) else None
    else:
        return _text(answer.get("uri"))
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and all(one.get(name) == step.told.get(name) for name in same):
            return _text(one.get("uri"))
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _known(memory: Memory, step: Step) -> Known | KnownDataset | None:
    dataset = memory.datasets.get(step.slug)
    return dataset if step.key is None or dataset is None else dataset.resources.get(step.key)
