"""hwflow: from a trained quantised or spiking net to an FPGA, bit for bit.

    import hwflow
    model = hwflow.load("net.onnx")
    project = model.compile("icebreaker", out="build/ice")
    project.simulate().mismatches  # 0

Names are loaded when they are first used, so that the import itself costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "load": "hwflow.api",
    "build": "hwflow.api",
    "from_brevitas": "hwflow.quantised.model",
    "open_project": "hwflow.api",
    "report": "hwflow.api",
    "SpikingNet": "hwflow.spiking.net",
    "STDP": "hwflow.spiking.net",
    "Model": "hwflow.family",
    "CompiledProject": "hwflow.family",
    "HwflowError": "hwflow.errors",
    "UserError": "hwflow.errors",
    "ToolError": "hwflow.errors",
    "MissingTool": "hwflow.errors",
}
__all__ = [
    "STDP",
    "CompiledProject",
    "HwflowError",
    "MissingTool",
    "Model",
    "SpikingNet",
    "ToolError",
    "UserError",
    "__version__",
    "build",
    "from_brevitas",
    "load",
    "open_project",
    "report",
]

if TYPE_CHECKING:
    from hwflow.api import build, load, open_project, report
    from hwflow.errors import HwflowError, MissingTool, ToolError, UserError
    from hwflow.handles import CompiledProject, Model
    from hwflow.quantised.model import from_brevitas
    from hwflow.spiking.net import STDP, SpikingNet


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'hwflow' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
