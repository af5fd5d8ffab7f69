"""pandas: an answer by its address, as a table."""

from __future__ import annotations

import http.client
from urllib.error import HTTPError
from urllib.parse import urlencode

import pandas
import pytest

from tests.clients.questions import BROKEN, FAILING, ROWS, SELECT

NUMBERS = """PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?name ?amount { VALUES (?name ?amount) { ("Русе" 1234.5) ("=2+3" 0.25) ("Бяла" UNDEF) } }"""


def address(endpoint: str, text: str, **parameters: str) -> str:
    return f"{endpoint}?{urlencode({'query': text, **parameters})}"


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_a_table_by_its_address(compression: str | None, endpoint: str) -> None:
    headers = {"Accept-Encoding": compression} if compression else {}
    table = pandas.read_csv(address(endpoint, SELECT, format="csv"), storage_options=headers or None)
    assert list(table.itertuples(index=False, name=None)) == ROWS


def test_a_table_by_its_media_type(endpoint: str) -> None:
    table = pandas.read_csv(address(endpoint, SELECT), storage_options={"Accept": "text/csv"})
    assert list(table.columns) == ["project", "title"]
    assert len(table) == len(ROWS)


def test_numbers_are_numbers(endpoint: str) -> None:
    table = pandas.read_csv(address(endpoint, NUMBERS, format="csv"))
    assert table["amount"].sum() == 1234.75
    assert table["amount"].isna().sum() == 1


def test_a_table_for_a_bulgarian_spreadsheet(endpoint: str) -> None:
    where = address(endpoint, NUMBERS, format="csv", excel="bg")
    table = pandas.read_csv(where, sep=";", decimal=",", encoding="utf-8-sig")
    assert list(table["name"]) == ["Русе", "'=2+3", "Бяла"]
    assert table["amount"].sum() == 1234.75


def test_json_results_as_a_table(endpoint: str) -> None:
    answer = pandas.read_json(address(endpoint, SELECT, format="json"), typ="series")
    table = pandas.json_normalize(answer["results"]["bindings"])
    assert list(zip(table["project.value"], table["title.value"], strict=True)) == ROWS


def test_it_raises_for_a_broken_query(endpoint: str) -> None:
    with pytest.raises(HTTPError, match="400"):
        pandas.read_csv(address(endpoint, BROKEN, format="csv"))


def test_it_raises_when_an_answer_breaks_off(endpoint: str) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        pandas.read_csv(address(endpoint, FAILING, format="csv"))
