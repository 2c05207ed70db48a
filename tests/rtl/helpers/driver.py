"""The drivers that lie in a project: written out, compiled, and loaded."""

import ctypes
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from cocotb.task import bridge, resume

from helpers.axi import Device
from helpers.dma import DmaRegisters
from hwflow.host.package import FOLDER
from hwflow.project import Project

Result = TypeVar("Result")
DMA = 0x1000  # where a DMA's registers lie behind the core's, for a driver in C
_REFUSED = ("hwflow", "cocotb", "onnx", "pydantic", "cobs", "fastcrc", "serial")
_HEAD = """\
#include <stdint.h>
extern uint32_t (*on_read)(uintptr_t);
extern void (*on_write)(uintptr_t, uint32_t);
#define HWF_READ(address) on_read(address)
#define HWF_WRITE(address, value) on_write(address, value)
#define HWF_PATIENCE 20000u
#include "hwf_net.h"
uint32_t (*on_read)(uintptr_t);
void (*on_write)(uintptr_t, uint32_t);
"""


def write_driver(made: Project, folder: Path) -> Path:
    """The folder of a project's drivers."""
    for path, content in made.files.items():
        if path.startswith(f"{FOLDER}/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    return folder / FOLDER


def write_top(made: Project, folder: Path) -> list[Path]:
    """A project's own RTL, which is in no room of rtl/."""
    own = [path for path in made.files if path.startswith(("rtl/hwf_top", "rtl/hwf_net"))]
    for path in own:
        (folder / Path(path).name).write_bytes(made.files[path])
    return [folder / Path(path).name for path in own]


def without_hwflow(driver: Path) -> subprocess.CompletedProcess[str]:
    """A program that opens a bitstream where there is numpy, and a `pynq` whose core tells nothing but zeros; it prints what is wrong."""
    text = (
        "import sys\n"
        "from types import ModuleType, SimpleNamespace\n"
        "import numpy\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {_REFUSED}: raise AssertionError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        f"sys.path.insert(0, {str(driver)!r})\n"
        "pynq = sys.modules['pynq'] = ModuleType('pynq')\n"
        "core = SimpleNamespace(read=lambda at: 0)\n"
        "pynq.Overlay = lambda bitstream: SimpleNamespace(core=core, dma=None)\n"
        "class Buffer(numpy.ndarray):\n"
        "    def freebuffer(self): pass\n"
        "pynq.allocate = lambda shape, dtype: numpy.zeros(shape, dtype).view(Buffer)\n"
        "import hwflow_pynq\n"
        "try:\n"
        "    with hwflow_pynq.open('hwf_top.bit'): pass\n"
        "except Exception as error: print(error)\n"
    )
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, cwd=driver)


def compiled_driver(header: str, functions: str, folder: Path) -> Path:
    """A driver in C as a library, with these functions, whose registers are callbacks; compiled without a warning."""
    folder.mkdir(exist_ok=True)
    (folder / "hwf_net.h").write_text(header)
    (folder / "driver.c").write_text(_HEAD + functions)
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-O1", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, "driver.c", "-o", "driver.so"], cwd=folder, check=True)
    return folder / "driver.so"


def loaded_driver(library: str, read: Any, write: Any) -> Any:
    """The library, with what reads and writes a register."""
    loaded = ctypes.CDLL(library)
    loaded.hooks = (
        ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_size_t)(read),
        ctypes.CFUNCTYPE(None, ctypes.c_size_t, ctypes.c_uint32)(write),
    )
    for name, hook in zip(("on_read", "on_write"), loaded.hooks, strict=True):
        ctypes.c_void_p.in_dll(loaded, name).value = ctypes.cast(hook, ctypes.c_void_p).value
    return loaded


async def with_registers(dut: Any, use: Callable[[Any, Any], Result]) -> Result:
    """What `use` gives, in a thread, as a user's program is. It gets what reads and what writes a register: of the core, or of a DMA."""
    device = await Device.start(dut)
    dma = DmaRegisters(device)

    async def read(address: int) -> int:
        return await (dma.read(address - DMA) if address >= DMA else device.read(address))

    async def write(address: int, value: int) -> None:
        await (dma.write(address - DMA, value) if address >= DMA else device.write(address, value))

    return await bridge(use)(resume(read), resume(write))


def of_another(header: str, name: str) -> str:
    """The header with another digest of that name."""
    place = header.index(f"hwf_{name}[16] = {{") + len(f"hwf_{name}[16] = {{")
    first = header[place:].split(",", 1)[0]
    return header[:place] + str(int(first) ^ 1) + header[place + len(first) :]
