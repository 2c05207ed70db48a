"""The tutorials as notebooks, every cell executed, in a folder of their own; and how long the first one is."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TUTORIALS = sorted((ROOT / "docs/tutorials").glob("*.md"))
NEEDS = {"own-model": ("torch", "brevitas", "sklearn")}
MINUTES = 3


def test_from_start_to_accuracy_in_25_lines() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/tutorials/own-model.md").read_text(), re.M | re.S)
    used: list[str] = []
    for block in blocks:
        used += [line for line in block.splitlines() if line.strip()]
        if "accuracy" in block:
            break
    assert 15 < len(used) <= 25


@pytest.mark.slow
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_every_cell_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [name for name in ("jupytext", "nbclient", *NEEDS.get(path.stem, ())) if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")
    import jupytext
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = jupytext.read(path)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells
    NotebookClient(
        notebook, timeout=MINUTES * 60, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    said = "".join(
        output.get("text", "") for cell in cells for output in cell.outputs if output.output_type == "stream"
    )
    wanted = {
        "own-model": r"9\d\.\d% of 169 held-out patients on the simulated board\n(.|\n)*\n0 values of the RTL differ",
        "spiking-net": r"compared, 0 differ",
        "can-log": r"frames, 128 features",
    }
    assert re.search(wanted[path.stem], said), said
