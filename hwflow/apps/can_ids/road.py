"""Labels that lie beside a log: `capture_metadata.json`, as the ROAD data set has it (Verma et al. 2024).

For each log by its name without the ending: when, counted from its first frame, under which identifier (XXX: any) and with which
data (X: any four bits) frames were injected. A log that is named there without these is normal, unless it is called an attack,
of which nobody says which frames it is.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import CLASS_NAMES, NORMAL, CanLog
from hwflow.apps.can_ids.labels import class_of
from hwflow.apps.can_ids.logfile import LogFile
from hwflow.errors import UserError

METADATA = "capture_metadata.json"
_MOST = 4 << 20  # bytes
_MASQUERADE = "masquerade"


def labelled_beside(file: LogFile) -> LogFile:
    """The log with the labels that lie beside it, if such do and it has none of its own. Raises UserError if they cannot be read."""
    path = file.path.parent / METADATA
    if file.labelled or not file.timed or not path.is_file():
        return file
    try:
        with path.open("rb") as stream:
            entry = json.loads(stream.read(_MOST)).get(file.path.name.split(".")[0])
        return file if entry is None else _labelled(file, entry)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise UserError(f"{path}, beside {file.path.name}, does not tell which frames were injected ({error!r:.80}); mend it, or move "
                        "the log elsewhere.") from None  # fmt: skip


def _labelled(file: LogFile, entry: Mapping[str, object]) -> LogFile:
    name = file.path.name.split(".")[0]
    told = entry.get("injection_interval") is not None
    if not told and "attack" in name.lower():
        return file
    said = _class(name)
    names = file.class_names if not told or said in file.class_names else (*file.class_names, said)
    start = min(float(trace.log.time[0]) for trace in file.traces)
    traces = []
    for trace in file.traces:
        label = np.full(len(trace.log), NORMAL, dtype=np.uint8)
        if told:
            label[_injected(trace.log, start, entry)] = names.index(said)
        traces.append(replace(trace, log=replace(trace.log, label=label)))
    form = f"{file.form}, labels from {METADATA}"
    return replace(file, form=form, traces=tuple(traces), class_names=names, labelled=True)


def _injected(log: CanLog, start: float, entry: Mapping[str, object]) -> NDArray[np.bool_]:
    """Which frames the entry tells: [n]."""
    first, last = _pair(entry["injection_interval"])
    since = np.round(log.time - start, 6)
    found = (since >= first) & (since <= last)
    identifier = str(entry["injection_id"])
    if set(identifier.upper()) != {"X"}:
        found &= log.identifier == int(identifier, 16)
    pattern = str(entry["injection_data_str"]).upper().ljust(16, "X")
    if not re.fullmatch(r"[0-9A-FX]{16}", pattern):
        raise ValueError(f"injection_data_str {pattern:.40}")
    mask = np.frombuffer(bytes.fromhex("".join("0" if digit == "X" else "F" for digit in pattern)), dtype=np.uint8)
    value = np.frombuffer(bytes.fromhex(pattern.replace("X", "0")), dtype=np.uint8)
    matches: NDArray[np.bool_] = found & ((log.payload & mask) == value).all(axis=1)
    return matches


def _pair(interval: object) -> tuple[float, float]:
    if not isinstance(interval, list) or len(interval) != 2:
        raise ValueError(f"injection_interval {interval!r:.40}")
    return float(interval[0]), float(interval[1])


def _class(name: str) -> str:
    """`fuzzing_attack_1` to fuzzy, `…_masquerade` to masquerade, `max_speedometer_attack_2` to max-speedometer."""
    words = [
        word for word in name.lower().split("_") if word not in ("attack", "dyno", "drive") and not word.isdecimal()
    ]
    if _MASQUERADE in words:
        return _MASQUERADE
    known = class_of(["-".join(words)])
    return known if known != CLASS_NAMES[NORMAL] else "attack"
