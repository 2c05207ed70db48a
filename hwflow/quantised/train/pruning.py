"""Weights of a net that stay zero while it trains: the least ones that it began with."""

from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.errors import needed

with needed("Training", "train"):
    import torch
    from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class Pruning:
    """masks: matrices, and 1 for each of their weights that stays, 0 for the others, in the weights' shape."""

    masks: tuple[tuple[nn.Linear, Tensor], ...]

    @staticmethod
    def of(net: nn.Sequential, share: float, weight_bits: Sequence[int]) -> "Pruning":
        """That share of each matrix's weights, the least by magnitude and of equals the first, rounded down.

        weight_bits: of each matrix; those of one bit, of -1 and +1, have no zeros and are left whole.
        """
        matrices = [layer for layer in net if isinstance(layer, nn.Linear)]
        pairs = zip(matrices, weight_bits, strict=True)
        return Pruning(tuple((layer, _kept(layer.weight, share)) for layer, bits in pairs if bits > 1 and share > 0))

    def apply(self) -> None:
        """Set the pruned weights to zero; to be called after each step."""
        with torch.no_grad():
            for layer, kept in self.masks:
                layer.weight.mul_(kept)


def _kept(weight: Tensor, share: float) -> Tensor:
    sizes = weight.detach().abs().flatten()
    kept = torch.ones_like(sizes)
    kept[torch.argsort(sizes, stable=True)[: int(share * len(sizes))]] = 0
    return kept.reshape(weight.shape)
