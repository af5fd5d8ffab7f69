"""Reference data: territory, programmes, and the register table that refers to them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

DATA = Path(__file__).resolve().parents[2] / "data"
REFERENCE = DATA / "reference"
ID = re.compile(r"[a-z-]+/[a-z0-9-]{1,60}")

Row = dict[str, str]


def table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def document(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


MUNICIPALITIES = table(REFERENCE / "municipalities.csv")
TERRITORIES = table(REFERENCE / "municipality-territories.csv")
PROVINCES = table(REFERENCE / "provinces.csv")
REGIONS: list[dict[str, Any]] = document(REFERENCE / "countries-regions.yaml")["entries"]
INTERREG = table(REFERENCE / "interreg-programmes.csv")
PROGRAMMES: list[dict[str, Any]] = document(REFERENCE / "eu-programmes.yaml")["entries"]
CONTRACTS = table(DATA / "ruse" / "eu-projects.csv")
COLUMNS: dict[str, Any] = document(DATA / "ruse" / "eu-projects.columns.yaml")

# NUTS 3 of the province, by the first three letters of the municipality's code
NUTS3 = {
    "VID": "bg311", "MON": "bg312", "VRC": "bg313", "PVN": "bg314", "LOV": "bg315",
    "VTR": "bg321", "GAB": "bg322", "RSE": "bg323", "RAZ": "bg324", "SLS": "bg325",
    "VAR": "bg331", "DOB": "bg332", "SHU": "bg333", "TGV": "bg334",
    "BGS": "bg341", "SLV": "bg342", "JAM": "bg343", "SZR": "bg344",
    "SOF": "bg411", "SFO": "bg412", "BLG": "bg413", "PER": "bg414", "KNL": "bg415",
    "PDV": "bg421", "HKV": "bg422", "PAZ": "bg423", "SML": "bg424", "KRZ": "bg425",
}  # fmt: skip


def ids() -> list[str]:
    rows = chain(MUNICIPALITIES, TERRITORIES, PROVINCES, REGIONS, INTERREG, PROGRAMMES)
    return [row["id"] for row in rows]


def by_id(rows: list[Row]) -> dict[str, Row]:
    return {row["id"]: row for row in rows}


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def test_counts() -> None:
    assert (len(MUNICIPALITIES), len(TERRITORIES), len(PROVINCES)) == (265, 265, 28)
    kinds = Counter((row["kind"], len(row["nuts"])) for row in REGIONS)
    assert kinds == {("country", 2): 3, ("region", 3): 2, ("region", 4): 6}
    assert (len(INTERREG), len(PROGRAMMES), len(CONTRACTS)) == (11, 21, 200)


def test_ids_are_unique_and_well_formed() -> None:
    assert [iri for iri, times in Counter(ids()).items() if times > 1] == []
    assert [iri for iri in ids() if not ID.fullmatch(iri)] == []


def test_every_reference_is_described() -> None:
    known = set(ids())
    rows = chain(MUNICIPALITIES, TERRITORIES, PROVINCES, REGIONS, INTERREG, PROGRAMMES)
    referred = {
        target
        for row in rows
        for field in ("isPartOf", "jurisdiction", "spatial")
        for target in row.get(field, "").split(";")
        if target
    }
    assert referred - known == set()


def test_everything_is_named_in_both_languages() -> None:
    for row in chain(MUNICIPALITIES, TERRITORIES, PROVINCES):
        assert row["name.bg"], row["id"]
        assert row["name.en"], row["id"]
        assert row["name.en"].isascii(), row["id"]
    assert all(row["title.bg"] and row["title.en"] for row in INTERREG)
    assert all(entry["title"].keys() == {"bg", "en"} for entry in PROGRAMMES)
    assert all(entry["name"].keys() == {"bg", "en"} for entry in REGIONS)


def test_authority_and_territory_share_the_code_and_are_two() -> None:
    for authority, territory in zip(MUNICIPALITIES, TERRITORIES, strict=True):
        code = authority["lau"]
        assert re.fullmatch(r"[A-Z]{3}\d{2}", code)
        assert authority["id"] == f"municipality/{code.lower()}"
        assert authority["jurisdiction"] == territory["id"] == f"place/{code.lower()}"
        assert territory["lau"] == code


def test_nuts_agrees_with_the_municipality_code() -> None:
    for territory in TERRITORIES:
        assert territory["isPartOf"] == f"place/{NUTS3[territory['lau'][:3]]}", territory["id"]
    assert {row["id"] for row in PROVINCES} == {f"place/{code}" for code in NUTS3.values()}


def test_nuts_codes_nest() -> None:
    for row in PROVINCES:
        assert row["id"] == f"place/{row['nuts'].lower()}"
        assert row["isPartOf"] == f"place/{row['nuts'][:4].lower()}"
    for entry in REGIONS:
        assert entry["id"] == f"place/{entry['nuts'].lower()}"
        if entry["kind"] == "region":
            assert entry["isPartOf"] == f"place/{entry['nuts'][:-1].lower()}"


def test_ekatte_keeps_its_zeros_and_points_to_one_territory() -> None:
    codes = [row["ekatte"] for row in TERRITORIES if row["ekatte"]]
    assert [code for code in codes if not re.fullmatch(r"\d{5}", code)] == []
    assert len(codes) == len(set(codes)) == 261
    assert sum(code.startswith("0") for code in codes) > 20
    places = by_id(TERRITORIES)
    assert places["place/bgs01"]["ekatte"] == "00151"
    assert places["place/rse27"]["ekatte"] == "63427"


def test_a_seat_in_another_municipality_gives_no_ekatte() -> None:
    without = {row["lau"] for row in TERRITORIES if not row["ekatte"]}
    assert without == {"DOB15", "JAM25", "PDV17", "PDV26"}


def test_namesakes_stay_apart() -> None:
    territories, authorities = by_id(TERRITORIES), by_id(MUNICIPALITIES)
    byala = [row["id"] for row in TERRITORIES if row["name.bg"] == "Бяла"]
    assert sorted(byala) == ["place/rse04", "place/var05"]
    assert territories["place/rse04"]["ekatte"] == "07603"
    assert territories["place/var05"]["ekatte"] == "07598"
    assert authorities["municipality/rse04"]["altName.bg"] == "Община Бяла, област Русе"
    assert authorities["municipality/var05"]["altName.bg"] == "Община Бяла, област Варна"
    assert authorities["municipality/dob28"]["name.bg"] == "Община Добрич"
    assert authorities["municipality/dob15"]["name.bg"] == "Община Добрич-селска"
    assert territories["place/dob28"]["ekatte"] == "72624"


def test_capital_and_province_of_sofia_stay_apart() -> None:
    provinces, territories = by_id(PROVINCES), by_id(TERRITORIES)
    assert provinces["place/bg411"]["name.bg"] == "област София (столица)"
    assert provinces["place/bg412"]["name.bg"] == "област София"
    assert territories["place/sof46"]["isPartOf"] == "place/bg411"
    assert by_id(MUNICIPALITIES)["municipality/sof46"]["name.bg"] == "Столична община"


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("rse27", "Ruse"),
        ("vtr04", "Veliko Tarnovo"),
        ("krz16", "Kardzhali"),
        ("tgv35", "Targovishte"),
        ("knl29", "Kyustendil"),
        ("paz19", "Pazardzhik"),
        ("hkv28", "Svilengrad"),
        ("pvn10", "Dolna Mitropolia"),
        ("pdv33", "Saedinenie"),
        ("dob15", "Dobrich-selska"),
        ("jam25", "Tundzha"),
        ("sof46", "Stolichna"),
    ],
)
def test_names_are_transliterated_by_law(place: str, name: str) -> None:
    assert by_id(TERRITORIES)[f"place/{place}"]["name.en"] == name
    assert by_id(MUNICIPALITIES)[f"municipality/{place}"]["name.en"] == f"{name} Municipality"


def test_interreg_codes_and_periods() -> None:
    assert len({row["keepId"] for row in INTERREG}) == 11
    for row in INTERREG:
        start, end = row["startDate"], row["endDate"]
        assert (start, end) in {("2014", "2020"), ("2021", "2027")}
        assert f"{start}–{end}" in row["title.bg"]
        assert not row["cci"] or re.fullmatch(rf"{start}TC16[A-Z]{{4}}\d{{3}}", row["cci"])
    ruse = {row["id"] for row in INTERREG if "place/bg323" in row["spatial"].split(";")}
    assert ruse == {"programme/interreg-vi-a-romania-bulgaria", "programme/interreg-v-a-romania-bulgaria"}


def titles(entry: dict[str, Any]) -> set[str]:
    return {entry["title"]["bg"], *entry.get("altTitle", {}).get("bg", [])}


def test_programmes_named_by_other_files_are_there() -> None:
    entries = {entry["id"]: entry for entry in PROGRAMMES}
    assert {"programme/nrrp", "programme/uia", "programme/op-good-governance"} <= entries.keys()
    assert entries["programme/eea-culture"]["isPartOf"] == "programme/eea-fm-2014-2021"


def test_every_programme_of_the_register_is_matched_once() -> None:
    names = {row["programme_bg"] for row in CONTRACTS}
    found = {name: [entry["id"] for entry in PROGRAMMES if name in titles(entry)] for name in names}
    assert len(found) == 18
    assert {name: where for name, where in found.items() if len(where) != 1} == {}
    interreg = {row[field] for row in INTERREG for field in ("title.bg", "altTitle.bg")}
    assert names & interreg == set()


def test_programme_code_is_the_start_of_its_contract_numbers() -> None:
    for row in CONTRACTS:
        (entry,) = (entry for entry in PROGRAMMES if row["programme_bg"] in titles(entry))
        if "cci" in entry:
            assert entry["cci"] == entry["startDate"] + row["contract_number"].split("-")[0]


def test_contracts_are_unique_and_make_good_ids() -> None:
    numbers = [row["contract_number"] for row in CONTRACTS]
    assert len(set(numbers)) == 200
    made = {f"project/{slug(number)}" for number in numbers}
    assert len(made) == 200
    assert "project/bg16m1op002-5-004-0012" in made
    assert [iri for iri in made if not ID.fullmatch(iri)] == []


def test_contract_values_add_up() -> None:
    assert sum(Decimal(row["total_eur"]) for row in CONTRACTS) == Decimal("348349762.41")
    assert all(row["title_bg"].strip() for row in CONTRACTS)


def test_every_column_is_mapped_and_no_other() -> None:
    assert CONTRACTS[0].keys() == COLUMNS["columns"].keys()
    assert COLUMNS["source"] == "isun-2020-ruse"


def test_every_status_of_the_register_is_mapped() -> None:
    values = COLUMNS["columns"]["status_bg"]["values"]
    statuses = Counter(values[row["status_bg"]] for row in CONTRACTS)
    assert statuses == {"completed": 129, "running": 48, "signed": 18, "terminated": 5}


def test_only_the_seat_of_ruse_is_matched_by_ekatte() -> None:
    seats = {row["ekatte"]: row["id"] for row in TERRITORIES if row["ekatte"]}
    matched = Counter(seats[row["ekatte"]] for row in CONTRACTS if row["ekatte"] in seats)
    assert matched == {"place/rse27": 142}
    assert sum(not row["ekatte"] for row in CONTRACTS) == 40
