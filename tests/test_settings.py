"""What the surroundings may say, and how it is told when they say it wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from kg.settings import Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
UNITS: dict[object, tuple[str, ...]] = {
    float: ("seconds",),
    int: ("bytes", "days", "processes", "triples", "statements", "queries"),
    bool: ("on or off",),
}


def test_every_setting_says_its_unit() -> None:
    for name, field in Settings.model_fields.items():
        told = field.description or ""
        kinds = UNITS.get(field.annotation, ("path:", "address:", "name:", "text:", "comma list of"))
        assert told.startswith(kinds), f"{name}: {told}"


def test_the_readme_lists_every_setting_and_no_other() -> None:
    listed = set(re.findall(r"`KG_([A-Z_]+)`", README))
    assert listed == {name.upper() for name in Settings.model_fields}


def test_the_readme_tells_the_defaults() -> None:
    seen = 0
    for names, defaults in re.findall(r"^\| (`KG_[^|]*) \| ([^|]*) \|", README, re.MULTILINE):
        told = [one.strip("` ") for one in defaults.split(",")]
        for name, default in zip(re.findall(r"`KG_([A-Z_]+)`", names), told, strict=True):
            meant = Settings.model_fields[name.lower()].default
            if isinstance(meant, int | float) and not isinstance(meant, bool):
                power = re.fullmatch("2([⁰¹²³⁴-⁹]+)", default)
                told_of = (
                    2 ** int(power[1].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))) if power else float(default)
                )
                assert told_of == meant, name
                seen += 1
    assert seen > 20


@pytest.mark.parametrize("listed", ["", " ", "10.0.0.2", "10.0.0.2, 10.1.0.0/16", "::1,fd00::/8,"])
def test_proxies_are_addresses_and_networks(listed: str) -> None:
    assert Settings(proxies=listed).proxies == listed


@pytest.mark.parametrize(
    "listed", ["proxy", "10.0.0", "10.0.0.2;10.0.0.3", "10.0.0.2/99", "10.0.0.1/24", "*", "http://10.0.0.2"]
)
def test_what_is_no_address_is_refused_in_both_languages(listed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(proxies=listed)
    (error,) = caught.value.errors()
    assert "is no IP address" in error["msg"] and "не е IP адрес" in error["ctx"]["bg"]


@pytest.mark.parametrize("token", ["a b", "тайна", "x\n", "x" * 1025])
def test_a_token_that_no_client_can_send_is_refused(token: str) -> None:
    with pytest.raises(ValidationError):
        Settings(token=token)


@pytest.mark.parametrize("token", [None, "", "short", "!" + "~" * 100])
def test_any_other_token_is_taken(token: str | None) -> None:
    assert Settings(token=token).token == token


def test_the_base_has_no_final_slash() -> None:
    assert Settings(base="https://data.ruse.bg/").base == "https://data.ruse.bg"
    assert Settings(base="").base is None
