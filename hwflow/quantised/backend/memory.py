"""Memory images: what the read-only memories of the units hold."""

import numpy as np

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.joins import AddUnit
from hwflow.quantised.backend.lookups import TableSumUnit, TableUnit
from hwflow.quantised.backend.units import DenseUnit


def image(*fields: tuple[IntArray, int]) -> bytes:
    """A $readmemh image of words of lanes: each field is integers [depth, lanes] and their bits, two's complement.

    Lane 0 is in the lowest bits of a word, and in each lane the first field is lowest.
    """
    planes = [((values[:, :, None] >> np.arange(bits)) & 1).astype(np.uint8) for values, bits in fields]
    word_bits = np.concatenate(planes, axis=2).reshape(len(planes[0]), -1)
    digits = -(-word_bits.shape[1] // 4)
    packed = np.packbits(word_bits, axis=1, bitorder="little")
    return b"".join(f"{int.from_bytes(word.tobytes(), 'little'):0{digits}x}\n".encode() for word in packed)


def weight_words(unit: DenseUnit) -> IntArray:
    """The weights of each slot {fold, beat}: [slots, PE, SIMD].

    Columns added to fill the last beat have weight 0; rows added to fill the last fold repeat the last row.
    """
    pe, simd, weight = unit.fold.pe, unit.fold.simd, unit.matrix.weight
    if unit.beats * simd > unit.columns:
        weight = np.pad(weight, ((0, 0), (0, unit.beats * simd - unit.columns)))
    weight = _repeated(weight, unit.folds * pe)
    return weight.reshape(unit.folds, pe, unit.beats, simd).transpose(0, 2, 1, 3).reshape(-1, pe, simd)


def _repeated(values: IntArray, rows: int) -> IntArray:
    """So many rows of them, the last one repeated."""
    return values if len(values) == rows else values[np.minimum(np.arange(rows), len(values) - 1)]


def weight_image(unit: DenseUnit) -> bytes:
    """Word {fold, beat}: PE x SIMD weights, lane p from bit p * SIMD * weight_bits up; see `weight_words`."""
    words = weight_words(unit)
    stored = (words + 1) // 2 if unit.bipolar else words
    return image((stored.reshape(len(stored), -1), unit.weight_bits))


def has_descending(unit: DenseUnit | AddUnit | TableSumUnit) -> bool:
    """Whether a bit of each channel says that it is descending; where thresholds are loaded, any may be."""
    if isinstance(unit, DenseUnit) and unit.fold.loaded:
        return unit.activation is not None
    return unit.activation is not None and bool(np.any(unit.activation.descending))


def threshold_images(unit: DenseUnit | AddUnit | TableSumUnit) -> dict[str, bytes]:
    """For each lane and stage of the binary search `_LANE_STAGE.hex` (the stage a hexadecimal digit), as `hwf_threshold` reads it."""
    activation = unit.activation
    if activation is None:
        return {}
    descending = np.pad(activation.descending, (0, unit.folds * unit.lanes - unit.rows)).astype(np.int64)
    images = {}
    for stage, levels in enumerate(search_levels(unit)):
        for lane in range(unit.lanes):
            fields = [(levels[lane, :, None], unit.sum.bits)]
            if stage == 0 and has_descending(unit):
                fields.append((descending[lane :: unit.lanes, None], 1))
            images[f"_{lane:03d}_{stage:x}.hex"] = image(*fields)
    return images


def search_levels(unit: DenseUnit | AddUnit | TableSumUnit) -> list[IntArray]:
    """For each stage of the binary search the levels of each lane [PE, folds * 2^stage], as `hwf_threshold` reads them."""
    if unit.activation is None:
        return []
    levels = _searchable(unit.activation.levels, unit.count_bits, unit.sum)
    levels = _repeated(levels, unit.folds * unit.lanes)
    of_lanes = levels.reshape(unit.folds, unit.lanes, -1).transpose(1, 0, 2)
    stages = []
    for stage in range(unit.count_bits):
        # Stage i compares with the middles of 2^i equal parts of the ascending levels.
        part = 1 << (unit.count_bits - stage)
        stages.append(of_lanes[:, :, part // 2 - 1 :: part].reshape(unit.lanes, -1))
    return stages


def _searchable(levels: IntArray, count_bits: int, sum_type: IntType) -> IntArray:
    """Levels [channels, steps] clipped to the accumulator and filled to 2^count_bits - 1 with one never reached."""
    missing = (1 << count_bits) - 1 - levels.shape[1]
    return np.pad(np.clip(levels, sum_type.min, sum_type.max), ((0, 0), (0, missing)), constant_values=sum_type.max)


def constant_type(values: IntArray) -> IntType:
    """The narrowest signed type that holds `values`."""
    return IntType.holding(min(int(values.min()), -1), int(values.max()))


def argmax_bits(unit: ArgMaxUnit, values: IntArray) -> int:
    """Bits of a gain or an offset: where they are loaded, whole bytes, so that those of other nets fit too."""
    bits = constant_type(values).bits
    return -(-bits // 8) * 8 if unit.loaded else bits


def argmax_image(unit: ArgMaxUnit, gains: bool, offsets: bool) -> bytes:
    """Word beat: for each lane the gain (if `gains`) and above it the offset (if `offsets`) of its channel."""
    chosen = [values for wanted, values in ((gains, unit.layer.gain), (offsets, unit.layer.offset)) if wanted]
    fill = unit.beats * unit.pe - unit.rows
    return image(*((np.pad(v, (0, fill)).reshape(unit.beats, unit.pe), argmax_bits(unit, v)) for v in chosen))


def gain_bits(unit: AddUnit) -> int:
    """Bits of a gain; 0 if all are 1."""
    return constant_type(unit.gain).bits if unit.weighted else 0


def gain_words(unit: AddUnit) -> int:
    """Words of the gains: one, where every channel has the same."""
    return unit.folds if unit.weighted and bool(np.any(unit.gain != unit.gain[:, :1])) else 1


def gain_image(unit: AddUnit) -> bytes:
    """Word fold: for each lane the gains of the branches, branch 0 lowest."""
    fill, words = unit.folds * unit.lanes - unit.rows, gain_words(unit)
    gains = [np.pad(gain, (0, fill), mode="edge").reshape(unit.folds, unit.lanes)[:words] for gain in unit.gain]
    return image(*((gain, gain_bits(unit)) for gain in gains))


def _by_pattern(entries: IntArray, low: int, x: IntType) -> IntArray:
    """Entries [..., values] in the order of the bits of x; what no x of the net is has 0."""
    patterns = np.arange(1 << x.bits)
    values = np.where(x.signed & (patterns > x.max), patterns - (1 << x.bits), patterns) - low
    inside = (values >= 0) & (values < entries.shape[-1])
    return np.where(inside, entries[..., np.where(inside, values, 0)], 0)


def table_images(unit: TableUnit) -> dict[str, bytes]:
    """For each lane `LANE.hex`, or one for all: word {fold, x}, as `hwf_table` reads it."""
    entries = _by_pattern(unit.layer.entries, unit.layer.low, unit.x)
    if unit.layer.shared:
        return {"000.hex": image((entries[0][:, None], unit.y.bits))}
    entries = np.pad(entries, ((0, unit.beats * unit.lanes - unit.rows), (0, 0)), mode="edge")
    return {f"{p:03d}.hex": image((entries[p :: unit.lanes].reshape(-1, 1), unit.y.bits)) for p in range(unit.lanes)}


def table_sum_images(unit: TableSumUnit) -> dict[str, bytes]:
    """For each column of a beat `COLUMN.hex`: word {fold, beat, x}, PE entries, as `hwf_table_sum` reads it."""
    pe, simd = unit.fold.pe, unit.fold.simd
    entries = _by_pattern(unit.layer.entries, unit.layer.low, unit.x)
    entries = np.pad(entries, ((0, 0), (0, unit.beats * simd - unit.columns), (0, 0)))
    entries = np.pad(entries, ((0, unit.folds * pe - unit.rows), (0, 0), (0, 0)), mode="edge")
    words = entries.reshape(unit.folds, pe, unit.beats, simd, -1).transpose(3, 0, 2, 4, 1)
    return {f"{s:04d}.hex": image((words[s].reshape(-1, pe), unit.entry_bits)) for s in range(simd)}
