"""`make mutants`: small faults in the text of the RTL, one at a time, and whether the modules' tests and proofs find them.

mutant_texts.py says what a mutant is. All mutants are in one text, from which a simulator is built once (mutant_schema.py). Where
the module's own tests pass with a mutant, it is put to the module's proof, if it has one (mutant_proofs.py), and then to the tests of
the modules that hold it, nearest first (neither with --own); what passes these too has survived, and is printed with its place. What was found is kept in build/mutants, and a run that was broken off
goes on from there. Left out are mutants in what is computed at elaboration, and those that do nothing (equivalents.toml). --anew builds each mutant from its changed text alone: slow, and what the one text is compared with.
"""

import argparse
import fcntl
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from queue import SimpleQueue

from mutant_equivalents import equivalents
from mutant_proofs import refuted_by
from mutant_results import Finding, Findings
from mutant_texts import ROOT, Mutant, mutants, suites
from mutant_workshop import Workshop, numbered
from run import Row

KEPT = ROOT / "build" / "mutants"


@dataclass(frozen=True)
class Options:
    own: bool  # only the module's own tests
    again: bool  # also what is known
    anew: bool
    jobs: int


def tried(mutant: Mutant, workshop: Workshop, findings: Findings, options: Options) -> Finding:
    """A mutant, run through the files of tests and proofs that may find it until one does; what is known is not run again."""
    known = None if options.again else findings.of(mutant)
    if known and known.killer:
        return known
    before, run = workshop.seconds, []
    for files in suites(mutant.module)[: 1 if options.own else None]:
        if known and set(files) <= set(known.files):
            run += files
            continue
        killer = refuted_by(mutant, files[0]) if files[0].endswith(".sv") else workshop.killed_by(mutant, files)
        if killer:
            return findings.keep(mutant, files, killer, workshop.seconds - before)
        run += files
    if known and set(run) <= set(known.files):
        return known
    return findings.keep(mutant, run, None, workshop.seconds - before)


class Run:
    """Mutants that are tried, all those of a module in one workshop, and what was found of each, as it is found."""

    def __init__(self, chosen: list[Mutant], every: Mapping[int, Mutant], options: Options) -> None:
        self.chosen = chosen
        self.found: list[tuple[Mutant, Finding]] = []
        self.untried: list[str] = []  # modules whose tests fail without any mutant
        self._every = every
        self._options = options
        self._findings = Findings(KEPT / ("anew.jsonl" if options.anew else "findings.jsonl"))
        self._lock = threading.Lock()
        self._begun = time.monotonic()

    def whole(self) -> None:
        free: SimpleQueue[Workshop] = SimpleQueue()
        shops = [self._workshop(number) for number in range(self._options.jobs)]
        for shop in shops:
            free.put(shop)
        modules = list(dict.fromkeys(mutant.module for mutant in self.chosen))
        pool = ThreadPoolExecutor(self._options.jobs)
        try:
            for done in as_completed([pool.submit(self._module, module, free) for module in modules]):
                done.result()
        finally:
            for shop in shops:
                shop.close()
            pool.shutdown(cancel_futures=True)

    def _workshop(self, number: int) -> Workshop:
        folder = KEPT / f"{'anew' if self._options.anew else 'all'}-{number}"
        return Workshop(folder, self._every, anew=self._options.anew)

    def _module(self, module: str, free: SimpleQueue[Workshop]) -> None:
        shop = free.get()
        try:
            for mutant in self.chosen:
                if mutant.module == module:
                    self._told(mutant, tried(mutant, shop, self._findings, self._options))
        except RuntimeError as error:
            self.untried.append(module)
            print(f"{module}: {error}", flush=True)
        finally:
            free.put(shop)

    def _told(self, mutant: Mutant, finding: Finding) -> None:
        with self._lock:
            self.found.append((mutant, finding))
            text = mutant.told((ROOT / "rtl" / mutant.path).read_text())
            killer = finding.killer or "SURVIVED"
            passed = time.monotonic() - self._begun
            print(f"{len(self.found)} of {len(self.chosen)}  {passed:.0f} s  {text}  [{killer}]", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", help="reset, and, equal, …: only these, else all")
    parser.add_argument("--module", action="append", help="only these, in this order, else all")
    parser.add_argument("--sample", type=int, help="that many of them, at random")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--own", action="store_true", help="only the tests of the module itself")
    parser.add_argument("--again", action="store_true", help="also those of which it is known what comes of them")
    parser.add_argument("--anew", action="store_true", help="each built from its changed text: minutes for each")
    return parser.parse_args()


def choice(every: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    """The mutants that the arguments ask for, those of one module behind each other."""
    chosen = [
        mutant
        for mutant in every
        if (not options.kind or mutant.kind in options.kind) and (not options.module or mutant.module in options.module)
    ]
    if options.sample and options.sample < len(chosen):
        chosen = sorted(random.Random(options.seed).sample(chosen, options.sample), key=chosen.index)
    if options.module:
        chosen.sort(key=lambda mutant: options.module.index(mutant.module))
    return chosen


def compared(run: Run) -> Row:
    """How many mutants that were built anew came to the same end as in the text with all of them, as far as that is known."""
    findings = Findings(KEPT / "findings.jsonl")
    both = [(mutant, one, other) for mutant, one in run.found if (other := findings.of(mutant))]
    differing = [mutant for mutant, one, other in both if bool(one.killer) != bool(other.killer)]
    for mutant in differing:
        print("differs:", mutant.told((ROOT / "rtl" / mutant.path).read_text()))
    return Row(f"mutants that end otherwise built anew, of {len(both):,}", f"{len(differing):,}", "0", not differing)


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    listed = mutants()
    every = numbered(listed)
    same = equivalents([*every.values()])
    chosen = choice([mutant for mutant in every.values() if mutant not in same], options)
    run = Run(chosen, every, Options(options.own, options.again, options.anew, options.jobs))
    with (KEPT / ("anew.lock" if options.anew else "all.lock")).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another `make mutants` is at work here; wait for it, or end it.", file=sys.stderr)
            return 2
        run.whole()
    left = [mutant for mutant, finding in run.found if not finding.killer]
    for mutant in left:
        print("survived:", mutant.told((ROOT / "rtl" / mutant.path).read_text()))
    print(
        f"{len(listed) - len(every):,} of {len(listed):,} change what is computed at elaboration, {len(same):,} change nothing."
    )
    rows = [Row(f"mutants of the RTL that no test finds, of {len(chosen):,}", f"{len(left):,}", "0", not left)]
    rows += [compared(run)] if options.anew else []
    rows += [Row(f"modules that were not tried: {', '.join(run.untried)}", f"{len(run.untried)}", "0", False)] * bool(
        run.untried
    )
    print(*rows, sep="\n")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
