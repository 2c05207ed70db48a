"""The guard on the wire, end to end: a log on a simulated bus, the whole device in Verilator, its entries over the link, and each
of them beside features.py and the integers of the net, on the time stamps that the guard tells.

    python benchmarks/can_guard.py build/guard --profile build/ids/profile.json --log drive.log --bit-rate 1000000

DIR is a project that was compiled with --shell can; without --log the generator's traffic with attacks plays. The link carries some
3,000 entries a second at 1 MBaud: at a rate at which entries are dropped, features cannot be compared, and only
classes and latencies are. --strike CLASS (of a project with --strike) ends frames of a class, which must then all fail.
"""

import argparse
import dataclasses
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from run import Row

from hwflow.api import open_project
from hwflow.apps.can_ids.dataset import generated
from hwflow.apps.can_ids.guard import check_verdicts, held_profile, write_candump
from hwflow.apps.can_ids.profile import learn_profile, read_profiles
from hwflow.apps.can_ids.profile_image import profile_image
from hwflow.apps.can_ids.readers import read_log
from hwflow.quantised.host.guard import Guard, Verdicts
from hwflow.quantised.project import QuantisedProject
from hwflow.shell.bit_timing import BIT_RATE
from hwflow.tool.simulated_board import CanBus

PLAYED = 5_000  # frames of a log that are played over and over, at most


def entries(guard: Guard, least: int) -> Verdicts:
    """The next entries, so many at least."""
    parts: list[Verdicts] = []
    while sum(map(len, parts)) < least:
        parts.append(guard.verdicts())
    names = [field.name for field in dataclasses.fields(Verdicts)]
    return Verdicts(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, metavar="DIR")
    parser.add_argument("--profile", type=Path, help="profile.json [default: learnt on the first third of what plays]")
    parser.add_argument("--log", type=Path, help="what plays, of whatever kind hwflow reads")
    parser.add_argument("--frames", type=int, default=2_000)
    parser.add_argument("--bit-rate", type=int, default=BIT_RATE)
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster the log plays")
    parser.add_argument("--strike", type=int, action="append", default=[], metavar="CLASS")
    options = parser.parse_args()
    project = open_project(options.project)
    assert isinstance(project, QuantisedProject)
    log = read_log(options.log).traces[0].log if options.log else generated(1).parts[0].log
    third = log.take(slice(0, len(log) // 3))
    profile = read_profiles(options.profile)[""] if options.profile else learn_profile(third)
    image = profile_image(profile, project.compiled.design.identifiers, cut=True)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        played = Path(folder) / "played.log"
        write_candump(log.take(slice(len(log) // 3, len(log) // 3 + PLAYED)), played)
        bus = CanBus(played, project.clock_hz, options.bit_rate, options.speed)
        with project.guard("sim", bus=bus) as guard:
            guard.set_bit_rate(options.bit_rate)
            if options.strike:
                guard.strike(frozenset(options.strike))
            guard.load(image.words)
            verdicts = entries(guard, options.frames)
            counts = guard.counts()
    found = check_verdicts(verdicts, held_profile(profile, image.held), project.compiled.network)
    chosen = np.isin(verdicts.verdict, options.strike)
    bits, microseconds = 128 * found.accepted, found.slowest * 1e6 / project.clock_hz
    # The ACK slot begins 16 bits behind the payload, and as many stuff bits as there may be.
    slot = 16e6 / options.bit_rate
    rows = [
        Row("classes that are not the reference's", f"{found.wrong_classes:,} of {found.frames:,}", "0", not found.wrong_classes),
        Row("payload's last bit to the class", f"{found.slowest} cycles, {microseconds:.2f} µs", f"the ACK slot, {slot:.0f} µs",
            microseconds <= slot),
        Row("errors on the bus", f"{counts.form + counts.crc + counts.stuff:,}", "0, or as many as were struck",
            counts.form + counts.crc + counts.stuff <= counts.struck),
    ]  # fmt: skip
    if not found.missing:
        rows.append(
            Row("features that differ from features.py", f"{found.wrong_bits:,} of {bits:,}", "0", not found.wrong_bits)
        )
    if options.strike:
        ended = int((verdicts.accepted & chosen).sum())
        others = int((verdicts.struck & ~chosen).sum())
        rows += [
            Row("frames of the chosen classes without an error", f"{ended:,} of {int(chosen.sum()):,}", "0", not ended and bool(chosen.any())),
            Row("other frames struck", f"{others:,} of {int((~chosen).sum()):,}", "0", not others),
        ]  # fmt: skip
    for row in rows:
        print(row)
    print(f"{found.missing:,} entries dropped; {counts}; {time.perf_counter() - begun:.0f} s")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
