"""What a notebook on a board does with an accelerator, in the words of FINN's driver: the same for FINN's package and for hwflow's."""

import json
from pathlib import Path
from typing import Any


def outputs(overlay: Any, bitstream: str, settings: Path, x: Any) -> Any:
    """overlay: `FINNDMAOverlay` of either package; settings: settings.json of either; x: integers [n, inputs]."""
    told = json.loads(settings.read_text())["driver_information"]
    accel = overlay(
        bitfile_name=bitstream, platform=told["platform"], io_shape_dict=told["io_shape_dict"], batch_size=len(x)
    )
    assert accel.ishape_normal()[0] == accel.oshape_normal()[0] == len(x)
    return accel.execute(x.reshape(accel.ishape_normal()))
