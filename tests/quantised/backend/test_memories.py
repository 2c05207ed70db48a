"""Block RAMs of memories: of those that are only read as Yosys 0.70 puts them there by itself (hwf_rom, STYLE "auto")."""

import pytest

from hwflow.quantised.backend.memories import BLOCK_RAM, constant_blocks

# Words, bits of a word, block RAMs (0: look-up tables); of xilinx a RAMB18 is half of one, and the halves are rounded up.
SYNTHESISED = {
    "ice40": [(128, 8, 0), (128, 16, 1), (256, 4, 0), (256, 8, 1), (1024, 2, 1), (2048, 2, 1), (5120, 2, 3)],
    "ecp5": [(32, 144, 0), (64, 32, 0), (64, 36, 1), (64, 64, 0), (64, 72, 2), (100, 16, 0), (100, 24, 1), (256, 8, 0),
             (256, 12, 1), (256, 144, 4), (600, 24, 2), (600, 64, 4), (2048, 1, 0), (2048, 12, 2), (4096, 8, 2)],
    "gowin": [(64, 36, 1), (64, 64, 0), (100, 144, 4), (256, 8, 0), (600, 36, 2), (1024, 36, 2), (4096, 8, 2)],
    "xilinx": [(100, 144, 0), (128, 64, 0), (128, 72, 0), (256, 36, 1), (512, 20, 1), (1024, 36, 1), (256, 72, 1),
               (2048, 5, 1), (4096, 2, 0), (4096, 3, 1)],
}  # fmt: skip


@pytest.mark.parametrize("family", SYNTHESISED)
def test_constants_lie_where_synthesis_puts_them(family: str) -> None:
    for depth, width, blocks in SYNTHESISED[family]:
        assert constant_blocks(depth, width, family) == blocks, (depth, width)


@pytest.mark.parametrize("family", SYNTHESISED)
def test_few_words_are_tables(family: str) -> None:
    assert constant_blocks(16, 10_000, family) == 0


@pytest.mark.parametrize(
    ("family", "depth", "width", "blocks"),
    [("ice40", 256, 16, 1), ("ice40", 257, 16, 2), ("ice40", 64, 128, 8), ("ice40", 4096, 1, 1), ("ecp5", 512, 36, 1)],
)
def test_blocks_of_a_memory(family: str, depth: int, width: int, blocks: int) -> None:
    assert BLOCK_RAM[family].blocks(depth, width) == blocks
