"""What the RTL module of each unit is parametrised with, and the memory images that it reads."""

from collections.abc import Sequence

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend import memory
from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.joins import AddUnit, ConcatUnit
from hwflow.quantised.backend.lookups import LEVELS as TREE_LEVELS
from hwflow.quantised.backend.lookups import TableSumUnit, TableUnit
from hwflow.quantised.backend.slice_unit import SliceUnit
from hwflow.quantised.backend.token_units import ReduceUnit, TransposeUnit
from hwflow.quantised.backend.units import LEVELS, DenseUnit, HardwiredUnit, Unit
from hwflow.shell.verilog import Literal


def dense_parameters(unit: DenseUnit, memories: str) -> dict[str, int | str]:
    """The parameters of `hwf_dense`, but for the styles of its memories."""
    activation = unit.activation
    return {
        "ROWS": unit.rows,
        "COLUMNS": unit.columns,
        "PE": unit.fold.pe,
        "SIMD": unit.fold.simd,
        "X_BITS": unit.x.bits,
        "X_SIGNED": int(unit.x.signed),
        "W_BITS": unit.weight_bits,
        "W_BIPOLAR": int(unit.bipolar),
        "W_TERNARY": int(unit.ternary),
        "LEVELS": LEVELS,
        "SUM_BITS": unit.sum.bits,
        "COUNT_BITS": unit.count_bits,
        "STEPS": activation.levels.shape[1] if activation else 0,
        "DESCENDING": int(memory.has_descending(unit)),
        "BASE": activation.base if activation else 0,
        "Y_BITS": unit.y.bits,
        **({"SEED": unit.seed} if unit.seed else {"WEIGHTS": f"{memories}{unit.name}_weights.hex"}),
        "THRESHOLDS": f"{memories}{unit.name}_threshold_",
    }


def argmax_parameters(unit: ArgMaxUnit, memories: str) -> dict[str, int | str]:
    """The parameters of `hwf_argmax`: a shift where one power of two is every channel's gain."""
    gain, offset = unit.layer.gain, unit.layer.offset
    shift = int(gain[0]).bit_length() - 1
    common = bool((gain == gain[0]).all()) and int(gain[0]) == 1 << max(shift, 0)
    corners = [int(g) * x + int(o) for g, o in zip(gain, offset, strict=True) for x in (unit.x.min, unit.x.max)]
    if unit.loaded:
        gains = IntType(memory.argmax_bits(unit, gain), signed=True)
        offsets = IntType(memory.argmax_bits(unit, offset), signed=True)
        most = max(1 << max(shift, 0) if common else 0, -gains.min) * max(-unit.x.min, unit.x.max) - offsets.min
        corners = [-most, most]
    spread = IntType.holding(min(corners), max(corners))
    parameters: dict[str, int | str] = {
        "ROWS": unit.rows,
        "PE": unit.pe,
        "X_BITS": unit.x.bits,
        "X_SIGNED": int(unit.x.signed),
        "SHIFT": shift if common else 0,
        "GAIN_BITS": 0 if common else memory.argmax_bits(unit, gain),
        "OFFSET_BITS": memory.argmax_bits(unit, offset) if offset.any() else 0,
        # Signed, and not narrower than what it is extended from.
        "SCORE_BITS": max(spread.bits, unit.x.bits) + 1,
        "CONSTANTS": f"{memories}{unit.name}_constants.hex",
    }
    return parameters


def first_largest_parameters(unit: ArgMaxUnit) -> dict[str, int | str]:
    """The parameters of `hwf_first_largest`: gains and offsets are constants."""
    whole = argmax_parameters(unit, "")
    bits = int(whole["SCORE_BITS"])
    return {
        "ROWS": unit.rows,
        "X_BITS": unit.x.bits,
        "X_SIGNED": int(unit.x.signed),
        "SCORE_BITS": bits,
        "GAINS": _constants(unit.layer.gain, bits),
        "OFFSETS": _constants(unit.layer.offset, bits),
    }


def _constants(values: IntArray, bits: int) -> Literal:
    """Integers side by side, the first lowest."""
    fields = [f"{bits}'d{int(value) % (1 << bits)}" for value in reversed(values)]
    return Literal(f"{{{', '.join(fields)}}}")


def add_parameters(unit: AddUnit, memories: str) -> dict[str, int | str]:
    """The parameters of `hwf_add`."""
    activation = unit.activation
    return {
        "BRANCHES": len(unit.branches),
        "PRODUCT": int(unit.multiplies),
        "ROWS": unit.rows,
        "PE": unit.lanes,
        "X_BITS": unit.x.bits,
        "GAIN_BITS": memory.gain_bits(unit),
        "GAIN_WORDS": memory.gain_words(unit),
        "SUM_BITS": unit.sum.bits,
        "COUNT_BITS": unit.count_bits,
        "STEPS": unit.steps,
        "DESCENDING": int(memory.has_descending(unit)),
        "BASE": activation.base if activation else 0,
        "Y_BITS": unit.y.bits,
        "GAINS": f"{memories}{unit.name}_gains.hex",
        "THRESHOLDS": f"{memories}{unit.name}_threshold_",
    }


def concat_parameters(unit: ConcatUnit) -> dict[str, int | str]:
    """The parameters of `hwf_concat`."""
    beats = ", ".join(f"32'd{count}" for count in reversed(unit.turns))
    bits = unit.lanes * unit.y.bits
    return {
        "BRANCHES": len(unit.branches),
        "WIDTH": bits,
        "BEATS": Literal(f"{{{beats}}}"),
        "WHOLE": int(unit.whole),
        "S_BITS": bits if unit.whole else len(unit.branches) * bits,
    }


def slice_parameters(unit: SliceUnit) -> dict[str, int | str]:
    """The parameters of `hwf_slice`."""
    return {
        "WIDTH": unit.y.bits,
        "S_LANES": unit.lanes_in[0],
        "M_LANES": unit.lanes,
        "OFFSET": unit.layer.start if unit.whole else 0,
        "BEATS": unit.beats,
        "FIRST": unit.passing.start,
        "COUNT": len(unit.passing),
    }


def transpose_parameters(unit: TransposeUnit) -> dict[str, int | str]:
    """The parameters of `hwf_transpose`, but for the style of its memory."""
    return {
        "ROWS": unit.layer.rows,
        "COLUMNS": unit.layer.columns,
        "INNER": unit.inner,
        "LANES": unit.lanes // unit.grouped,
        "WIDTH": unit.width,
    }


def reduce_parameters(unit: ReduceUnit) -> dict[str, int | str]:
    """The parameters of `hwf_reduce`."""
    return {
        "AXIS": unit.layer.axis,
        "BEATS": unit.beats,
        "LANES": unit.lanes,
        "X_BITS": unit.x.bits,
        "X_SIGNED": int(unit.x.signed),
        "SUM_BITS": unit.sum.bits,
        "Y_BITS": unit.y.bits,
        "GREATEST": int(unit.layer.greatest),
    }


def table_parameters(unit: TableUnit, memories: str) -> dict[str, int | str]:
    """The parameters of `hwf_table`, but for the style of its memories."""
    return {
        "ROWS": unit.rows,
        "PE": unit.lanes,
        "X_BITS": unit.x.bits,
        "Y_BITS": unit.y.bits,
        "OWN": int(not unit.layer.shared),
        "TABLES": f"{memories}{unit.name}_table_",
    }


def table_sum_parameters(unit: TableSumUnit, memories: str) -> dict[str, int | str]:
    """The parameters of `hwf_table_sum`, but for the style of its memories."""
    activation = unit.activation
    return {
        "ROWS": unit.rows,
        "COLUMNS": unit.columns,
        "PE": unit.fold.pe,
        "SIMD": unit.fold.simd,
        "X_BITS": unit.x.bits,
        "ENTRY_BITS": unit.entry_bits,
        "LEVELS": TREE_LEVELS,
        "SUM_BITS": unit.sum.bits,
        "COUNT_BITS": unit.count_bits,
        "STEPS": unit.steps,
        "DESCENDING": int(memory.has_descending(unit)),
        "BASE": activation.base if activation else 0,
        "Y_BITS": unit.y.bits,
        "TABLES": f"{memories}{unit.name}_table_",
        "THRESHOLDS": f"{memories}{unit.name}_threshold_",
    }


def memory_images(units: Sequence[Unit], memories: str) -> dict[str, bytes]:
    """Every file that the parameters above name, of memories that the host does not write."""
    files: dict[str, bytes] = {}
    for unit in units:
        match unit:
            case HardwiredUnit():
                pass
            case DenseUnit():
                if unit.read_only:
                    files[f"{memories}{unit.name}_weights.hex"] = memory.weight_image(unit)
                for name, content in ({} if unit.fold.loaded else memory.threshold_images(unit)).items():
                    files[f"{memories}{unit.name}_threshold{name}"] = content
            case AddUnit():
                if unit.weighted:
                    files[f"{memories}{unit.name}_gains.hex"] = memory.gain_image(unit)
                for name, content in memory.threshold_images(unit).items():
                    files[f"{memories}{unit.name}_threshold{name}"] = content
            case TableUnit():
                for name, content in memory.table_images(unit).items():
                    files[f"{memories}{unit.name}_table_{name}"] = content
            case TableSumUnit():
                for name, content in memory.table_sum_images(unit).items():
                    files[f"{memories}{unit.name}_table_{name}"] = content
                for name, content in memory.threshold_images(unit).items():
                    files[f"{memories}{unit.name}_threshold{name}"] = content
            case ArgMaxUnit(at_once=False):
                parameters = argmax_parameters(unit, memories)
                gains, offsets = parameters["GAIN_BITS"] != 0, parameters["OFFSET_BITS"] != 0
                if (gains or offsets) and not unit.loaded:
                    files[str(parameters["CONSTANTS"])] = memory.argmax_image(unit, gains, offsets)
    return files
