"""`hwflow watch` on a bus of 500 kbit/s that is never idle: frames that were dropped, and how long verdicts took.

python benchmarks/watch.py DIR [--port sim]     DIR: a project of `hwflow train can-ids`, its profile beside it

Three logs, played at their own pace: the generator's traffic with a flood that leaves no gap, a third of whose frames are
alarms at least; frames without data, which are the most that a bus can carry; and the first as fast as it goes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hwflow.apps.can_ids.attacks import Burst, inject
from hwflow.apps.can_ids.bus import frame_seconds
from hwflow.apps.can_ids.dataset import GENERATED_SECONDS
from hwflow.apps.can_ids.frame import DOS, CanLog
from hwflow.apps.can_ids.vehicle import generate

HEADS = ("bus", "frames", "frames/s", "alarms", "dropped", "median µs", "99 % µs", "longest ms")


def flooded(seconds: float) -> CanLog:
    """The car of the training's seed 0, and identifier 000 whenever the bus would be free."""
    benign = generate(0, GENERATED_SECONDS)
    benign = benign.take(benign.time < seconds)
    flood = Burst(DOS, 0.0, seconds, 0, np.full((1, 8), 7, dtype=np.uint8))
    return inject(benign, (flood,), np.random.default_rng(0))


def empty(seconds: float, like: CanLog) -> CanLog:
    """Frames of the same identifiers without data, one behind the other."""
    step = float(frame_seconds(np.zeros(1, np.uint8), np.zeros(1, np.bool_))[0])
    n = int(seconds / step)
    log = like.take(np.arange(n) % len(like))
    return replace(
        log,
        time=np.arange(1, n + 1, dtype=np.float64) * step,
        dlc=np.zeros(n, np.uint8),
        payload=np.zeros((n, 8), np.uint8),
    )


def write(path: Path, log: CanLog) -> Path:
    frames = zip(log.time.tolist(), log.identifier.tolist(), log.dlc.tolist(), log.payload, strict=True)
    path.write_text(
        "".join(f"({time:.6f}) can0 {key:03X}#{bytes(data[:dlc]).hex().upper()}\n" for time, key, dlc, data in frames)
    )
    return path


def watched(project: Path, bus: str, port: str | None) -> dict[str, Any]:
    more = ["--port", port] if port else []
    command = [sys.executable, "-m", "hwflow", "watch", str(project), "--bus", bus, "--json", *more]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    record: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return record


def row(name: str, record: dict[str, Any]) -> tuple[str, ...]:
    latency = record["latency"]
    alarms = record["frames"] - record["classes"]["normal"]
    figures = (record["frames"], record["frames"] / record["seconds"], alarms, record["dropped"], latency["median"], latency["p99"],
               latency["longest"] / 1000)  # fmt: skip
    return name, *(f"{figure:,.0f}" for figure in figures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each bus")
    parser.add_argument("--port", help="as of hwflow watch")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        full = flooded(options.seconds)
        flood, short = (
            write(Path(scratch) / "flood.log", full),
            write(Path(scratch) / "short.log", empty(options.seconds, full)),
        )
        rows = [
            row(name, watched(options.project, f"log:{path}{pace}", options.port))
            for name, path, pace in (
                ("full, 8 bytes mostly", flood, "@1"),
                ("full, no data", short, "@1"),
                ("as fast as it goes", flood, ""),
            )
        ]
    widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
    for line in (HEADS, *rows):
        print("  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
