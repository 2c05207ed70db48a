"""The simulated board: a whole design in Verilator behind a port that any serial program opens as it opens a board."""

import json
import select
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from hwflow.errors import ToolError
from hwflow.paths import data_folder
from hwflow.tool.verilator import Model, build_model

TOP = "hwf_top"
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Faults:
    """What goes wrong on the wire, in both directions.

    flip_rate: probability that a bit is seen wrongly, start and stop bits included; drop_rate, duplicate_rate:
    probability that a byte gets lost, or comes twice; baud_error: by how many percent the host's bits are too long;
    reset_after: the button is pressed in the middle of the byte that follows so many to the device; seed: of chance.
    """

    flip_rate: float = 0.0
    drop_rate: float = 0.0
    duplicate_rate: float = 0.0
    baud_error: float = 0.0
    reset_after: tuple[int, ...] = ()
    seed: int = 0

    def arguments(self) -> list[str]:
        """The options of the program."""
        return [
            f"--flip-rate={self.flip_rate}",
            f"--drop-rate={self.drop_rate}",
            f"--duplicate-rate={self.duplicate_rate}",
            f"--baud-error={self.baud_error}",
            *(f"--reset-after={count}" for count in self.reset_after),
            f"--seed={self.seed}",
        ]


@dataclass(frozen=True)
class CanBus:
    """What plays on the CAN bus of a simulated board that listens to one, over and over.

    log: a file as candump writes it, a controller for each interface in it; clock_hz: of the board; bit_rate: bits a second;
    speed: how much faster than in the log.
    """

    log: Path
    clock_hz: int
    bit_rate: int = 500_000
    speed: float = 1.0

    def arguments(self) -> list[str]:
        """The options of the program."""
        return [
            f"--can={self.log.resolve()}",
            f"--clock-hz={self.clock_hz}",
            f"--can-rate={self.bit_rate}",
            f"--can-speed={self.speed}",
        ]


@dataclass(frozen=True)
class Passed:
    """What a simulated board did, counted from its start to its end.

    cycles: of the clock; bytes_unread: bytes to the host that nobody read; resets: how often the button was pressed.
    """

    cycles: int
    bytes_to_device: int
    bytes_from_device: int
    bits_flipped: int
    bytes_dropped: int
    bytes_duplicated: int
    framing_errors: int
    bytes_unread: int
    resets: int


def build_simulated_board(
    sources: Mapping[str, bytes], *, assertions: bool = True, progress: Callable[[], None] = lambda: None
) -> Path:
    """The program of a design with top module hwf_top (clk, uart_rx, uart_tx, and perhaps button).

    sources, progress, and what is raised: as in `build_model`.
    """
    main = data_folder("rtl") / "sim" / "board.cpp"
    return build_model(Model(sources, TOP, main, assertions=assertions), progress)


class SimulatedBoard:
    """A running board, from `with` to its end; `port` is the name to open, `passed` is known afterwards.

    program: made by `build_simulated_board`; folder: where the design finds its memory images; clocks_per_bit: clock
    cycles of a bit on the wire; tcp: listen at this TCP port (0: any) in place of a pseudo-terminal; reset_level: that of
    the pressed button; bus: what it listens to. The board ends with this process, however that ends. Raises ToolError if it fails.
    """

    def __init__(
        self,
        program: Path,
        *,
        clocks_per_bit: float,
        folder: Path | None = None,
        tcp: int | None = None,
        faults: Faults = Faults(),
        reset_level: int = 1,
        bus: CanBus | None = None,
    ) -> None:
        self._command = [
            str(program.resolve()),
            f"--clocks-per-bit={clocks_per_bit}",
            *([] if tcp is None else [f"--tcp={tcp}"]),
            f"--reset-level={reset_level}",
            *faults.arguments(),
            *(bus.arguments() if bus else []),
            "--until-stdin-ends",
        ]
        self._folder = folder
        self.port = ""
        self.passed: Passed | None = None

    def __enter__(self) -> Self:
        self._errors: IO[str] = tempfile.TemporaryFile("w+")
        try:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
            )
        except OSError as error:
            self._errors.close()
            raise ToolError(f"The simulated board {self._command[0]} cannot be started ({error.strerror}).") from None
        try:
            self.port = self._await_port()
        except BaseException:
            self._stop()
            self._errors.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        failed = self._process.poll() is not None and self._process.returncode != 0
        self._stop()
        words = self._last_words()
        self._errors.close()
        if failed and (error is None or isinstance(error, Exception)):
            raise ToolError(f"The simulated board ended by itself: {words}.") from error
        if words.startswith("{"):
            counts = json.loads(words)
            self.passed = Passed(**{field.name: int(counts[field.name]) for field in fields(Passed)})

    def wait(self) -> None:
        """Wait until the board ends, by SIGINT or SIGTERM to it or because it fails."""
        self._process.wait()

    def _await_port(self) -> str:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _START_SECONDS)
        line = self._process.stdout.readline() if ready else ""
        if not line.startswith("port "):
            raise ToolError(f"The simulated board did not start: {self._last_words() or 'it said nothing'}.")
        return line.removeprefix("port ").rstrip("\n")

    def _stop(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        failures = [line for line in lines if "Assertion failed" in line or "%Error" in line]
        return (failures[:1] or lines[-1:] or [""])[0]
