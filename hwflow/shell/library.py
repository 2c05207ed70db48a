"""The hand-written modules of `rtl/`."""

from hwflow.paths import data_folder


def rtl_library(*rooms: str) -> dict[str, bytes]:
    """The hand-written modules of some rooms of `rtl/`, as project files."""
    root = data_folder("rtl")
    return {f"rtl/{path.name}": path.read_bytes() for room in rooms for path in sorted((root / room).glob("hwf_*.sv"))}
