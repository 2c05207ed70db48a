"""How images become spikes for a net that is trained off the chip, and more images to train on."""

import numpy as np

from hwflow.dataset import Samples
from hwflow.spiking.train.coding import Spikes, rate_code

_TICKS, _SPIKES = 16, 6.0  # of an image by rates
_TURN, _STRETCH, _SLANT, _SHIFT = 0.15, 0.1, 0.15, 1.0  # at most: radians, shares, and pixels
_AT_ONCE = 500  # images


def by_rates(images: Samples, silence: int) -> Spikes:
    """Images of 0 … 16, [n, pixels]: 16 ticks of spikes, as many as a pixel is bright, and silence."""
    return np.stack([rate_code(one / 16, _SPIKES, _TICKS, silence) for one in images])


def in_one_tick(images: Samples, silence: int) -> Spikes:
    """Images of 0 … 255, [n, pixels]: a spike of each pixel that is brighter than half, all in one tick, and silence."""
    return np.pad((images > 127)[:, None], ((0, 0), (0, silence), (0, 0)))


def warped(images: Samples, copies: int, seed: int) -> Samples:
    """Square images, [n, pixels], and behind them so many copies of all, each turned, stretched, slanted and shifted by chance.

    Needs PyTorch.
    """
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    side, draw = round(images.shape[1] ** 0.5), torch.Generator().manual_seed(seed)
    found = [images]
    for first in [start for _ in range(copies) for start in range(0, len(images), _AT_ONCE)]:
        some = torch.from_numpy(images[first : first + _AT_ONCE]).float().reshape(-1, 1, side, side)
        turn, wide, high, slant, right, down = 2 * torch.rand((6, len(some)), generator=draw) - 1
        cos, sin, wide, high = (_TURN * turn).cos(), (_TURN * turn).sin(), 1 + _STRETCH * wide, 1 + _STRETCH * high
        shift = 2 * _SHIFT / side
        rows = [cos * wide, (_SLANT * slant - sin) * wide, shift * right, sin * high, cos * high, shift * down]
        grid = affine_grid(torch.stack(rows, dim=1).reshape(-1, 2, 3), list(some.shape), align_corners=False)
        moved = grid_sample(some, grid, align_corners=False).round().clamp(0, 255)
        found.append(moved.reshape(len(some), -1).numpy().astype(np.uint8))
    return np.concatenate(found)
