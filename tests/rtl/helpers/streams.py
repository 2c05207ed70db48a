"""Drivers and sinks of valid/ready streams that stall at random, and what every test starts with."""

import random
from collections.abc import Iterable, Mapping
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge

# Probabilities of a stall at the source and at the sink that tests go through.
STALLS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5), (0.1, 0.9), (0.9, 0.1))


async def start(dut: Any, *, sources: Iterable[str] = ("s",), sinks: Iterable[str] = ("m",)) -> "Cycles":
    """Start the clock, idle every stream, reset; return the count of cycles that drivers and sinks share."""
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    for prefix in sources:
        getattr(dut, f"{prefix}_valid").value = 0
    for prefix in sinks:
        getattr(dut, f"{prefix}_ready").value = 0
    await reset(dut)
    return Cycles(dut)


async def reset(dut: Any, cycles: int = 3, idle: Mapping[str, int] | None = None, pin: str = "rst") -> None:
    """Hold `rst`, or another pin, for some cycles; as it falls, the inputs in `idle` take their values."""
    getattr(dut, pin).value = 1
    for _ in range(cycles):
        await RisingEdge(dut.clk)
    getattr(dut, pin).value = 0
    for name, value in (idle or {}).items():
        getattr(dut, name).value = value


class Cycles:
    """Counts clock edges; `now` is the number of edges seen so far."""

    def __init__(self, dut: Any) -> None:
        self.now = 0
        self._clk = dut.clk
        cocotb.start_soon(self._run())

    async def _run(self) -> None:
        while True:
            await RisingEdge(self._clk)
            self.now += 1


class Source:
    """Drives `<prefix>_valid/_data`; holds a word until it is taken; waits a cycle with probability `stall`.

    `taken` holds the number of the clock edge at which each word was taken.
    """

    def __init__(self, dut: Any, prefix: str = "s", *, clock: Cycles, stall: float = 0.0, seed: int = 1) -> None:
        self._clk = dut.clk
        self._valid = getattr(dut, f"{prefix}_valid")
        self._ready = getattr(dut, f"{prefix}_ready")
        self._data = getattr(dut, f"{prefix}_data")
        self._random = random.Random(f"{seed}{prefix}source")
        self.stall = stall
        self.clock = clock
        self.taken: list[int] = []

    async def send(self, words: Iterable[int], limit: int = 20000) -> None:
        """Send the words, one after the other, and return when the last is taken; each waits at most `limit` cycles."""
        for word in words:
            while self._random.random() < self.stall:
                self._valid.value = 0
                await RisingEdge(self._clk)
            self._valid.value = 1
            self._data.value = word
            for _ in range(limit):
                await ReadOnly()
                ready = bool(self._ready.value)
                await RisingEdge(self._clk)
                if ready:
                    break
            else:
                raise AssertionError(f"a word is not taken in {limit} cycles")
            self.taken.append(self.clock.now)
        self._valid.value = 0


class Sink:
    """Collects `<prefix>_data` into `words`; not ready in a cycle with probability `stall`.

    `given` holds the number of the clock edge at which each word was taken. It also checks the stream's rules, unless
    told not to: a valid word stays, unchanged, until it is taken. Nothing passes while `rst`, the name of a port, is high.
    """

    def __init__(
        self,
        dut: Any,
        prefix: str = "m",
        *,
        clock: Cycles,
        stall: float = 0.0,
        seed: int = 1,
        rules: bool = True,
        rst: str = "rst",
    ) -> None:
        self._clk = dut.clk
        self._valid = getattr(dut, f"{prefix}_valid")
        self._ready = getattr(dut, f"{prefix}_ready")
        self._data = getattr(dut, f"{prefix}_data")
        self._random = random.Random(f"{seed}{prefix}sink")
        self._rules = rules
        self._rst = getattr(dut, rst)
        self.stall = stall
        self.clock = clock
        self.words: list[int] = []
        self.given: list[int] = []
        cocotb.start_soon(self._run())

    async def _run(self) -> None:
        waiting: int | None = None
        while True:
            ready = self._random.random() >= self.stall
            self._ready.value = ready
            await ReadOnly()
            valid = bool(self._valid.value)
            data = int(self._data.value) if valid else None
            if waiting is not None and self._rules:
                assert data == waiting, f"a stalled word changed from {waiting:#x} to {data}"
            if int(self._rst.value):
                data = None
            waiting = None if ready else data
            await RisingEdge(self._clk)
            if data is not None and ready:
                self.words.append(data)
                self.given.append(self.clock.now)

    async def take(self, count: int, limit: int = 20000) -> list[int]:
        """Wait until `count` words have come, at most `limit` cycles; hand them out and forget them."""
        for _ in range(limit):
            if len(self.words) >= count:
                taken, self.words = self.words[:count], self.words[count:]
                return taken
            await RisingEdge(self._clk)
        raise AssertionError(f"{len(self.words)} words of {count} after {limit} cycles")


async def pass_words(source: Source, sink: Sink, rng: random.Random, sent: list[int], out: list[int]) -> None:
    """Send the words with stalls of both sides, and demand that `out` comes of them. Whoever is cancelled sends no more."""
    sink.words.clear()
    source.stall, sink.stall = rng.choice(STALLS)
    task = cocotb.start_soon(source.send(sent))
    try:
        assert await sink.take(len(out)) == out
        await task
    finally:
        task.cancel()
