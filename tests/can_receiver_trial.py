"""The program of tests/rtl/can/receiver.cpp: hwf_can_rx in Verilator on much traffic at random, and its counts.

Whole volume: `python benchmarks/can_receiver.py`.
"""

import json
import subprocess
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from hwflow.paths import data_folder
from hwflow.tool.verilator import Model, build_model

MAIN = Path(__file__).resolve().parent / "rtl" / "can" / "receiver.cpp"
TOP = "hwf_can_rx"
FILES = ("hwf_can", "hwf_can_crc", "hwf_can_destuff", "hwf_can_rx", "hwf_can_timing")
KINDS = ("base data frames", "extended data frames", "remote frames", "FD frames", "overload frames", "broken off")


def build_receiver() -> Path:
    """The program."""
    rtl = data_folder("rtl")
    headers = tuple(sorted((rtl / "sim").glob("can_*.h")))
    read = {f"{name}.sv": (rtl / "can" / f"{name}.sv").read_bytes() for name in FILES}
    return build_model(Model(read, TOP, MAIN, headers=headers))


def run(program: Path, mode: str, frames: int, seed: int, *numbers: float) -> str:
    """What it writes: see the head of the program."""
    command = [str(program), mode, str(frames), str(seed), *map(str, numbers)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def on_a_wire(program: Path, frames: int, seed: int, flips: float, percent: float = 0.5) -> dict[str, int]:
    """One sender. flips: the probability that a bit is flipped; percent: how far each of the two clocks is off at most."""
    counts: dict[str, int] = json.loads(run(program, "wire", frames, seed, flips, percent))
    return counts


class Trouble(StrEnum):
    """What happens on a bus: bits are flipped, or for an eighth of their time, the device strikes frames, the bus is stuck."""

    FLIPS = "bus"
    NOISE = "noise"
    STRIKES = "strikes"
    STUCK = "stuck"


def on_a_bus(
    program: Path, frames: int, seed: int, trouble: Trouble = Trouble.FLIPS, mean: float = 0, percent: float = 0.5
) -> dict[str, int]:
    """Four nodes that contend for the bus. mean: bit times from one fault to the next, on average; 0: there is none."""
    counts: dict[str, int] = json.loads(run(program, trouble, frames, seed, mean, percent))
    return counts


def wrong(counts: Mapping[str, int]) -> dict[str, int]:
    """What must be zero on a wire: frames lost and invented, and stretches of traffic that were told otherwise."""
    return {name: counts[name] for name in ("lost", "invented", "different")}
