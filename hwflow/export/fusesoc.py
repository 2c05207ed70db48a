"""A core as a FuseSoC core file (CAPI 2)."""

import json
from collections.abc import Sequence

from hwflow.export.bench import VECTORS, bench_name, bench_source
from hwflow.export.core import StreamCore
from hwflow.export.identity import LIBRARY, VENDOR, VERSION, plain_name


def identifier(core: StreamCore) -> str:
    """Vendor, library, name and version."""
    return f"{VENDOR}:{LIBRARY}:{plain_name(core.title, core.module)}:{VERSION}"


def fusesoc_files(core: StreamCore) -> dict[str, bytes]:
    """`MODULE.core`: the target `default` for designs that depend on it, and `sim`, the testbench in Verilator.

    Memory images and vectors are copied to where the tool runs, under the paths by which they are read.
    """
    text = f"""\
CAPI=2:
# Made by hwflow: net {core.network}, project {core.project}.
name: {identifier(core)}
description: {json.dumps(f"The net {core.title} as a core between two streams")}

filesets:
  rtl:
    file_type: systemVerilogSource
    files:
{_listed(core.sources)}  memory:
    file_type: user
    files:
{_copied(core.images)}  tb:
    file_type: systemVerilogSource
    files:
{_listed([bench_source(core.module)])}  vectors:
    file_type: user
    files:
{_copied(VECTORS)}
targets:
  default:
    filesets: [rtl, memory]
    toplevel: {core.module}
  sim:
    flow: sim
    flow_options:
      tool: verilator
      mode: binary
      verilator_options: [--timing, -CFLAGS -std=c++20, -Wno-fatal]
    filesets: [rtl, memory, tb, vectors]
    toplevel: {bench_name(core.module)}
"""
    return {f"{core.module}.core": text.encode()}


def fusesoc_commands(core: StreamCore) -> list[str]:
    """What runs the testbench."""
    return [f"fusesoc --cores-root . run --target sim {identifier(core)}"]


def _listed(paths: Sequence[str]) -> str:
    return "".join(f"      - {path}\n" for path in paths)


def _copied(paths: Sequence[str]) -> str:
    return "".join(f"      - {path}: {{copyto: {path}}}\n" for path in paths)
