"""`kg publish`: what is created, what is changed, what is left alone; and the key that is nowhere."""

from __future__ import annotations

import json
import shutil
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from kg import cli, resources
from kg.commands.pushing import Portal, checked
from kg.errors import Exit, KgError, ParameterError
from kg.pipeline import Domain
from tests.portal.fake import KEY, ORGANISATION, Fake
from tests.test_cli import SMALL, Told, run

DATASETS = 4  # three of the plan, and one for the source
RESOURCES = 3 * DATASETS - 1  # the ontology has no table
ALL = DATASETS + RESOURCES


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    whole = yaml.safe_load(resources.CATALOGUE.read_text(encoding="utf-8"))
    whole["datasets"] = [one for one in whole["datasets"] if one["slug"] in {"graph", "projects", "vocabulary"}]
    whole["portals"]["data.egov.bg"]["organisation"] = ORGANISATION
    path = tmp_path_factory.mktemp("plan") / "catalogue.yaml"
    path.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ready_home(report_home: Path, plan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the files of the datasets lie ready, and nothing else."""
    home = tmp_path_factory.mktemp("ready") / "home"
    shutil.copytree(report_home, home, symlinks=True)
    told = run("publish", "--target", "data.egov.bg", "--plan", plan, "--dry-run", home=home)
    assert told.code == Exit.DONE, told.err
    shutil.rmtree(home / "portals")
    return home


@pytest.fixture
def home(ready_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(ready_home, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def one_domain(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_domain", lambda: domain)


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake() as fake:
        yield fake


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_EGOV_KEY", KEY)


@pytest.fixture(autouse=True)
def no_trace(tmp_path: Path) -> Iterator[None]:
    """Whatever a test did, the key is in no file."""
    yield
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def publish(home: Path, plan: Path, fake: Fake, *words: str | Path) -> Told:
    told = run("publish", "--target", "data.egov.bg", "--plan", plan, "--url", fake.url, *words, home=home)
    assert KEY not in told.out + told.err
    return told


def known(home: Path, fake: Fake) -> dict[str, Any]:
    whole = json.loads((home / "portals" / "data.egov.bg.json").read_text(encoding="utf-8"))
    assert whole.keys() == {fake.url}
    datasets: dict[str, Any] = whole[fake.url]
    return datasets


def test_the_first_run_creates_everything_and_the_second_nothing(home: Path, plan: Path, fake: Fake) -> None:
    told = publish(home, plan, fake)
    assert told.code == Exit.DONE, told.err
    assert Counter(fake.actions) == {"addDataset": DATASETS, "addResourceMetadata": RESOURCES}
    assert {one["name"] for one in fake.sets.values()} >= {"Целият граф", "Проекти"}
    assert {one["dataset_uri"] for one in fake.resources.values()} == fake.sets.keys()
    assert {one["uri"] for one in known(home, fake).values()} == fake.sets.keys()
    again = publish(home, plan, fake)
    assert again.code == Exit.DONE
    assert "nothing changed" in again.out
    assert len(fake.asked) == ALL


def test_resources_are_links_to_us_and_the_query_service(home: Path, plan: Path, fake: Fake) -> None:
    publish(home, plan, fake)
    (projects,) = [one for one in fake.sets.values() if one["name"] == "Проекти"]
    found = {one["resource_url"]: one for one in fake.resources.values() if one["dataset_uri"] == projects["uri"]}
    base = "http://localhost:8000"
    assert {url: one["type"] for url, one in found.items()} == {
        f"{base}/dumps/projects.csv": 2,
        f"{base}/dumps/projects.ttl": 2,
        f"{base}/sparql": 3,
    }
    assert (projects["source"], projects["visibility"]) == (f"{base}/dataset/projects", 1)
    assert projects["category_id"] == 9  # GOVE
    assert not fake.rows


def test_a_licence_that_nobody_states_is_not_claimed(home: Path, plan: Path, fake: Fake) -> None:
    publish(home, plan, fake)
    named = {one["name"]: one for one in fake.sets.values()}
    assert "terms_of_use_id" not in named["Проекти"]
    assert "не се твърди" in named["Проекти"]["description"]
    assert "No licence is claimed" in named["Проекти"]["description"]
    assert named["Онтология и списъци с кодове"]["terms_of_use_id"] == 2
    assert "creativecommons.org/licenses/by/4.0/" in named["Онтология и списъци с кодове"]["description"]


def test_only_what_has_changed_is_sent(home: Path, plan: Path, fake: Fake, tmp_path: Path) -> None:
    publish(home, plan, fake)
    before = {uri: dict(one) for uri, one in fake.resources.items()}
    file = tmp_path / "small.yaml"
    file.write_text(SMALL, encoding="utf-8")
    assert run("load", "--bare", file, home=home).code == Exit.DONE
    fake.asked.clear()
    told = publish(home, plan, fake)
    assert told.code == Exit.DONE, told.err
    # the graph has more to say; there is a source more; nothing is said of projects
    assert Counter(fake.actions) == {"editResourceMetadata": 2, "addDataset": 1, "addResourceMetadata": 3}
    changed = {
        fake.resources[uri]["resource_url"].rpartition("/")[2] for uri in before if before[uri] != fake.resources[uri]
    }
    assert changed <= {"graph.csv", "graph.ttl"}
    edited = {post["resource_uri"] for action, post in fake.asked if action == "editResourceMetadata"}
    assert {fake.resources[uri]["resource_url"].rpartition("/")[2] for uri in edited} == {"graph.csv", "graph.ttl"}


def test_another_description_is_an_edit_of_the_dataset_alone(
    home: Path, plan: Path, fake: Fake, tmp_path: Path
) -> None:
    publish(home, plan, fake)
    other = tmp_path / "other.yaml"
    text = plan.read_text(encoding="utf-8")
    assert "докъде е стигнало" in text
    other.write_text(text.replace("докъде е стигнало", "докъде е стигнато"), encoding="utf-8")
    fake.asked.clear()
    publish(home, other, fake)
    ((action, post),) = fake.asked
    assert action == "editDataset"
    assert "докъде е стигнато" in fake.sets[post["dataset_uri"]]["description"]


def test_rows_are_sent_on_request_and_again_when_they_change(
    home: Path, plan: Path, fake: Fake, tmp_path: Path
) -> None:
    assert publish(home, plan, fake, "--with-data").code == Exit.DONE
    assert Counter(fake.actions)["addResourceData"] == DATASETS - 1
    (uri,) = [one["uri"] for one in fake.resources.values() if one["name"] == "Целият граф – данните в портала"]
    assert fake.resources[uri]["type"] == 1
    assert fake.rows[uri][0][:2] == ["id", "type"]
    file = tmp_path / "small.yaml"
    file.write_text(SMALL, encoding="utf-8")
    run("load", "--bare", file, home=home)
    fake.asked.clear()
    publish(home, plan, fake, "--with-data")
    assert [post["resource_uri"] for action, post in fake.asked if action == "updateResourceData"] == [uri]
    assert any("НДЕФ" in row for row in fake.rows[uri])
    fake.asked.clear()
    publish(home, plan, fake)
    assert not fake.asked


@pytest.mark.parametrize("at", [1, 2, ALL])
@pytest.mark.parametrize("day", ["refuse", "drop", "page", "move"])
def test_a_failure_in_the_middle_is_gone_on_from(home: Path, plan: Path, fake: Fake, day: str, at: int) -> None:
    fake.bad[at] = day
    told = publish(home, plan, fake)
    assert told.code == Exit.SURROUNDINGS, told.out
    assert f"Направени заявки: {at - 1}, остават: {ALL - at + 1}" in " ".join(told.err.split())
    assert len(fake.asked) == at
    fake.bad.clear()
    assert publish(home, plan, fake).code == Exit.DONE
    names = Counter(one["name"] for one in fake.sets.values())
    assert (len(names), names.most_common(1)[0][1]) == (DATASETS, 1)
    assert len(fake.resources) == RESOURCES
    listed = Counter(fake.actions)["listDatasets"] + Counter(fake.actions)["listResources"]
    assert listed == (0 if day == "refuse" else 1)
    assert "nothing changed" in publish(home, plan, fake).out


def test_what_the_portal_complains_of_is_told_in_bulgarian(home: Path, plan: Path, fake: Fake) -> None:
    fake.bad[1] = "refuse"
    told = " ".join(publish(home, plan, fake).err.split())
    assert "порталът казва: Възникна грешка при добавяне на набор от данни." in told
    assert "category_id (раздел): Невалиден раздел." in told


def test_what_was_deleted_there_is_told_with_what_to_do(home: Path, plan: Path, fake: Fake) -> None:
    publish(home, plan, fake)
    fake.resources.clear()
    fake.sets.clear()
    told = publish(home, _other(plan, home), fake)
    assert told.code == Exit.SURROUNDINGS
    assert "ако е изтрит в портала" in " ".join(told.err.split())


def _other(plan: Path, folder: Path) -> Path:
    path = folder / "other.yaml"
    path.write_text(plan.read_text(encoding="utf-8").replace("докъде", "до къде"), encoding="utf-8")
    return path


def test_a_dry_run_sends_nothing_needs_no_key_and_says_what_is_missing(
    home: Path, fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KG_EGOV_KEY")
    monkeypatch.setattr("socket.socket.connect", _never)
    out = tmp_path / "out"
    words = ("publish", "--target", "data.egov.bg", "--dry-run", "--out", out)
    told = run(*words, home=home)
    assert told.code == Exit.DONE, told.err
    said = " ".join(told.err.split())
    assert "За попълване: catalogue.yaml, portals: data.egov.bg: organisation" in said
    assert "http://localhost:8000 е достъпен само на тази машина" in said
    index = json.loads((out / "index.json").read_text(encoding="utf-8"))
    names = [one["file"] for one in index["requests"]]
    assert sorted(names) == names
    assert {*names, "index.json"} == {path.name for path in out.iterdir()}
    first = json.loads((out / names[0]).read_text(encoding="utf-8"))
    assert index["requests"][0]["address"] == "https://data.egov.bg/api/addDataset"
    assert index["requests"][0]["method"] == "POST"
    assert index["requests"][0]["why"]["bg"]
    assert first["data"]["name"] == "Целият граф"
    assert "org_id" not in first["data"]
    assert "api_key" not in first
    assert len(index["missing"]) == 2
    assert not (home / "portals" / "data.egov.bg.json").exists()
    (out / names[0]).write_text("{}", encoding="utf-8")
    assert run(*words, home=home).code == Exit.DONE
    assert json.loads((out / names[0]).read_text(encoding="utf-8")) == first


def _never(*_: object) -> None:
    raise AssertionError("a connection was tried")


def test_requests_are_not_written_among_other_files(home: Path, plan: Path, fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "001-thesis.json").write_text("{}", encoding="utf-8")
    told = publish(home, plan, fake, "--dry-run", "--out", tmp_path / "mine")
    assert told.code == Exit.USAGE
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["001-thesis.json"]


def test_without_a_key_it_says_what_to_do(home: Path, plan: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        monkeypatch.delenv("KG_EGOV_KEY", raising=False) if value is None else monkeypatch.setenv("KG_EGOV_KEY", value)
        told = publish(home, plan, fake)
        assert told.code == Exit.USAGE
        assert "KG_EGOV_KEY" in told.err
        assert "Няма ключ" in told.err
    assert not fake.asked


def test_a_wrong_key_is_told_and_nothing_is_remembered(
    home: Path, plan: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_EGOV_KEY", "another-key-altogether")
    told = publish(home, plan, fake)
    assert told.code == Exit.USAGE
    assert "не приема ключа" in " ".join(told.err.split())
    assert "another-key" not in told.out + told.err
    assert known(home, fake) == {}


def test_a_malformed_key_is_not_shown(home: Path, plan: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_EGOV_KEY", f"{KEY} and a space")
    told = publish(home, plan, fake)
    assert told.code == Exit.USAGE
    assert "KG_EGOV_KEY" in told.err


def test_nothing_is_sent_while_something_is_missing(home: Path, fake: Fake) -> None:
    told = publish(home, resources.CATALOGUE, fake)
    assert told.code == Exit.USAGE
    assert "organisation" in told.err
    assert not fake.asked


@pytest.mark.parametrize("day", ["echo", "drop", "page", "move", "refuse"])
def test_the_key_is_in_no_error(fake: Fake, day: str) -> None:
    fake.bad[1] = day
    with pytest.raises(KgError) as caught:
        Portal(fake.url, SecretStr(KEY)).post("addDataset", {"data": {"name": "x"}})
    whole = "".join(traceback.format_exception(caught.value))
    assert KEY not in whole + repr(caught.value.messages)
    assert caught.value.__context__ is None
    assert len(fake.asked) == 1  # nobody was followed


@pytest.mark.parametrize(
    "address", ["http://data.egov.bg/api", "https://me:pw@data.egov.bg/api", "ftp://x", "", "https://"]
)
def test_a_key_goes_to_https_or_to_this_machine(address: str) -> None:
    with pytest.raises(ParameterError):
        checked(address)


@pytest.mark.parametrize("address", ["https://data.egov.bg/api/", "http://127.0.0.1:1/api", "http://localhost/api"])
def test_such_addresses_are_fine(address: str) -> None:
    assert checked(address) == address.rstrip("/")


def test_another_portal_is_refused(home: Path, plan: Path, fake: Fake) -> None:
    told = run("publish", "--target", "data.europa.eu", "--plan", plan, home=home)
    assert told.code == Exit.USAGE
    assert "data.egov.bg" in told.err


def test_a_licence_taken_back_and_a_dataset_gone_are_for_a_person(
    home: Path, plan: Path, fake: Fake, tmp_path: Path
) -> None:
    publish(home, plan, fake)
    whole = yaml.safe_load(plan.read_text(encoding="utf-8"))
    whole["datasets"] = [one for one in whole["datasets"] if one["slug"] != "projects"]
    whole["datasets"][-1]["licence"] = None
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    told = " ".join(publish(home, other, fake).err.split())
    assert "projects: вече го няма в каталога" in told
    assert "vocabulary: лиценз вече не се твърди" in told


def test_what_is_remembered_and_cannot_be_read_stops_it(home: Path, plan: Path, fake: Fake) -> None:
    (home / "portals").mkdir()
    (home / "portals" / "data.egov.bg.json").write_text("[", encoding="utf-8")
    told = publish(home, plan, fake)
    assert told.code == Exit.SURROUNDINGS
    assert "повреден" in told.err
    assert not fake.asked
