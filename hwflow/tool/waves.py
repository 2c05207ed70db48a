"""The waveforms of a simulation, on request: how much of it they show, and the file they go to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwflow.errors import UserError
from hwflow.paths import whole_file

MOST = 1000  # vectors or ticks in a file


def shown(vcd: Path | None, given: int, asked: int | None, few: int) -> int:
    """How many of the `given` vectors or ticks are simulated: all; with waveforms, the first few if no number was asked.

    Raises UserError for more than MOST with waveforms.
    """
    if vcd is None:
        return given
    if asked is not None and asked > MOST:
        raise UserError(f"--vcd records {MOST:,} vectors or ticks at most, not {asked:,}; give a smaller number.")
    return given if asked is not None else min(given, few)


@contextmanager
def waveforms(vcd: Path | None) -> Iterator[Path | None]:
    """Where to write them, so that the file appears whole or not at all; None if none are asked for.

    Raises UserError if the file cannot be written.
    """
    if vcd is None:
        yield None
        return
    if vcd.is_dir():
        raise UserError(f"{vcd} is a folder; name a file with --vcd.")
    with whole_file(vcd) as draft:
        yield draft
