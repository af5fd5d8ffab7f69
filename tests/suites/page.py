"""The list of deviations as a page for users; `python -m tests.suites.page` writes it to README.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).parent
NAMES = {
    "protocol": "SPARQL 1.1 Protocol",
    "service-description": "Service Description",
    "gsp": "Graph Store Protocol",
    "gsp-2012": "Graph Store Protocol, tests of 2012",
    "query": "SPARQL 1.1 Query",
    "update": "SPARQL 1.1 Update",
    "sparql10": "SPARQL 1.0",
    "sparql12": "SPARQL 1.2",
}


@dataclass(frozen=True, slots=True)
class Deviation:
    """One cause: what the service does otherwise, why that stays, and the tests that see it, by suite."""

    title: str
    does: str
    stays: str
    tests: Mapping[str, Sequence[str]]


def deviations() -> list[Deviation]:
    with (HERE / "deviations.yaml").open(encoding="utf-8") as file:
        return [Deviation(**one) for one in yaml.safe_load(file)]


def page(found: Sequence[Deviation], sizes: Mapping[str, int]) -> str:
    """The page, with how many tests of each suite pass."""
    return "\n".join(_lines(found, sizes)) + "\n"


def _lines(found: Sequence[Deviation], sizes: Mapping[str, int]) -> Iterator[str]:
    yield "# The W3C suites"
    yield ""
    yield "Run over HTTP against a service that is started with `KG_SUITE_MODE=on` (no gate, no merge, no metadata)."
    yield "This page is written from `deviations.yaml`; the tests see to it that it says what a run says."
    yield ""
    yield "| suite | tests | passed |"
    yield "|---|---:|---:|"
    for suite, size in sizes.items():
        failed = sum(len(one.tests.get(suite, ())) for one in found)
        yield f"| {NAMES[suite]} | {size} | {size - failed} |"
    yield ""
    yield "## Where the service deviates"
    for one in found:
        yield from ("", f"### {one.title}", "", one.does, "", f"*Why it stays:* {one.stays}", "")
        for suite, tests in one.tests.items():
            yield f"- {NAMES[suite]}: {', '.join(f'`{test}`' for test in tests)}"


def main() -> None:
    from tests.suites.test_sparql_conformance import SIZES

    (HERE / "README.md").write_text(page(deviations(), SIZES), encoding="utf-8")


if __name__ == "__main__":
    main()
