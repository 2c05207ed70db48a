"""A core as a module of LiteX: a stream in, `sink`, a stream out, `source`."""

from hwflow.export.core import StreamCore
from hwflow.export.guide import packing
from hwflow.export.memory import FOLDER, PARAMETER


def class_name(core: StreamCore) -> str:
    """Of the module in Python."""
    return "".join(word.capitalize() for word in core.module.split("_"))


def litex_files(core: StreamCore) -> dict[str, bytes]:
    """`MODULE.py`: a LiteXModule that adds the RTL to the platform, and instantiates the core between two endpoints.

    Memory images are read by their absolute paths, since LiteX runs a tool in a folder that the module does not know.
    """
    said = "\n".join(f"    {line}" if line else "" for line in _explained(core))
    sources = "".join(f'    "{path}",\n' for path in core.sources)
    memory = f'            p_{PARAMETER}=f"{{_FOLDER.as_posix()}}/{FOLDER}",\n' if core.images else ""
    text = f'''\
# Made by hwflow: net {core.network}, project {core.project}.
"""A net as a core between two streams of LiteX. The file stays in its folder, beside `rtl/` and `memory/`."""

from pathlib import Path

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from migen import ClockSignal, Instance, ResetSignal

_FOLDER = Path(__file__).resolve().parent
_SOURCES = (
{sources})


class {class_name(core)}(LiteXModule):
    """Vectors come in at `sink`, and answers go out at `source`, in the clock domain `sys`.

{said}
    """

    def __init__(self, platform):
        self.sink = sink = stream.Endpoint([("data", {core.s.bits})])
        self.source = source = stream.Endpoint([("data", {core.m.bits})])

        # # #

        for path in _SOURCES:
            platform.add_source(str(_FOLDER / path))
        self.specials += Instance(
            "{core.module}",
{memory}            i_clk=ClockSignal("sys"),
            i_rst=ResetSignal("sys"),
            i_s_valid=sink.valid,
            o_s_ready=sink.ready,
            i_s_data=sink.data,
            o_m_valid=source.valid,
            i_m_ready=source.ready,
            o_m_data=source.data,
        )
'''
    return {f"{core.module}.py": text.encode()}


def _explained(core: StreamCore) -> list[str]:
    """The packing in the words of LiteX."""
    lines = [*packing(core.s, "Input"), "", *packing(core.m, "Output")]
    named = [line.replace("s_data", "sink.data").replace("m_data", "source.data") for line in lines]
    return [
        *named,
        "",
        "`first` and `last` of the endpoints are not used: those of `sink` are ignored, those of `source` are 0.",
    ]
