import numpy as np
import pytest

from hwflow.dataset import Dataset


@pytest.mark.parametrize(("value", "label", "width"), [(2, 0, 3), (1, 2, 3), (1, 0, 2)])
def test_what_cannot_be_a_dataset(value: int, label: int, width: int) -> None:
    x = np.full((4, 3), value, dtype=np.uint8)
    y = np.full(4, label, dtype=np.int64)
    with pytest.raises(ValueError, match="differ|out of range"):
        Dataset(x, y, x, y, x, y, 1, ("a", "b"), tuple("abc")[:width])
