"""The search, measured: kills, scaling on PostgreSQL, and what it costs besides training.

kills      trials on digits by two workers, the command killed by SIGKILL at random times and resumed, against one worker that nobody
           kills: trials lost or doubled, and whether the fronts are the same
cost       trials on digits, or another --recipe, by one worker, with its whole training: what the search takes besides training
postgres   four workers on a PostgreSQL of its own, trials that sleep, against one worker: trials a second, without the start of workers
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from postgres_server import programs, server
from run import Row

from hwflow.errors import UserError
from hwflow.progress import silent
from hwflow.search.result import Found
from hwflow.search.run import Place, show
from hwflow.search.store import FrozenTrial

BOARD = "arty-a7-35t"
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 10  # seconds, with a search that was told to end
# Nets that are trained, exported and given hardware in a fraction of a second, since there are many.
SMALL = ("depth=1", "width1=4..32", "weight_bits1=1..4", "weight_bits_last=1..4", "activation_bits1=1..4")

SLEEPING = """
import time
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from brevitas import nn as qnn
from brevitas.quant import Int8WeightPerTensorFloat, Uint8ActPerTensorFloat

from hwflow.search import Between, Trained, Trial


@dataclass(frozen=True)
class Choices:
    width: Annotated[int, Between(2, 4)]
    number: Annotated[int, Between(0, 1000000)]


def make(choices: Choices, trial: Trial) -> Trained:
    time.sleep(SECONDS)
    net = torch.nn.Sequential(
        qnn.QuantIdentity(act_quant=Uint8ActPerTensorFloat, bit_width=2, scaling_impl_type="const", scaling_init=3.0),
        qnn.QuantLinear(3, choices.width, bias=False, weight_quant=Int8WeightPerTensorFloat, weight_bit_width=2),
    )
    x = np.random.default_rng(0).integers(0, 4, (20, 3))
    return Trained(net.eval(), x, x[:, 0] % 2, ("a", "b", "c", "d")[: choices.width])
"""


@contextmanager
def begun(*words: object) -> "Iterator[subprocess.Popen[bytes]]":
    """A search under way; if it is at the end of the block still, it is ended."""
    process = subprocess.Popen([sys.executable, "-m", "hwflow", "search", *map(str, words)], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()  # nothing where it has ended
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:  # it waits for a storage that has ended with this command
            process.kill()
            process.wait()


def search(*words: object) -> None:
    with begun(*words) as process:
        if process.wait():
            raise SystemExit(f"a search ended with {process.returncode}")


def kills(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Undisturbed, and with the command killed; its workers end with it, each in the midst of its trial."""
    trials = options.trials
    narrowed = [word for each in SMALL for word in ("--space", each)]
    asked = ("digits", "--board", BOARD, "--trials", trials, "--budget", options.budget, *narrowed, "--out")
    undisturbed = Place(folder / "calm", None, "digits")
    if Path(undisturbed.where).exists():
        search("digits", "--out", undisturbed.folder, "--resume")
    else:
        search(*asked, undisturbed.folder)
    rng = random.Random(options.seed)
    place, again = Place(folder / "killed", None, "digits"), ("digits", "--resume", "--out")
    command = (*asked, place.folder, "--workers", 2)
    for mark in sorted(rng.sample(range(1, trials - 2), options.kills)):  # trials ended, behind which it is killed
        with begun(*command) as process:
            while ended(place) < mark and process.poll() is None:
                time.sleep(0.2)
            time.sleep(rng.uniform(0, 1))
            process.send_signal(signal.SIGKILL)
            process.wait()
        print(f"killed behind {ended(place)} of {trials} trials", file=sys.stderr, flush=True)
        command = (*again, place.folder, "--workers", 2)
    search(*command)
    calm, killed = show(undisturbed, silent), show(place, silent)
    what = f"{trials} trials on digits, 2 workers, {options.kills} kills"
    done, lost = ended(place), sum(killed.failed.values())
    yield Row(f"{what}: trials that ended", f"{done}", f"{trials}", done == trials)
    yield Row("of these lost", f"{lost}", "0", lost == 0)
    doubled = len(trials_of(place)) - trials
    yield Row("trials that are there twice", f"{doubled}", "0", doubled == 0)
    same = sum(one == other for one, other in zip(marks(calm), marks(killed), strict=False))
    most = max(len(calm.front), len(killed.front))
    yield Row("points of the front as without kills, one worker", f"{same} of {most}", "all", same == most)


def cost(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """One worker, from the beginning of its first trial to the end of its last: what is not training, and of that what is
    neither the export of nets, their reading and judging, nor the choice of their hardware."""
    data = ("--data", options.data) if options.data else ()
    asked = (
        options.recipe,
        "--board",
        BOARD,
        "--trials",
        options.trials,
        "--budget",
        options.budget,
        "--no-stop",
        *data,
    )
    search(*asked, "--out", folder)
    place = Place(folder, None, options.recipe)
    found, seconds = show(place, silent), span(place)
    training, trials = found.training_hours * 3600, found.hours * 3600
    what = f"{options.trials} trials on {options.recipe} of {training / options.trials:.1f} s of training"
    for name, other in (
        ("Optuna, the storage and waiting", seconds - trials),
        ("all besides training", seconds - training),
    ):
        yield Row(f"{name}, {what}", f"{other / seconds:.1%} of {seconds:.0f} s", "<= 5 %", other <= 0.05 * seconds)


def postgres(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Trials that sleep, by one worker and by four."""
    if programs() is None:
        yield Row("4 workers on PostgreSQL", "not installed: skipped", ">= 3.6 x", True)
        return
    (folder / "sleeping.py").write_text(SLEEPING.replace("SECONDS", str(options.sleep)))
    rates = {}
    with server() as running:
        for workers in (1, 4):
            name, trials = f"sleep{workers}", options.trials * workers
            asked = (
                f"{folder / 'sleeping.py'}:make",
                "--board",
                BOARD,
                "--objective",
                "accuracy",
                "--sampler",
                "random",
                "--no-stop",
            )
            where = ("--storage", running.url, "--name", name, "--out", folder / name)
            search(*asked, "--trials", trials, "--workers", workers, *where)
            place = Place(folder / name, running.url, name)
            rates[workers] = trials / span(place)
    gain = rates[4] / rates[1]
    what = f"4 workers on PostgreSQL, trials that sleep {options.sleep:g} s, against 1"
    yield Row(what, f"{gain:.2f} x ({rates[4]:.2f} and {rates[1]:.2f} a second)", ">= 3.6 x", gain >= 3.6)


def marks(found: Found) -> list[tuple[str, str, dict[str, float]]]:
    return [(point.number, point.network, point.figures) for point in found.front]


def trials_of(place: Place) -> Sequence[FrozenTrial]:
    store = place.store(silent)
    try:
        store.join()
        return store.trials()
    finally:
        store.close()


def ended(place: Place) -> int:
    if place.storage is None and not Path(place.where).exists():
        return 0
    try:
        return sum(trial.state.is_finished() for trial in trials_of(place))
    except UserError:  # the study is being made
        return 0


def span(place: Place) -> float:
    """Seconds from the first trial's beginning to the last one's end."""
    trials = trials_of(place)
    starts, ends = (
        [t.datetime_start for t in trials if t.datetime_start],
        [t.datetime_complete for t in trials if t.datetime_complete],
    )
    return (max(ends) - min(starts)).total_seconds()


def end(number: int, frame: object) -> None:
    """What the first signal to end does: all that was begun ends too."""
    for other in _ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main() -> int:
    for number in _ENDING:
        signal.signal(number, end)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--trials", type=int, help="200 with kills, 12 for the cost, 15 for each worker on PostgreSQL")
    parser.add_argument("--budget", type=float, help="of the recipe's training: 0.02 with kills, else 1")
    parser.add_argument("--recipe", default="digits", help="of the cost")
    parser.add_argument("--data", help="of that recipe, as `hwflow search` takes it")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--sleep", type=float, default=4.0, help="seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--folder", type=Path, help="where all is kept; kills go on with an undisturbed study that is there"
    )
    options = parser.parse_args()
    work, trials, budget = PARTS[options.part]
    options.trials = options.trials or trials
    options.budget = options.budget or budget
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    missed_bars = 0
    with tempfile.TemporaryDirectory() as scratch:
        for row in work(options, options.folder or Path(scratch)):
            print(row, flush=True)
            missed_bars += not row.met
    return 1 if missed_bars else 0


PARTS = {"kills": (kills, 200, 0.02), "cost": (cost, 12, 1.0), "postgres": (postgres, 15, 1.0)}


if __name__ == "__main__":
    sys.exit(main())
