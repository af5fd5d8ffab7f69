"""Known things are found by what people call them; what could be two is told with both."""

from __future__ import annotations

from kg.load.names import LABEL, NOTATION, Named, Names

ORG, PLACE, ANY = frozenset({"Organisation"}), frozenset({"Place"}), frozenset[str]()
NAMES = Names(
    [
        Named("ndef", ORG, "Национален доверителен екофонд"),
        Named("ndef", ORG, "НДЕФ"),
        Named("ndef", ORG, "176789478", NOTATION),
        Named("zora-ruse", ORG, "Читалище „Зора“"),
        Named("zora-sofia", ORG, "читалище Зора"),
        Named("zora-place", PLACE, "Читалище Зора"),
        Named("nothing", ORG, " „“ "),
    ]
)


def test_spellings_of_a_name_meet() -> None:
    for text in ("НДЕФ", "ндеф", " „НДЕФ“ ", "HДEФ"):
        assert NAMES.find(text, ORG) == ("ndef",)
    assert NAMES.find("национален  доверителен еко-фонд", ORG) == ()


def test_a_name_of_two_gives_both_and_the_class_tells_them_apart() -> None:
    assert NAMES.find("Читалище «Зора»", ORG) == ("zora-ruse", "zora-sofia")
    assert NAMES.find("Читалище Зора", PLACE) == ("zora-place",)
    assert NAMES.find("Читалище Зора", ANY) == ("zora-place", "zora-ruse", "zora-sofia")


def test_a_code_is_found_as_a_code_and_not_as_a_label() -> None:
    assert NAMES.find("176789478", ORG) == NAMES.find("176789478", ORG, NOTATION) == ("ndef",)
    assert NAMES.find("176789478", ORG, LABEL) == NAMES.find("НДЕФ", ORG, NOTATION) == ()


def test_an_empty_name_finds_nothing() -> None:
    assert NAMES.find("", ANY) == NAMES.find("„“", ANY) == ()


def test_names_that_look_alike_are_suggested_from_the_right_class() -> None:
    assert NAMES.like("НДЕФФ", ORG) == ("НДЕФ",)
    assert NAMES.like("НДЕФФ", PLACE) == ()
