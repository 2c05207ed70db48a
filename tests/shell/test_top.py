"""The top of a board: what it tells with HELLO, and how much it holds for the link."""

import pytest

from hwflow.board import board_names, find_board
from hwflow.shell.top import window_of


@pytest.mark.parametrize("name", board_names())
def test_the_window_leaves_the_block_rams_to_the_net(name: str) -> None:
    board = find_board(name)
    window = window_of(board)
    assert window == (4 if board.family == "ice40" else 8)
    if board.resources:
        assert 2 * -(-window * 2048 // board.resources.bram_bits) <= board.resources.brams / 6
