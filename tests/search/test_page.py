"""The page of the front: nothing to load, small, and in a browser its dots tell their choices."""

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest
from reports.test_layout import QUIET
from reports.test_layout import chromium as chromium
from search.plans import plan_of

from hwflow.evaluation import Evaluation
from hwflow.search.hardware import Hardware
from hwflow.search.page import render, shown_of
from hwflow.search.result import Found, OnTestPart, Point

# Points at the first dot of the front, and puts what is told, and the widths, where --dump-dom shows them.
HOVER = """<script>onload = () => {
  const dot = document.querySelector("#by-luts circle.best"), place = dot.getBoundingClientRect();
  dot.dispatchEvent(new MouseEvent("mousemove", {clientX: place.left, clientY: place.top, bubbles: true}));
  const told = document.getElementById("told"), root = document.documentElement;
  root.dataset.told = told.hidden ? "" : told.textContent;
  root.dataset.widths = innerWidth + " " + root.scrollWidth;
};</script>"""


def found_of(trials: int) -> Found:
    evaluation = Evaluation("integers", ("a", "b"), ((9, 1), (0, 10)))
    points = tuple(
        Point(f"{trial}.0", trial, {"width": trial, "name": "<b>&"},
              {"accuracy": 0.5 + trial / (4 * trials), "worst-class": 0.5, "luts": 1000.0 + 5 * trial, "brams": 3, "latency": 1.0 + trial, "rate": 1e6},
              Hardware("{}", 1000, 900, 3, 7, 70), evaluation, "digest", "key")
        for trial in range(trials)
    )  # fmt: skip
    importances = {"accuracy": {"width": 0.75, "bits": 0.25}}
    return Found("</script>mine", "study.journal", plan_of(trials=trials), trials, 0, {"hopeless": 2}, {"It <raised>": 1}, points[:9], points,
                 importances, 1.5, 1.0, 0, (OnTestPart("1.0", evaluation),))  # fmt: skip


def test_it_loads_nothing_and_names_are_escaped() -> None:
    page = render(found_of(20))
    assert not re.search(r"(src|href)=\"?(https?:)?//|@import|url\(", page)
    assert "</script>mine" not in page and "It &lt;raised&gt;" in page and "<b>&" not in page
    assert "95.000%" in page and "The test part" not in page.replace("On the test part, computed once", "")
    assert "No point has been judged on the test part" in render(dataclasses.replace(found_of(20), tested=()))


def test_the_page_of_a_large_study_is_small() -> None:
    found = found_of(20_000)
    assert len(shown_of(found)) == 4_000 and len(render(found).encode()) < 2 << 20


@pytest.mark.slow
@pytest.mark.parametrize("width", [500, 1280])
def test_a_dot_tells_its_choices(chromium: str, tmp_path: Path, width: int) -> None:
    path = tmp_path / "front.html"
    path.write_text(render(found_of(40)) + HOVER)
    options = (f"--window-size={width},900", f"--user-data-dir={tmp_path / 'chromium'}", "--dump-dom", path.as_uri())
    page = subprocess.run([chromium, *QUIET, *options], capture_output=True, text=True, timeout=120, check=True).stdout
    told = re.search(r'data-told="([^"]*)"', page)
    assert (
        told
        and told[1].startswith("Point 0.0accuracy 50.000%")
        and "width 0, name <b>&amp;" in told[1].replace("&lt;", "<").replace("&gt;", ">")
    )
    assert page.count("<circle") == 80 and page.count('class="best"') == 18
    assert page.count('class="room"') == 1 and "room of arty-a7-35t" in page
    inner, needed = map(int, re.findall(r'data-widths="(\d+) (\d+)"', page)[0])
    assert needed <= inner
