"""The page in a browser, on a phone and on a desk, light and dark: nothing is wider than the screen."""

import dataclasses
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import pytest

from hwflow.quantised.report.records import RunRecord, SimulationRecord
from hwflow.reports import make_report
from hwflow.tool.build import BUILD, Build
from hwflow.tool.nextpnr import Use

QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
# A window is never narrower than 500 pixels, but a frame in it is; its media queries see the frame.
FRAME = """<!doctype html><style>:root { color-scheme: light dark; } body { margin: 0; } iframe { border: 0; width: %dpx; height: 2000px; }</style>
<iframe srcdoc="%s"></iframe>
<script>
onload = () => {
  const within = document.querySelector("iframe").contentWindow, root = within.document.documentElement;
  for (const part of within.document.querySelectorAll("details")) part.open = true;
  const colour = within.getComputedStyle(within.document.body).backgroundColor;
  document.documentElement.dataset.measured = [within.innerWidth, root.scrollWidth, colour].join("; ");
};
</script>"""
SCHEMES = {"light": ("1", "rgb(246, 247, 249)"), "dark": ("0", "rgb(16, 19, 23)")}


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no chromium is on PATH")
    return found


@pytest.fixture
def page(demo: Path) -> Path:
    """Of three boards: one with everything, one with everything but a larger net, one whose build did not finish."""
    second = demo / "ulx3s-85f"
    digest = make_report([second], demo / "once.html") and _digest(second)
    for record in (
        SimulationRecord.from_folder(demo / "icebreaker"),
        dataclasses.replace(RunRecord.from_folder(demo / "icebreaker"), accuracy=0.9975),
        dataclasses.replace(
            Build.from_folder(demo / "icebreaker"),
            board="ulx3s-85f",
            luts=3456,
            fmax_mhz=71.25,
            utilisation={name: Use(123, 45678) for name in ("TRELLIS_COMB", "TRELLIS_FF", "TRELLIS_IO", "DP16KD")},
        ),
    ):
        dataclasses.replace(record, project=digest).save(second)
    shutil.copytree(second, demo / "third")
    (demo / "third" / BUILD).unlink()
    (demo / "third" / "build").mkdir()
    (demo / "third" / "build" / "steps.json").write_text('{"steps": []}')
    (demo / "icebreaker" / "a wave.vcd").write_text("$end\n")
    make_report([demo], demo / "report.html")
    return demo / "report.html"


def _digest(folder: Path) -> str:
    return re.findall(r'"digest": "(\w+)"', (folder / "project.json").read_text())[0]


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_nothing_is_wider_than_the_screen(chromium: str, page: Path, tmp_path: Path, width: int, scheme: str) -> None:
    preferred, background = SCHEMES[scheme]
    measured = tmp_path / "measured.html"
    measured.write_text(FRAME % (width, escape(page.read_text(), quote=True)))
    options = (
        "--window-size=1400,2000",
        f"--blink-settings=preferredColorScheme={preferred}",
        f"--user-data-dir={tmp_path / 'chromium'}",
    )
    done = subprocess.run(
        [chromium, *QUIET, *options, "--dump-dom", measured.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r'data-measured="(\d+); (\d+); ([^"]*)"', done.stdout)
    assert found, done.stderr
    inner, needed, colour = int(found[1]), int(found[2]), found[3]
    assert inner == width and colour == background
    assert needed <= inner
