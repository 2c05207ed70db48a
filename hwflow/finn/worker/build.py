"""FINN's steps from its model to a bitfile, a PYNQ driver and a deployment package: those that need Vivado."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from .start import load_finn

STEPS = ("hw_codegen", "hw_ipgen", "synthesize_bitfile", "make_driver", "deployment_package")


@dataclass(frozen=True)
class BuildJob:
    """What to build. model: what `compile` left last; folder: where everything goes, a path without special
    characters, since FINN writes it into scripts; board: FINN's name for it; clock_ns: period.
    """

    model: str
    folder: str
    board: str
    clock_ns: float


class Building:
    """The steps done so far, each with a model that the next can start from. `at`: the step at work."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.at = folder, ""

    def run(self, job: BuildJob) -> dict[str, Any]:
        """All steps but those done before; what `result.json` holds. Raises whatever FINN raises."""
        self.at = "start"
        steps = load_finn(self.folder / "build")
        config = _config(job)
        model = ModelWrapper(job.model)
        repeat = False
        for i, name in enumerate(STEPS):
            kept = self.folder / f"{i:02}_{name}.onnx"
            if kept.is_file() and not repeat:
                model = ModelWrapper(str(kept))
                continue
            repeat = True
            self.at = name
            print(f"@{name}", flush=True)
            model = getattr(steps, f"step_{name}")(model, config)
            draft = kept.with_suffix(".draft")
            model.save(str(draft))
            draft.rename(kept)
        resources = json.loads((self.folder / "report" / "post_synth_resources.json").read_text())
        return {"resources": resources.get("(top)", {})}


def _config(job: BuildJob) -> Any:
    from finn.builder.build_dataflow_config import DataflowBuildConfig, DataflowOutputType, ShellFlowType

    return DataflowBuildConfig(
        output_dir=job.folder,
        synth_clk_period_ns=job.clock_ns,
        board=job.board,
        shell_flow_type=ShellFlowType.VIVADO_ZYNQ,
        standalone_thresholds=True,
        generate_outputs=[
            DataflowOutputType.BITFILE,
            DataflowOutputType.PYNQ_DRIVER,
            DataflowOutputType.DEPLOYMENT_PACKAGE,
        ],
        save_intermediate_models=False,
    )
