"""The images are pinned, run the same set-up as any machine, copy only what is there, and find the user's Vivado."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {"FROM", "RUN", "USER", "WORKDIR", "COPY", "CMD", "ENV", "ENTRYPOINT"}


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "docker/Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined.splitlines()]


def of(instructions: list[tuple[str, str]], kind: str) -> list[str]:
    return [rest for word, rest in instructions if word == kind]


def test_every_instruction_is_one(instructions: list[tuple[str, str]]) -> None:
    assert {word for word, _ in instructions} <= KNOWN and instructions[0][0] == "FROM"


def test_the_base_is_pinned(instructions: list[tuple[str, str]]) -> None:
    base, built_on_it = of(instructions, "FROM")
    assert re.fullmatch(r"debian:12\.\d+-slim AS ci", base) and built_on_it == "ci AS finn"


def test_what_is_copied_is_there(instructions: list[tuple[str, str]]) -> None:
    for rest in of(instructions, "COPY"):
        words = [word for word in rest.split() if not word.startswith("--")]
        assert all((ROOT / source).exists() for source in words[:-1]), rest


def test_it_installs_what_set_up_asks_for_and_runs_it(instructions: list[tuple[str, str]]) -> None:
    runs = of(instructions, "RUN")
    assert all(re.search(rf"\b{re.escape(package)}(\s|$)", runs[0]) for package in ("g++", "make", "python3-venv"))
    assert "make setup" in runs
    assert json.loads(of(instructions, "CMD")[0]) == ["bash", ".ci/run"]
    assert (ROOT / ".ci/run").is_file()


def test_neither_image_runs_as_root(instructions: list[tuple[str, str]]) -> None:
    second = [word for word, _ in instructions].index("FROM", 1)
    for stage in (instructions[:second], instructions[second:]):
        assert of(stage, "USER")[-1] == "hwflow"


def with_vivado(xilinx: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    words = ["bash", str(ROOT / "docker/with-vivado"), *command]
    return subprocess.run(
        words, env=os.environ | {"XILINX": str(xilinx)}, capture_output=True, text=True, check=False, timeout=30
    )


def test_the_newest_vivado_and_its_vitis_are_found(tmp_path: Path) -> None:
    xilinx = tmp_path / "the user's tools"
    for place in ("Vivado/2022.2", "Vivado/2024.2", "Vitis/2024.2", "Vitis_HLS/2022.2"):
        (xilinx / place).mkdir(parents=True)
        # As AMD's scripts do, it reads a variable that may not be set.
        (xilinx / place / "settings64.sh").write_text(f'export FOUND="$FOUND {place}"\n')
    done = with_vivado(xilinx, "sh", "-c", 'echo "$FOUND"; exit 5')
    assert (done.returncode, done.stdout.split()) == (5, ["Vivado/2024.2", "Vitis/2024.2"])


def test_without_vivado_it_says_how_to_mount_it(tmp_path: Path) -> None:
    (tmp_path / "Vivado").mkdir()
    for xilinx in (tmp_path, tmp_path / "nowhere"):
        done = with_vivado(xilinx, "true")
        assert done.returncode == 3 and done.stderr.startswith(f"No Vivado under {xilinx}; mount")
