"""FINN, imported without Vivado and without torch."""

import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .job import PINNED, Failure


def load_finn(build: Path) -> Any:
    """FINN's module of steps, imported without Vivado and without torch. Raises Failure for another version."""
    found = version("finn-plus")
    if found != PINNED:
        raise Failure("start", "", f"this is finn-plus {found}, and hwflow works with {PINNED} only")
    build.mkdir(parents=True, exist_ok=True)
    # Where FINN would otherwise write into the home folder.
    os.environ["FINN_BUILD_DIR"] = str(build)
    os.environ["FINN_SETTINGS"] = str(build / "settings.yaml")
    with _no_torch():
        import finn.custom_op.fpgadataflow.layernorm
    import finn.xsi

    for name in finn.xsi._LAZY_NAMES:  # the vendor's simulator, asked for on import and not used here
        if name not in vars(finn.xsi):
            setattr(finn.xsi, name, None)
    import finn.builder.build_dataflow_steps as steps

    return steps


@contextmanager
def _no_torch() -> Iterator[None]:
    """Empty modules in the place of torch, unless it is there."""
    from importlib.util import find_spec

    if find_spec("torch") is not None:
        yield
        return
    names = ("torch", "torch.nn", "torch.nn.functional")
    made: dict[str, Any] = {name: types.ModuleType(name) for name in names}
    made["torch"].nn, made["torch.nn"].functional = made["torch.nn"], made["torch.nn.functional"]
    made["torch"].Tensor = type("Tensor", (), {})
    sys.modules.update(made)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
