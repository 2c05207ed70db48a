"""A core as a list of files."""

from collections.abc import Sequence

from hwflow.export.bench import bench_name, bench_source


def filelist_files(module: str, sources: Sequence[str]) -> dict[str, bytes]:
    """`MODULE.f`, the RTL, and `MODULE_tb.f`, that and the testbench; paths are relative to the folder."""
    lists = {module: sources, bench_name(module): (*sources, bench_source(module))}
    return {f"{name}.f": "".join(f"{path}\n" for path in paths).encode() for name, paths in lists.items()}


def filelist_commands(module: str) -> list[str]:
    """What runs the testbench in Verilator, and in Icarus Verilog."""
    name = bench_name(module)
    return [
        f"verilator --binary --timing -CFLAGS -std=c++20 -Wno-fatal -f {name}.f --top-module {name}",
        f"obj_dir/V{name}",
        "",
        f"iverilog -g2012 -s {name} -o {name}.vvp -c {name}.f",
        f"vvp {name}.vvp",
    ]
