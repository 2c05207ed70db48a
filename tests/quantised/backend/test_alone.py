"""A unit, or a way between two, as a module of its own: with the unit's own ports, and the same under any name."""

import re
from dataclasses import replace

import numpy as np
import pytest
from quantised.alone import one_of_each_kind

from hwflow.ints import IntType
from hwflow.quantised.backend.alone import link_files, unit_files
from hwflow.quantised.backend.slice_unit import SliceUnit
from hwflow.quantised.backend.streams import Link, Resize
from hwflow.quantised.backend.units import DenseUnit, HardwiredUnit, Unit
from hwflow.quantised.network import Node, Slice

UNITS = one_of_each_kind()


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_its_ports_are_those_of_the_unit(unit: Unit) -> None:
    text = unit_files(unit, "hwf_unit", block_ram=True)["rtl/hwf_unit.sv"].decode()
    widths = {
        name: int(top) + 1 for top, name in re.findall(r"logic \[(\d+):0\] ([sm]\d*)_data[,\n]", text.split(");")[0])
    }
    bits = [lanes * kind.bits for lanes, kind in zip(unit.lanes_in, unit.types_in, strict=True)]
    assert widths == {f"s{port}": width for port, width in enumerate(bits)} | {"m": unit.lanes * unit.y.bits}


def test_equal_units_of_other_names_are_equal() -> None:
    for unit in UNITS.values():
        if isinstance(unit, DenseUnit) and not isinstance(unit, HardwiredUnit):
            other = replace(unit, node=replace(unit.node, name="other"))
            assert unit_files(other, "top", block_ram=False) == unit_files(unit, "top", block_ram=False)


def test_a_way_has_its_packing_its_fifo_and_its_unpacking() -> None:
    two = IntType(2, signed=False)
    reader = SliceUnit(Node("part", Slice(0, 12, 12), ("x",)), 2, False, two, two)
    for pe, packs, unpacks in ((3, True, True), (2, False, False), (1, True, False), (6, False, True)):
        resize = Resize(12, pe, 2) if pe != 2 else None
        link = Link("x", two, resize, resize.wide if resize else pe, reader, 0, 5)
        text = link_files(link, pe, "top", block_ram=False)["rtl/top.sv"].decode()
        assert ("hwf_pack" in text, "hwf_unpack" in text) == (packs, unpacks) and text.count("hwf_fifo") == 1
        assert f"logic [{pe * 2 - 1}:0] s0_data" in text and "logic [3:0] m_data" in text


def test_there_is_one_of_each_kind() -> None:
    assert len(UNITS) == 10 and np.all([unit.cycles > 0 for unit in UNITS.values()])
