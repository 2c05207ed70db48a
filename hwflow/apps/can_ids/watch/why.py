"""Why an alarm: the measures that made the net surer of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.features import MEASURES, NEVER, PAYLOAD_COLUMNS, WINDOW, measure_bits, usual
from hwflow.apps.can_ids.frame import NORMAL
from hwflow.apps.can_ids.profile import Profile
from hwflow.apps.can_ids.watch.detector import Verdicts
from hwflow.quantised import reference
from hwflow.quantised.network import ArgMax, Network

_NAMES = [kind.name for kind in MEASURES]
_GAP, _RELATIVE, _AGE = (_NAMES.index(name) for name in ("gap", "gap/period", "age/period"))
_OF_STRANGERS = np.isin(_NAMES, ("known", "bus", "unknown"))  # what is measured of an unknown identifier
_FIRST = PAYLOAD_COLUMNS[1]  # the column in which the measures begin
_MEASURE_OF_BIT = np.array([index for index, kind in enumerate(MEASURES) for _ in kind.levels])


@dataclass(frozen=True)
class Spoke:
    """A measure that spoke for an alarm, and its value in the measure's unit; None: the identifier's first frame."""

    measure: str
    value: int | None


class Reasons:
    """A measure spoke if it raised the net's margin of the class that was said over `normal`.

    By how much: the mean of what the margin loses when that measure alone becomes what it is usually, and of what it gains
    when all are as usual but that one. Either alone is blind: where two measures say the same, neither is missed, and
    some speak only where another does. The margin is the reference's, whatever gave the class.
    profiles: of each bus by its index in the feed's buses.
    """

    def __init__(self, network: Network, profiles: Sequence[Profile]) -> None:
        self._network = network
        self._profiles = profiles
        # So many frames the habits say there are in a window.
        self._frames = [round(sum(WINDOW / habit.period for habit in one.habits.values())) for one in profiles]

    def of(self, verdicts: Verdicts, rows: NDArray[np.int64]) -> list[tuple[Spoke, ...]]:
        """The measures that spoke in each of these frames, the loudest first."""
        x, measured, said = verdicts.x[rows], verdicts.measured[rows], verdicts.said[rows]
        ordinary = measure_bits(self._usual(verdicts, rows))
        own = x[:, _FIRST:]
        differs = np.stack(
            [(own != ordinary)[:, m == _MEASURE_OF_BIT].any(axis=1) for m in range(len(MEASURES))], axis=1
        )
        differs &= verdicts.known[rows][:, None] | _OF_STRANGERS
        of, which = np.nonzero(differs)
        only = which[:, None] == _MEASURE_OF_BIT
        usually = np.where(differs[:, _MEASURE_OF_BIT], ordinary, own)
        without, alone = x[of], x[of]
        without[:, _FIRST:] = np.where(only, ordinary[of], own[of])
        alone[:, _FIRST:] = np.where(only, own[of], usually[of])
        none = x.copy()
        none[:, _FIRST:] = usually
        lost = self._margin(x, said)[of] - self._margin(without, said[of])
        gained = self._margin(alone, said[of]) - self._margin(none, said)[of]
        shares = np.zeros(differs.shape)
        shares[of, which] = lost + gained
        return [_spoken(measured[i].tolist(), shares[i].tolist()) for i in range(len(rows))]

    def _usual(self, verdicts: Verdicts, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        buses, keys = verdicts.batch.bus[rows].tolist(), verdicts.batch.log.keys[rows].tolist()
        found = [
            usual(self._profiles[bus].habits.get(key), self._frames[bus]) for bus, key in zip(buses, keys, strict=True)
        ]
        return np.array(found, dtype=np.int64).reshape(len(rows), len(MEASURES))

    def _margin(self, x: NDArray[np.uint8], said: NDArray[np.int64]) -> NDArray[np.float64]:
        """Of the class that was said over `normal`: [n], in the net's own units."""
        scores = _scores(self._network, x)
        return scores[np.arange(len(x)), said] - scores[:, NORMAL]


def _scores(network: Network, x: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What each class has before the greatest is taken: [n, classes]."""
    last = network.nodes[-1]
    integers = network.quantise(x)
    if not isinstance(last.layer, ArgMax):
        return network.dequantise(reference.run(network, integers)).astype(np.float64)
    before = reference.trace(network, integers)[last.inputs[0]]
    return (last.layer.gain * before + last.layer.offset).astype(np.float64)


def _spoken(values: list[int], shares: list[float]) -> tuple[Spoke, ...]:
    order = sorted((index for index, share in enumerate(shares) if share > 0), key=lambda index: -shares[index])
    never = values[_GAP] >= NEVER
    return tuple(
        Spoke(_NAMES[index], None if never and index in (_GAP, _RELATIVE, _AGE) else values[index]) for index in order
    )
