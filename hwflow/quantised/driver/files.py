"""The driver of a net as a package for the board: this room's `onboard`, what it needs of hwflow, and the net in numbers."""

import json
from collections.abc import Sequence
from importlib import resources
from math import prod
from typing import Any

from hwflow.host.c_header import c_header
from hwflow.host.package import FOLDER, package_files
from hwflow.ints import IntType
from hwflow.quantised.driver.onboard import NET
from hwflow.quantised.elementwise import Step
from hwflow.quantised.network import ArgMax, Network
from hwflow.quantised.ports import InputPort, OutputPort
from hwflow.shell.axi import AxiCore

C_DRIVER, SETTINGS = f"{FOLDER}/hwf_net.h", f"{FOLDER}/settings.json"
_ONBOARD = "hwflow.quantised.driver.onboard"


def driver_files(network: Network, core: AxiCore, output: IntType, build: str) -> dict[str, bytes]:
    """The files, by path in the project. output: type of the results; build: the digest that the core tells."""
    shapes = _shapes(network, output)
    document = _document(network, core, output, build) | {"finn": shapes}
    settings = {
        "driver_information": {"driver_type": "FINNDMAOverlay", "platform": "zynq-iodma", "io_shape_dict": shapes}
    }
    return package_files(_ONBOARD, {NET: _json(document)}) | {
        SETTINGS: _json(settings),
        C_DRIVER: _c_driver(network, core, output, build).encode(),
    }


def _json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode()


def _shapes(network: Network, output: IntType) -> dict[str, Any]:
    """What FINN's `settings.json` tells of inputs and outputs, of which one vector is a batch."""
    inputs, outputs = network.sources, network.sinks
    return {
        "idt": [_finn_type(port.kind) for port in inputs],
        "odt": [_finn_type(output) for _ in outputs],
        "ishape_normal": [[1, *port.shape] for port in inputs],
        "oshape_normal": [[1, *(port.shape if prod(port.shape) == port.size else (port.size,))] for port in outputs],
        "num_inputs": len(inputs),
        "num_outputs": len(outputs),
    }


def _finn_type(kind: IntType) -> str:
    name = "BINARY" if kind.bits == 1 and not kind.signed else f"{'INT' if kind.signed else 'UINT'}{kind.bits}"
    return f"DataType['{name}']"


def _c_driver(network: Network, core: AxiCore, output: IntType, build: str) -> str:
    """The driver in C: the net in numbers, and `onboard.c` behind them. A value is a type of C that holds input and output."""
    wide = max(kind.bits + (not kind.signed) for kind in (network.input_type, output)) > 32
    numbers: dict[str, int | str] = {
        "HWF_INPUTS": network.input_size,
        "HWF_INPUT_BITS": network.input_type.bits,
        "HWF_INPUT_MIN": f"({network.input_type.min + 1} - 1)",  # C has no negative constants, and no least one
        "HWF_INPUT_MAX": network.input_type.max,
        "HWF_INPUT_BYTES": _bytes(network.input_size * network.input_type.bits, core.s_axis),
        "HWF_OUTPUTS": network.output_size,
        "HWF_OUTPUT_BITS": output.bits,
        "HWF_OUTPUT_SIGNED": int(output.signed),
        "HWF_OUTPUT_BYTES": _bytes(network.output_size * output.bits, core.m_axis),
    }
    body = (resources.files(__package__) / "onboard.c").read_text()
    value = f"typedef int{64 if wide else 32}_t hwf_value;"
    return c_header(numbers, [value], core.application.digest, build, body)


def _bytes(bits: int, stream: int) -> int:
    """Of a vector of so many bits in whole beats."""
    return -(-bits // stream) * stream // 8


def _document(network: Network, core: AxiCore, output: IntType, build: str) -> dict[str, Any]:
    return {
        "name": network.name,
        "digest": core.application.digest[:32],
        "build": build,
        "classes": _classes(network),
        "input": _end(
            network.input_size, network.input_type, core.s_axis, [(port, port.kind) for port in network.sources]
        ),
        "output": _end(network.output_size, output, core.m_axis, [(port, output) for port in network.sinks]),
    }


def _end(
    size: int, kind: IntType, stream: int, ports: Sequence[tuple[InputPort | OutputPort, IntType]]
) -> dict[str, Any]:
    """An end of the core. stream: bits of TDATA; ports: each with the type of its integers."""
    return {
        "size": size,
        **_type(kind),
        "stream": stream,
        "ports": [
            {"name": port.name, "shape": port.shape, "size": port.size, **_type(own), "steps": _steps(port.steps)}
            for port, own in ports
        ],
    }


def _classes(network: Network) -> str:
    """How the outputs are a class: `given`, by the `greatest`, or not at all, as in `classes_of`."""
    if network.outputs:
        return ""
    if isinstance(network.nodes[-1].layer, ArgMax):
        return "given"
    return "greatest" if network.sinks[0].width > 1 else ""


def _type(kind: IntType) -> dict[str, Any]:
    return {"bits": kind.bits, "signed": kind.signed}


def _steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Operands as numbers that read back as the same float32."""
    return [{"kind": step.kind, "operands": [operand.tolist() for operand in step.operands]} for step in steps]
