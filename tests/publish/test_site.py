"""The site as a whole: every document that it lists is there in every form, and no link of a page leads nowhere."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urldefrag, urlsplit
from xml.etree import ElementTree

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from tests.conftest import BASE

from kg import resources
from kg.formats import HTML, NT, ROBOTS, SITEMAP, TTL
from kg.graph import DEFAULT
from kg.namespaces import MKG
from kg.pipeline import Domain
from kg.publish import crawling
from kg.publish.resource import LANGUAGES, Moved, Resource, Stored, form, read_form
from kg.publish.site import Site
from kg.publish.void import VOID
from kg.store.embedded import EmbeddedStore
from kg.store.home import Home
from kg.store.port import Release
from kg.web.documents import FORMS

SERVICE = ("/sparql", "/health", "/openapi.json", "/assets/", "/?", "/graph/")
"""Addresses of the service that are no documents of a release."""


@pytest.fixture(scope="module")
def site(domain: Domain, store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Site:
    home = Home(tmp_path_factory.mktemp("home"))
    queries = resources.QUERIES / "system"
    return Site.of(domain.context, resources.ONTOLOGY, resources.CATALOGUE, queries, store, home)


class Page(HTMLParser):
    """The links and the places of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.places: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if "id" in said:
            self.places.append(said["id"])
        if tag == "a" and "href" in said:
            self.links.add(said["href"])
        elif "src" in said or (tag == "link" and said.get("rel") in {"icon", "stylesheet"}):
            self.loaded.add(said.get("src") or said["href"])


def test_every_document_is_there_once_and_in_every_form(site: Site, release: Release) -> None:
    paths = [*site.paths(release)]
    assert len(paths) == len(set(paths)) > 1000
    for path in paths:
        found = site.find(release, path, {})
        assert isinstance(found, (Resource, Stored)), path
        if isinstance(found, Resource):
            assert found.path == path
            assert all(read_form(form(path, one), FORMS)[0] == path for one in found.offered)


def test_no_link_of_a_page_leads_nowhere_and_nothing_is_loaded_from_elsewhere(site: Site, release: Release) -> None:
    pages: dict[str, Page] = {}

    def page(address: str) -> Page:
        if address not in pages:
            path, format, language = read_form(address, (HTML,))
            found = site.find(release, path, {})
            assert format is HTML and language and isinstance(found, Resource), address
            pages[address] = Page(found.write(HTML, language).decode())
        return pages[address]

    todo = [f"/catalogue{suffix}" for suffix in (".html", ".en.html")]
    seen = set(todo)
    while todo:
        address = todo.pop()
        here = page(address)
        assert len(here.places) == len(set(here.places)), address
        assert all(one.startswith("/assets/") for one in here.loaded)
        for link in here.links:
            target, place = urldefrag(unescape(link))
            if urlsplit(target).scheme or target.startswith(SERVICE) or link == "/":
                continue
            if not target:
                assert place in here.places, (address, link)
            elif target.partition("?")[0].endswith(".html"):
                target = target.partition("?")[0]
                if place:
                    assert place in page(target).places, (address, link)
                elif target not in seen:
                    seen.add(target)
                    todo.append(target)
            else:
                path, format, _ = read_form(target, FORMS)
                found = site.find(release, target, {}) or (site.find(release, path, {}) if format else None)
                found = found or site.find(release, target.removesuffix(".jsonld"), {})
                assert isinstance(found, (Resource, Stored)), (address, link)
    assert len(seen) > 1800


def test_the_lists_for_search_engines_name_every_page(
    site: Site, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawling, "PART", 500)

    def addresses(path: str) -> list[str]:
        found = site.find(release, path, {})
        assert isinstance(found, Resource)
        root = ElementTree.fromstring(found.write(SITEMAP, "bg"))
        return [one.text or "" for one in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]

    lists = addresses("/sitemap")
    assert len(lists) > 1
    named = [one for each in lists for one in addresses(each.removeprefix(BASE).removesuffix(".xml"))]
    pages = [
        f"{BASE}{form(path, HTML, language)}"
        for path in site.paths(release)
        if isinstance(found := site.find(release, path, {}), Resource) and HTML in found.offered
        for language in LANGUAGES
    ]
    assert named == pages
    robots = site.find(release, "/robots", {})
    assert isinstance(robots, Resource)
    assert f"Sitemap: {BASE}/sitemap.xml" in robots.write(ROBOTS, "bg").decode()


def test_what_the_graph_holds_is_counted(site: Site, release: Release) -> None:
    moved = site.find(release, "/.well-known/void", {})
    assert isinstance(moved, Moved) and moved.path == "/void"
    found = site.find(release, "/void", {})
    assert isinstance(found, Resource)
    triples = [quad.triple for quad in parse(found.write(NT, "bg"), RdfFormat.N_TRIPLES)]
    assert {quad.triple for quad in parse(found.write(TTL, "bg"), RdfFormat.TURTLE)} == set(triples)
    said = {(str(one.subject), one.predicate): one.object for one in triples}
    graph = f"<{BASE}/dataset/graph>"
    assert said[graph, VOID.triples].value == str(release.manifest.triples)
    (part,) = [one.subject for one in triples if one.object == MKG.Project and one.predicate == VOID.term("class")]
    projects = {quad.subject for quad in release.quads(None, None, MKG.Project, DEFAULT)}
    stated = {node for node in projects if isinstance(node, NamedNode) and "/id/project/" in node.value}
    assert said[str(part), VOID.entities].value == str(len(stated))
    for dump in (one.object.value for one in triples if one.predicate == VOID.dataDump):
        assert isinstance(site.find(release, re.sub(f"^{BASE}", "", dump), {}), Stored)
