"""The addresses of the catalogue: `/catalogue`, `/dataset/{slug}` and the files below `/dumps/`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Triple

from kg.context import Context
from kg.formats import HTML, Format
from kg.publish import rdf
from kg.publish.catalogue import plan as plans
from kg.publish.catalogue.datasets import Dataset, Datasets
from kg.publish.catalogue.dcat import PREFIXES, Writer
from kg.publish.catalogue.files import File, Files
from kg.publish.pages.templating import render
from kg.publish.resource import FORMS, Found, Link, Query, Resource, Stored, frame
from kg.store.port import Release, Store

PATH: Final = "/catalogue"


@dataclass(frozen=True, slots=True)
class _Known:
    """A release and its datasets."""

    release: Release
    datasets: Datasets


class Catalogue:
    """What is offered of a release."""

    def __init__(self, plan: Path, folder: Path, context: Context, store: Store) -> None:
        """Files are kept in `folder`; the store tells what was before a release."""
        self._plan = plans.read(plan)
        self._files = Files(folder, context)
        self._store = store
        self._lock = threading.Lock()
        self._last: _Known | None = None

    def find(self, release: Release, path: str, query: Query) -> Found | None:
        """See `Shelf`."""
        if path == PATH:
            return Resource(path, FORMS, lambda format, language: self._catalogue(release, format, language))
        kind, _, name = path.removeprefix("/").partition("/")
        if kind == "dataset" and name in self._datasets(release).by_slug:
            dataset = self._datasets(release).by_slug[name]
            link = Link(PATH, "collection")
            return Resource(
                path, FORMS, lambda format, language: self._dataset(release, dataset, format, language), (link,)
            )
        if kind == "dumps":
            file = self._file(release, name)
            return None if file is None else Stored(file.path, file.media_type, file.sha256, file.size)
        return None

    def paths(self, release: Release) -> Iterator[str]:
        """See `Shelf`."""
        yield PATH
        for dataset in self._datasets(release).all:
            yield f"/dataset/{dataset.slug}"
            yield from (f"/dumps/{name}" for name in self._files.of(release, dataset))

    def triples(self, release: Release) -> list[Triple]:
        """The whole catalogue."""
        datasets = self._datasets(release).all
        return self._writer(release).whole((one, self._files.of(release, one)) for one in datasets)

    def _writer(self, release: Release) -> Writer:
        previous = max((one for one in self._store.kept() if one < release.number), default=None)
        return Writer(self._plan, release.manifest, previous)

    def _file(self, release: Release, name: str) -> File | None:
        slug = name.partition(".")[0]
        dataset = self._datasets(release).by_slug.get(slug)
        return None if dataset is None else self._files.of(release, dataset).get(name)

    def _datasets(self, release: Release) -> Datasets:
        with self._lock:
            if self._last is None or self._last.release.manifest != release.manifest:
                self._last = _Known(release, Datasets(release, self._plan))
            return self._last.datasets

    def _catalogue(self, release: Release, format: Format, language: str) -> bytes:
        if format is not HTML:
            return rdf.write(self.triples(release), format, PREFIXES)
        datasets = self._datasets(release).all
        about = self._about(self._plan.title, self._plan.description, language)
        return render(
            "catalogue.html",
            language,
            plan=self._plan,
            own=[one for one in datasets if not one.of_source],
            sources=[one for one in datasets if one.of_source],
            structured=_script({"@type": "DataCatalog", **about}),
            **frame(PATH),
        ).encode()

    def _dataset(self, release: Release, dataset: Dataset, format: Format, language: str) -> bytes:
        files = self._files.of(release, dataset)
        if format is not HTML:
            return rdf.write(self._writer(release).one(dataset, files), format, PREFIXES)
        return render(
            "dataset.html",
            language,
            plan=self._plan,
            dataset=dataset,
            files=list(files.values()),
            release=release.manifest,
            structured=_script(self._schema_org(release, dataset, files, language)),
            **frame(f"/dataset/{dataset.slug}"),
        ).encode()

    def _about(self, titles: Mapping[str, str], descriptions: Mapping[str, str], language: str) -> dict[str, Any]:
        name = self._plan.publisher.name[language]
        publisher = {"@type": "GovernmentOrganization", "name": name, "url": self._plan.homepage}
        return {"name": _in(titles, language), "description": _in(descriptions, language), "publisher": publisher}

    def _schema_org(
        self, release: Release, dataset: Dataset, files: Mapping[str, File], language: str
    ) -> Mapping[str, Any]:
        base = release.manifest.base
        catalogue = {"@type": "DataCatalog", "@id": f"{base}{PATH}", "name": self._plan.title[language]}
        told: dict[str, Any] = {
            "@type": "Dataset",
            "@id": f"{base}/dataset/{dataset.slug}",
            **self._about(dataset.titles, dataset.descriptions, language),
            "url": f"{base}/dataset/{dataset.slug}",
            "includedInDataCatalog": catalogue,
            "keywords": list(dataset.keywords.get(language, ())),
            "dateModified": dataset.modified.date().isoformat(),
            "isAccessibleForFree": True,
            "version": str(release.number),
            "distribution": [
                {
                    "@type": "DataDownload",
                    "contentUrl": f"{base}/dumps/{file.name}",
                    "encodingFormat": file.media_type.partition(";")[0],
                    "contentSize": str(file.size),
                    "sha256": file.sha256,
                }
                for file in files.values()
                if file.format is not None
            ],
        }
        if dataset.licence:
            told["license"] = dataset.licence
        if dataset.period:
            told["temporalCoverage"] = "/".join(dataset.period)
        if dataset.publishers:
            told["creator"] = {"@type": "Organization", "name": _in(dataset.publishers, language)}
        return told


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")


def _script(document: Mapping[str, Any]) -> str:
    whole = {"@context": "https://schema.org/", **document}
    return json.dumps(whole, ensure_ascii=False).replace("<", "\\u003c")
