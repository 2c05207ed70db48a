"""The memories of a net that the host writes: where each lies on the bus of `hwf_memory`, and what goes into it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.quantised.backend import memory
from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.parameters import argmax_parameters
from hwflow.quantised.backend.units import DenseUnit, Unit, clog2

LANE_BITS = 16  # of a value on the bus


@dataclass(frozen=True)
class Places:
    """Where a unit's memories begin, -1 for those that the host does not write. constants: of an argmax."""

    weights: int = -1
    thresholds: int = -1
    constants: int = -1

    @property
    def any(self) -> bool:
        return max(self.weights, self.thresholds, self.constants) >= 0


@dataclass(frozen=True)
class Layout:
    """Where the memories of each unit lie, and how many addresses they take from 0 on; 0: the host writes nothing."""

    places: dict[str, Places]
    addresses: int

    def of(self, unit: Unit) -> Places:
        return self.places.get(unit.name, Places())


@dataclass(frozen=True, eq=False)
class Content:
    """What the host writes: values (uint16) at addresses of the bus, ascending."""

    addresses: NDArray[np.int64]
    values: NDArray[np.uint16]

    @property
    def digest(self) -> bytes:
        """First 16 bytes of the SHA-256 of addresses and values, 4 and 2 bytes each, little endian."""
        sha = hashlib.sha256(self.addresses.astype("<u4").tobytes() + self.values.astype("<u2").tobytes())
        return sha.digest()[:16]

    @property
    def records(self) -> bytes:
        """Address and value of each, 4 bytes each, little endian."""
        return np.stack([self.addresses, self.values.astype(np.int64)], axis=1).astype("<u4").tobytes()

    def runs(self, most: int) -> Iterator[tuple[int, bytes]]:
        """Neighbours at most so many at a time: the first address, and the values' bytes."""
        ends = np.flatnonzero(np.diff(self.addresses) != 1) + 1
        for run in np.split(np.arange(len(self.addresses)), ends):
            for at in range(0, len(run), most):
                some = run[at : at + most]
                yield int(self.addresses[some[0]]), self.values[some].astype("<u2").tobytes()


@dataclass(frozen=True)
class _Room:
    """A memory, or those of all lanes of a search: `size` addresses from a multiple of `unit` on."""

    name: str
    kind: str
    size: int
    unit: int


def layout_of(units: Sequence[Unit]) -> Layout:
    """The largest first, so that each begins at a multiple of its own size without gaps."""
    rooms = sorted((room for unit in units for room in _rooms(unit)), key=lambda room: -room.unit)
    places: dict[str, dict[str, int]] = {}
    at = 0
    for room in rooms:
        places.setdefault(room.name, {})[room.kind] = at
        at += room.size
    return Layout({name: Places(**kinds) for name, kinds in places.items()}, at)


def content_of(units: Sequence[Unit]) -> Content | None:
    """Weights, thresholds and constants as the layout has them; None if the host writes nothing."""
    layout = layout_of(units)
    if not layout.addresses:
        return None
    parts = [part for unit in units for part in _contents(unit, layout.of(unit))]
    addresses, values = np.concatenate([a for a, _ in parts]), np.concatenate([v for _, v in parts])
    order = np.argsort(addresses)
    return Content(addresses[order], values[order])


def _rooms(unit: Unit) -> list[_Room]:
    match unit:
        case DenseUnit():
            rooms = []
            if unit.written:
                size = span(unit.slots, unit.fold.pe * unit.fold.simd * unit.weight_bits)
                rooms.append(_Room(unit.name, "weights", size, size))
            if unit.fold.loaded and unit.count_bits:
                lane = _stage_span(unit) << unit.count_bits
                rooms.append(_Room(unit.name, "thresholds", unit.fold.pe * lane, lane))
            return rooms
        case ArgMaxUnit() if unit.loaded and (bits := _constant_bits(unit)):
            size = span(unit.beats, unit.pe * bits)
            return [_Room(unit.name, "constants", size, size)]
        case _:
            return []


def span(depth: int, width: int) -> int:
    """Addresses that a memory takes, as in `hwf_memory`."""
    return 1 << (clog2(depth) + clog2(-(-width // LANE_BITS)))


def _stage_span(unit: DenseUnit) -> int:
    """SPAN of `hwf_threshold`."""
    return span(unit.folds, unit.sum.bits + memory.has_descending(unit))


def _constant_bits(unit: ArgMaxUnit) -> int:
    parameters = argmax_parameters(unit, "")
    return int(parameters["GAIN_BITS"]) + int(parameters["OFFSET_BITS"])


def _contents(unit: Unit, places: Places) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint16]]]:
    if isinstance(unit, DenseUnit) and places.weights >= 0:
        yield _lanes(places.weights, memory.weight_image(unit))
    if isinstance(unit, DenseUnit) and places.thresholds >= 0:
        lane = _stage_span(unit) << unit.count_bits
        for name, image in memory.threshold_images(unit).items():
            _, number, stage = name.removesuffix(".hex").split("_")
            yield _lanes(places.thresholds + int(number) * lane + (_stage_span(unit) << int(stage, 16)), image)
    if isinstance(unit, ArgMaxUnit) and places.constants >= 0:
        parameters = argmax_parameters(unit, "")
        gains, offsets = parameters["GAIN_BITS"] != 0, parameters["OFFSET_BITS"] != 0
        yield _lanes(places.constants, memory.argmax_image(unit, gains, offsets))


def _lanes(first: int, image: bytes) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    """A memory image's words in lanes of 16 bits, with their addresses."""
    digits = image.index(b"\n")
    lines = np.frombuffer(image, dtype=np.uint8).reshape(-1, digits + 1)[:, :digits]
    padded = np.pad(lines, ((0, 0), (-digits % 4, 0)), constant_values=ord("0"))
    words = np.frombuffer(bytes.fromhex(padded.tobytes().decode()), dtype=">u2").reshape(len(lines), -1)[:, ::-1]
    depth, lanes = words.shape
    places = first + (np.arange(lanes) << clog2(depth)) + np.arange(depth)[:, None]
    return places.ravel(), words.astype(np.uint16).ravel()
