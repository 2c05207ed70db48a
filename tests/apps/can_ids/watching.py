"""A net that watches, made by hand so that each of its verdicts is known beforehand, and a bus for it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from hwflow.apps.can_ids.features import FEATURE_NAMES
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.profile import learn_profile
from hwflow.board import find_board
from hwflow.ints import IntType
from hwflow.quantised.backend.dataflow import compile_network
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node

PERIOD = 0.01
IDENTIFIERS = (0x123, 0x316)


def net(inputs: int = len(FEATURE_NAMES)) -> Network:
    """Fuzzy is what has an unknown identifier, or, if that is 0, DoS; spoof-rpm what comes before a quarter of its period."""
    weight = np.zeros((5, inputs), dtype=np.int64)
    if inputs == len(FEATURE_NAMES):
        known, early = FEATURE_NAMES.index("known>=1"), FEATURE_NAMES.index("gap/period>=16")
        weight[1, [known, *range(11)]] = -2
        weight[2, known], weight[4, known], weight[4, early] = -2, 2, -2
    offset = np.array([[0], [2], [1], [-5], [-1]])[:, 0]
    layer = ArgMax(np.ones(5, dtype=np.int64), offset)
    nodes = (Node("dense0", Dense(weight, IntType(3, True)), (INPUT,)), Node("argmax", layer, ("dense0",)))
    return Network("watcher", inputs, IntType(1, False), nodes)


def benign(count: int = 200, start: float = 100.0) -> CanLog:
    """Two identifiers, each every 10 ms, `count` frames of both together."""
    i = np.arange(count)
    payload = np.zeros((count, 8), dtype=np.uint8)
    payload[:, 0] = i // 2
    return CanLog(
        start + i * PERIOD / 2,
        np.array(IDENTIFIERS, dtype=np.uint32)[i % 2],
        np.zeros(count, dtype=np.bool_),
        np.full(count, 8, dtype=np.uint8),
        payload,
        np.zeros(count, dtype=np.uint8),
    )


def attacked(count: int = 200, start: float = 100.0) -> CanLog:
    """The same with four frames of each attack, one in the middle of the pause after a benign one."""
    log = benign(count, start)
    rows = np.arange(40, 52) * 2
    attacks = replace(log.take(rows), time=log.time[rows] + PERIOD / 8)
    attacks.identifier[:] = np.repeat(np.array([0, 0x7AB, 0x123], dtype=np.uint32), 4)
    attacks.label[:] = np.repeat(np.array([1, 2, 4], dtype=np.uint8), 4)
    every = CanLog(
        *(np.concatenate([getattr(one, name) for one in (log, attacks)]) for name in CanLog.__dataclass_fields__)
    )
    return every.take(np.argsort(every.time, kind="stable"))


def project(folder: Path, inputs: int = len(FEATURE_NAMES)) -> Path:
    """A project of the net, its profile above it."""
    place = folder / "project"
    place.mkdir(parents=True)
    compile_network(net(inputs), find_board("icebreaker")).save(place)
    (folder / "profile.json").write_text(json.dumps(learn_profile(benign()).to_json()))
    return place


def candump(path: Path, log: CanLog, bus: str = "can0") -> Path:
    """The frames as candump -L writes them, without labels."""
    frames = zip(log.time.tolist(), log.identifier.tolist(), log.dlc.tolist(), log.payload, strict=True)
    lines = [f"({time:.6f}) {bus} {key:03X}#{bytes(data[:dlc]).hex().upper()}" for time, key, dlc, data in frames]
    path.write_text("\n".join(lines) + "\n")
    return path


def labelled(path: Path, log: CanLog) -> Path:
    """The frames as a CSV with labels."""
    names = ("Normal", "DoS", "Fuzzy", "gear", "RPM")
    frames = zip(
        log.time.tolist(), log.identifier.tolist(), log.dlc.tolist(), log.payload, log.label.tolist(), strict=True
    )
    lines = ["Timestamp,Arbitration_ID,DLC,Data,Class"] + [
        f"{time:.6f},{key:X},{dlc},{bytes(data[:dlc]).hex(' ').upper()},{names[label]}"
        for time, key, dlc, data, label in frames
    ]
    path.write_text("\n".join(lines) + "\n")
    return path
