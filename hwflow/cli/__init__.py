"""The command line: each verb a small file, and a thin shell over one function of the library."""

import sys
from typing import Any, NoReturn

import typer

from hwflow import __version__
from hwflow.cli.boards import boards
from hwflow.cli.build import build
from hwflow.cli.check import check
from hwflow.cli.compare import compare
from hwflow.cli.compile import compile_
from hwflow.cli.demo import demo
from hwflow.cli.devices import devices
from hwflow.cli.doctor import doctor
from hwflow.cli.export import export
from hwflow.cli.finn import finn
from hwflow.cli.inspect import inspect
from hwflow.cli.log import log
from hwflow.cli.program import program
from hwflow.cli.report import report
from hwflow.cli.run import run
from hwflow.cli.search import search
from hwflow.cli.serve import serve
from hwflow.cli.simulate import simulate
from hwflow.cli.surroundings import EndingSignals, open_streams
from hwflow.cli.train import train
from hwflow.cli.verb import Command, perform, verb
from hwflow.cli.watch import watch
from hwflow.family import COMPILE_OPTIONS, MODEL_OPTIONS, RUN_OPTIONS, SIMULATE_OPTIONS

# Each with the kinds of the families' options that it takes.
_VERBS: dict[str, tuple[Any, ...]] = {
    "doctor": (doctor,),
    "boards": (boards,),
    "log": (log,),
    "train": (train,),
    "search": (search,),
    "inspect": (inspect, MODEL_OPTIONS),
    "check": (check, MODEL_OPTIONS),
    "compile": (compile_, MODEL_OPTIONS, COMPILE_OPTIONS),
    "simulate": (simulate, SIMULATE_OPTIONS),
    "compare": (compare,),
    "export": (export,),
    "build": (build,),
    "serve": (serve,),
    "program": (program,),
    "devices": (devices,),
    "run": (run, RUN_OPTIONS),
    "watch": (watch,),
    "report": (report,),
    "demo": (demo,),
}

app = typer.Typer(
    name="hwflow",
    help="From a trained quantised net to an FPGA bitstream, compared bit for bit on the way.",
    add_completion=True,
    rich_markup_mode=None,
)
for _name, (_function, *_kinds) in _VERBS.items():
    app.command(_name, cls=Command)(verb(_function, *_kinds))
app.add_typer(finn, name="finn")


def _print_version(asked: bool) -> None:
    if asked:
        print(f"hwflow {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Show the version."),
) -> None:
    """From a trained quantised net to an FPGA bitstream, compared bit for bit on the way."""


def main() -> NoReturn:
    """The program `hwflow`."""
    if not open_streams():
        sys.exit(2)
    signals = EndingSignals()
    signals.handle()
    sys.exit(perform(app, sys.argv[1:], signals))
