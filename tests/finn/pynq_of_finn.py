"""Run by FINN's Python: the notebook on FINN's own driver, with a stand-in for `pynq` whose two IODMAs do what a net of FINN's would.

argv: the folder of finn_plus_driver, settings.json, an .npz of the vectors x and their results y. What is packed for the device is
unpacked by FINN's rules, looked up among x, and answered by y, packed by them. The answers go to y.npy.
"""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np

package, settings, case = sys.argv[1:]
sys.path[:0] = [package, str(Path(__file__).parent)]
given = np.load(case)
known = {tuple(x): y for x, y in zip(given["x"].tolist(), given["y"], strict=True)}
buffers = {}


class Buffer(np.ndarray):
    def flush(self):
        pass

    invalidate = flush


def allocate(shape, dtype, cacheable, target):
    buffer = np.zeros(shape, dtype).view(Buffer)
    buffer.device_address = 0x1000 * (1 + len(buffers))
    buffers[buffer.device_address] = buffer
    return buffer


class Iodma:
    """Registers: 0x00 control (1 starts; 2 done, 4 idle), 0x10 and 0x14 address, 0x1C vectors."""

    def __init__(self, start):
        self.words, self.start = {0x00: 4}, start

    def read(self, offset):
        return self.words[offset]

    def write(self, offset, value):
        self.words[offset] = value
        if offset == 0x00:
            self.start()


class Overlay:
    def __init__(self, bitstream, download, device):
        self.device, self.ip_dict = device, {}
        self.odma0 = Iodma(lambda: None)
        self.idma0 = Iodma(self.compute)

    def compute(self):
        from finn_plus_driver.packing import finnpy_to_packed_bytearray, packed_bytearray_to_finnpy

        into, back = (buffers[dma.words[0x10]] for dma in (self.idma0, self.odma0))
        x = packed_bytearray_to_finnpy(into, self.idt(), self.ishape_folded(), reverse_endian=True, reverse_inner=True)
        y = np.stack([known[tuple(row)] for row in x.reshape(len(x), -1).astype(int).tolist()])
        back[:] = finnpy_to_packed_bytearray(
            y.reshape(self.oshape_folded()).astype(np.float32), self.odt(), reverse_endian=True, reverse_inner=True
        )
        self.odma0.words[0x00] = 2


pynq, ps = ModuleType("pynq"), ModuleType("pynq.ps")
pynq.Overlay, pynq.allocate, ps.Clocks = Overlay, allocate, SimpleNamespace()
pynq.Bitstream = object  # of drivers that are not used here
sys.modules |= {"pynq": pynq, "pynq.ps": ps}

import notebook  # noqa: E402
from finn_plus_driver import FINNDMAOverlay  # noqa: E402

x = given["x"].astype(np.float32)
np.save(Path(case).with_name("y.npy"), notebook.outputs(FINNDMAOverlay, "finn-accel.bit", Path(settings), x))
