"""Yosys' commands for AMD's parts, of which it makes counts alone: place and route are Vivado's."""

from typing import Literal

Cells = Literal["xc7", "xcup"]  # the 7 series, UltraScale+

# Of memories in look-up tables, mapped together with what follows them, ABC9 makes up to twice as many (docs/decisions.md).
_APART = "*hwf_deep_rom*"


def synthesise(
    top: str, cells: Cells = "xc7", *, multipliers: bool = False, pins: bool = True, option: str = ""
) -> str:
    """The commands that make a flat netlist of a design that was read, deep memories mapped each by itself.

    multipliers: whether products may become them; pins: whether ports are; option: one more of the synthesis command.
    """
    options = [
        "" if multipliers else "-nodsp",
        "-nolutram" if cells == "xcup" else "",  # its library cannot map look-up tables as memory
        "" if pins else "-noiopad",
        option,
    ]
    command = " ".join(["synth_xilinx", "-family", cells, "-flatten", *filter(None, options), "-top", top])
    return (
        f"hierarchy -top {top}; setattr -mod -set keep_hierarchy 1 {_APART}; {command}; "
        f"setattr -mod -unset keep_hierarchy {_APART}; flatten; opt_clean"
    )
