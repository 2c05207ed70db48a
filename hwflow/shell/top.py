"""The top of a board: pins, the shared shell with its link, and an application behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hwflow.board import Board
from hwflow.clock import megahertz, pll_of
from hwflow.shell.build_digest import NO_BUILD
from hwflow.shell.verilog import Literal, instance, wire

TOP = "hwf_top"
_MADE = "pll_clk"  # what the PLL makes of the top's clk
_WINDOWS = (8, 4, 2)  # requests under way, for which the device keeps replies and has room
_WINDOW_BITS = 2048  # of memory for each of them: a reply, and the same for a request
_WINDOW_SHARE = 6  # one in so many of the part's block RAMs may go to them

_REQUEST = {  # what the shell and the application tell each other, and the bits of each
    "hello": 1,
    "request_valid": 1,
    "request_operation": 8,
    "request_address": 32,
    "request_length": 8,
    "p_valid": 1,
    "p_ready": 1,
    "p_data": 8,
    "p_more": 1,
    "r_valid": 1,
    "r_ready": 1,
    "r_data": 8,
    "request_done": 1,
    "reply_status": 8,
    "vector_in": 1,
    "vector_out": 1,
}


def top_ports(board: Board, own: Mapping[str, str]) -> dict[str, str]:
    """Port to direction; the simulated board, which has no pins, has a button, so that it can be reset. own: the
    application's."""
    ports = {"clk": "input", "button": "input", "uart_rx": "input", "uart_tx": "output", "led": "output"}
    present = {"clk", "uart_rx", "uart_tx", "button"} if not board.has_part else set(board.pins)
    return {name: direction for name, direction in ports.items() if name in present} | dict(own)


@dataclass(frozen=True)
class Application:
    """What stands behind the shell.

    kind, digest (hex), inputs, outputs: what HELLO tells, see docs/link.md; wires: its own, name to bits; parts: its
    instances; given: ports of the shell that it drives with a constant; unread: ports of the shell that it does not use; unread_wires: of its own
    ones, those that nothing reads; more: what else HELLO tells, parameter of the shell to value; pins: ports of the top
    that are its own, to their directions; window: requests that may be under way, if fewer than the board has room for.
    """

    kind: int
    digest: str
    inputs: int
    outputs: int
    wires: Mapping[str, int]
    parts: tuple[str, ...]
    given: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    more: Mapping[str, int] = field(default_factory=dict)
    unread_wires: tuple[str, ...] = ()
    pins: Mapping[str, str] = field(default_factory=dict)
    window: int | None = None


def clock_of(board: Board) -> str:
    """The wire of the top that is the clock of everything behind the pins."""
    return _MADE if pll_of(board) else "clk"


def request_ports(clock: str, *without: str) -> dict[str, str]:
    """The ports that an application shares with the shell, to the wires of the top: the clock, and the same names."""
    return {"clk": clock} | {name: name for name in ("rst", *_REQUEST) if name not in without}


def request_wires(application: Application) -> dict[str, int]:
    """What the shell and an application tell each other, name to bits, but for what the application drives with a constant or
    does not use."""
    return {name: bits for name, bits in _REQUEST.items() if name not in {*application.given, *application.unread}}


def windows_of(board: Board) -> tuple[int, ...]:
    """How many requests may be under way: 8 at most where a sixth of the part's block RAM holds them, else 4 or 2; and what is less."""
    room = board.resources
    for place, window in enumerate(_WINDOWS):
        if room is None or 2 * -(-window * _WINDOW_BITS // room.bram_bits) * _WINDOW_SHARE <= room.brams:
            return _WINDOWS[place:]
    return _WINDOWS[-1:]


def top_module(board: Board, baud: int, application: Application) -> str:
    """SystemVerilog of the top, with zeros in place of the build's digest (`hwflow.shell.build_digest`).

    With a PLL the shell's reset lasts until that has locked, and begins again should it lose its lock.
    """
    pins, ports = board.pins, top_ports(board, application.pins)
    used = request_wires(application)
    pll, clock = pll_of(board), clock_of(board)
    made = {clock: 1, "locked": 1} if pll else {}
    wires = [wire(name, bits) for name, bits in {**made, **used, "rst": 1, **application.wires}.items()]
    if application.unread or application.unread_wires:
        wires.append("  // The application does not use these.\n  // verilator lint_off UNUSEDSIGNAL\n")
        wires += [wire(name, _REQUEST[name]) for name in application.unread]
        wires += [wire(name, 1) for name in application.unread_wires]
        wires.append("  // verilator lint_on UNUSEDSIGNAL\n")
    pressed = "button" if "button" in ports else "1'b0"
    if "button" in pins and pins["button"].active_low:
        pressed = "!button"
    if pll:
        pressed = f"{pressed} || !locked"
    parameters: dict[str, int | str] = {
        "CLOCK_HZ": board.clock_hz,
        "BAUD": baud,
        "WINDOW": application.window or windows_of(board)[0],
        "KIND": application.kind,
        "DIGEST": Literal(f"128'h{application.digest[:32]}"),
        "BUILD": Literal(f"128'h{NO_BUILD}"),
        "INPUTS": application.inputs,
        "OUTPUTS": application.outputs,
    }
    pins_wiring = {"button": pressed, "uart_rx": "uart_rx", "uart_tx": "uart_tx"}
    wiring = pins_wiring | request_ports(clock) | dict(application.given)
    shell = instance("hwf_shell", "shell", parameters | dict(application.more), wiring)
    parts = [shell, *application.parts]
    if pll:
        exactly = f"  // {megahertz(board.oscillator_hz)} MHz to {pll.hz / 1_000_000} MHz.\n"
        ports_of_pll = {"clk_in": "clk", "clk_out": clock, "locked": "locked"}
        parts.insert(0, exactly + instance(pll.module, "pll", pll.parameters, ports_of_pll))
    if "led" in ports:
        # Lit while a request is carried out.
        parts.append(f"  assign led = {'!' if pins['led'].active_low else ''}request_valid;\n")
    declared = ",\n".join(f"    {direction:<6} logic {name}" for name, direction in ports.items())
    header = f"// Made by hwflow: {board.title}.\nmodule {TOP} (\n{declared}\n);\n"
    return header + "".join(wires) + "\n" + "\n".join(parts) + "endmodule\n"
