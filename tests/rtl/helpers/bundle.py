"""Streams that lie side by side in the ports of a module, each as if it had ports of its own."""

import re
from typing import Any


class Bundle:
    """A dut whose streams of some prefixes are bundled: with `s=2`, `s0_valid` is the lowest bit of its `s_valid`.

    Everything else of the dut is as it is.
    """

    def __init__(self, dut: Any, **counts: int) -> None:
        self._dut, self._counts = dut, counts
        self._driven: dict[str, int] = {}

    def names(self, prefix: str) -> list[str]:
        """The prefixes of its streams."""
        return [f"{prefix}{i}" for i in range(self._counts[prefix])]

    def __getattr__(self, name: str) -> Any:
        found = re.fullmatch(r"([a-z]+)(\d+)_(\w+)", name)
        if not found or found[1] not in self._counts:
            return getattr(self._dut, name)
        port = f"{found[1]}_{found[3]}"
        signal = getattr(self._dut, port)
        return _Part(signal, port, int(found[2]), len(signal) // self._counts[found[1]], self._driven)


class _Part:
    """Some bits of a port; what others drive of it stays."""

    def __init__(self, signal: Any, port: str, place: int, bits: int, driven: dict[str, int]) -> None:
        self._signal, self._port, self._driven = signal, port, driven
        self._low, self._mask = place * bits, (1 << bits) - 1

    @property
    def value(self) -> int:
        return int(self._signal.value) >> self._low & self._mask

    @value.setter
    def value(self, value: int) -> None:
        others = self._driven.get(self._port, 0) & ~(self._mask << self._low)
        self._driven[self._port] = others | (int(value) & self._mask) << self._low
        self._signal.value = self._driven[self._port]
