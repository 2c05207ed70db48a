"""The page: well formed, nothing to load, names escaped, every section there."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hwflow.quantised.backend.design import Design
from hwflow.quantised.report.sections import SECTIONS
from hwflow.reports import make_report
from hwflow.reports.sections import COMMON

VOID = {"meta", "br", "link", "img"}
HOSTILE = "</style><script>alert('x')</script>\"' $(touch x) {{ 7 * 7 }}"


class Page(HTMLParser):
    """Elements and text of a page; fails on tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def html(demo: Path, tmp_path: Path) -> str:
    make_report([demo / "icebreaker", demo / "ulx3s-85f"], tmp_path / "report.html")
    return (tmp_path / "report.html").read_text()


def test_the_page_loads_nothing_and_runs_nothing(html: str) -> None:
    page = Page(html)
    assert not page.all("script") and not page.all("link") and not page.all("img") and not page.all("iframe")
    for _, attributes in page.elements:
        assert "src" not in attributes and not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
    style = html[html.index("<style>") : html.index("</style>")]
    assert "@import" not in style and "url(" not in style
    assert "http" not in html


def test_drawings_are_well_formed_and_described(html: str) -> None:
    pieces = html.split("<svg")[1:]
    assert len(pieces) > 4
    for piece in pieces:
        root = ElementTree.fromstring("<svg" + piece[: piece.index("</svg>")] + "</svg>")
        assert root.get("aria-hidden") == "true" or (root.get("role") == "img" and root.get("aria-label"))


def test_links_within_the_page_lead_somewhere(html: str) -> None:
    page = Page(html)
    ids = Counter(attributes["id"] for _, attributes in page.elements if attributes.get("id"))
    assert max(ids.values()) == 1
    targets = {attributes["href"] for attributes in page.all("a")}
    assert targets and all(target and target[1:] in ids for target in targets)
    assert {section.key for section in (*SECTIONS, *COMMON)} <= set(ids)


def test_headers_of_tables_say_what_they_head(html: str) -> None:
    page = Page(html)
    assert all(attributes.get("scope") in {"row", "col"} for attributes in page.all("th"))
    assert all(attributes.get("lang") == "en" for attributes in page.all("html"))


def test_both_boards_are_named_and_training_shown_once(html: str) -> None:
    text = Page(html).text
    assert text.count("icebreaker") >= 2 and text.count("ulx3s-85f") >= 2
    assert sum(entry.startswith("2-bit MLP: confusion matrix") for entry in text) == 1


def test_what_was_tried_is_told(demo: Path, tmp_path: Path) -> None:
    make_report([demo / "icebreaker"], tmp_path / "one.html")
    text = " ".join(Page((tmp_path / "one.html").read_text()).text)
    assert "What was built within" in text and "seed 1, -device u" in text
    assert all(
        f"{clock} MHz {became}" in text for clock, became in (("23.9", "met"), ("24.6", "chosen"), ("9.7", "missed"))
    )
    assert "no build" in text
    (demo / "icebreaker" / "effort.json").unlink()
    make_report([demo / "icebreaker"], tmp_path / "one.html")
    assert "What was built within" not in (tmp_path / "one.html").read_text()


def test_the_same_records_give_the_same_page(demo: Path, tmp_path: Path, html: str) -> None:
    make_report([demo / "icebreaker", demo / "ulx3s-85f"], tmp_path / "again" / "report.html")
    assert (tmp_path / "again" / "report.html").read_text() == html


def test_names_are_shown_and_do_nothing(
    design: Design, save_design: Callable[[Path, Design], None], tmp_path: Path
) -> None:
    first = dataclasses.replace(design.layers[0], name=HOSTILE)
    hostile = dataclasses.replace(design, network=HOSTILE, layers=(first, *design.layers[1:]))
    save_design(tmp_path / "p", hostile)
    make_report([tmp_path / "p"], tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text()
    page = Page(html)
    assert not page.all("script") and html.count("</style>") == 1
    assert any(HOSTILE in entry for entry in page.text)


def test_what_is_not_there_names_the_command_that_makes_it(
    design: Design, save_design: Callable[[Path, Design], None], tmp_path: Path
) -> None:
    save_design(tmp_path / "p", design)
    report = make_report([tmp_path / "p"], tmp_path / "report.html")
    (column,) = report.columns
    assert "quality" in column.missing and "net" in column.sections
    text = Page((tmp_path / "report.html").read_text()).text
    for command in column.missing.values():
        assert command.startswith("hwflow ") and command in text
