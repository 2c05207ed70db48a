"""Names of types mean what the qonnx package takes them for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.quantised.frontend.annotation import Annotated, type_named

NAMES = (
    st.sampled_from(
        ["BINARY", "BIPOLAR", "TERNARY", "FLOAT32", "FLOAT16", "FLOAT<4,3>", "FLOAT<4,3,7>", "SCALEDINT<8>"]
    )
    | st.builds("{}INT{}".format, st.sampled_from(["", "U"]), st.integers(1, 64))
    | st.builds("FIXED<{},{}>".format, st.integers(33, 64), st.integers(-32, 32))
)


@given(NAMES)
def test_a_name_is_the_type_that_qonnx_takes_it_for(name: str) -> None:
    datatype = pytest.importorskip("qonnx.core.datatype", reason="no qonnx, which `pip install 'hwflow[qonnx]'` brings")
    kind, ours = datatype.DataType[name], type_named(name)
    if isinstance(kind, datatype.FixedPointType):
        assert ours == Annotated(kind.bitwidth(), signed=True, fraction=kind.frac_bits())
    elif name == "BIPOLAR":
        assert ours == Annotated(1, signed=False, bipolar=True)
    elif kind.is_integer():
        assert ours == Annotated(kind.bitwidth(), signed=kind.signed())
    else:
        assert ours is None


@pytest.mark.parametrize("name", ["", "INT", "int4", "INT4; x", "INT99999", "FIXED<4,4>", "FIXED<8>", "FLOAT"])
def test_what_is_no_type_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no type"):
        type_named(name)
