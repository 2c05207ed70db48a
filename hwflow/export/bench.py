"""A testbench that judges by itself: plain SystemVerilog, for Verilator and Icarus Verilog alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

VECTORS = STIMULUS, EXPECTED = "vectors/stimulus.hex", "vectors/expected.hex"
_PATIENCE = 1_000_000  # cycles without a beat, after which the core is taken to hang


class Beats(Protocol):
    """What passes at an end of a core. bits: of a beat; beats: of a vector; used: bits of a vector's last beat that mean
    something."""

    @property
    def bits(self) -> int: ...

    @property
    def beats(self) -> int: ...

    @property
    def used(self) -> int: ...

    def image(self) -> bytes:
        """The vectors' beats, one behind the other, each a line of hexadecimal digits as `$readmemh` reads it."""
        ...


@dataclass(frozen=True)
class Bench:
    """module: of the core; instance: SystemVerilog of one whose ports go to `clk`, `rst` and to `valid`, `ready` and `data` of
    `s` and `m`; vectors: how many; s, m: their beats, in and out."""

    module: str
    instance: str
    vectors: int
    s: Beats
    m: Beats


def bench_name(module: str) -> str:
    """The testbench's module."""
    return f"{module}_tb"


def bench_source(module: str) -> str:
    """Its path."""
    return f"tb/{bench_name(module)}.sv"


def bench_files(bench: Bench) -> dict[str, bytes]:
    """The testbench and the images of its vectors, by path."""
    text = _BENCH
    for name, value in {
        "MODULE": bench.module,
        "BENCH": bench_name(bench.module),
        "INSTANCE": bench.instance,
        "VECTORS": bench.vectors,
        "S_BITS": bench.s.bits,
        "S_BEATS": bench.s.beats,
        "M_BITS": bench.m.bits,
        "M_BEATS": bench.m.beats,
        "M_LAST": bench.m.used,
        "PATIENCE": _PATIENCE,
        "STIMULUS": STIMULUS,
        "EXPECTED": EXPECTED,
    }.items():
        text = text.replace(f"<{name}>", str(value))
    return {bench_source(bench.module): text.encode(), STIMULUS: bench.s.image(), EXPECTED: bench.m.image()}


def image_of(words: Sequence[int], bits: int) -> bytes:
    """Words of so many bits as `$readmemh` reads them, a line each."""
    digits = -(-bits // 4)
    return "".join(f"{word:0{digits}x}\n" for word in words).encode()


_BENCH = """\
// Made by hwflow: sends vectors through <MODULE>, with gaps at both ends and a reset in the midst of work, and compares each
// beat that comes out with what the reference gives. Run it in the folder above: it reads `vectors/`.
module <BENCH>;
  localparam int VECTORS = <VECTORS>;
  localparam int S_BITS = <S_BITS>, S_BEATS = <S_BEATS>;  // of a beat; of a vector
  localparam int M_BITS = <M_BITS>, M_BEATS = <M_BEATS>;
  localparam int M_LAST = <M_LAST>;  // bits of a vector's last beat that mean something
  localparam int PATIENCE = <PATIENCE>;  // cycles without a beat

  logic clk = 0, rst = 1;
  logic s_valid = 0, m_ready = 0;
  wire s_ready, m_valid;
  logic [S_BITS-1:0] s_data = 0;
  wire [M_BITS-1:0] m_data;
  logic [M_BITS-1:0] mask;
  logic [S_BITS-1:0] stimulus [0:VECTORS*S_BEATS-1];
  logic [M_BITS-1:0] expected [0:VECTORS*M_BEATS-1];
  integer offered = 0, sent = 0, received = 0, wrong = 0, mismatches = 0, idle = 0;

<INSTANCE>
  initial begin
    $readmemh("<STIMULUS>", stimulus);
    $readmemh("<EXPECTED>", expected);
  end

  always #5 clk = !clk;

  // Everything changes at the falling edge, so that nothing races with the rising one. A beat that is offered stays until
  // it is taken.
  always @(negedge clk) begin
    m_ready = !rst && $urandom % 4 != 0;
    if (rst) begin
      s_valid = 0;
      offered = 0;
    end else if (offered == sent) begin
      s_valid = sent < VECTORS * S_BEATS && $urandom % 4 != 0;
      if (s_valid) begin
        s_data  = stimulus[sent];
        offered = sent + 1;
      end
    end
  end

  always_comb mask = received % M_BEATS == M_BEATS - 1 ? {M_BITS{1'b1}} >> (M_BITS - M_LAST) : {M_BITS{1'b1}};

  always @(posedge clk) begin
    idle <= idle + 1;
    if (rst) begin
      sent <= 0;
      received <= 0;
      wrong <= 0;
      idle <= 0;
    end else begin
      if (s_valid && s_ready) begin
        sent <= sent + 1;
        idle <= 0;
      end
      if (m_valid && m_ready) begin
        received <= received + 1;
        idle <= 0;
        if (((m_data ^ expected[received]) & mask) !== 0) begin
          $display("beat %0d of vector %0d is %h, not %h", received % M_BEATS, received / M_BEATS, m_data & mask,
                   expected[received] & mask);
          mismatches <= mismatches + 1;
        end
      end
    end
    if (idle == PATIENCE) $fatal(1, "FAIL: the core stands still, after %0d of %0d beats", received, VECTORS * M_BEATS);
  end

  initial begin
    repeat (4) @(negedge clk);
    rst = 0;
    // So many beats come out that some work is under way when the reset comes.
    wait (received * 4 >= VECTORS * M_BEATS);
    @(negedge clk) rst = 1;
    repeat (4) @(negedge clk);
    rst = 0;
    wait (received == VECTORS * M_BEATS);
    repeat (1000) @(negedge clk);
    if (received != VECTORS * M_BEATS) $fatal(1, "FAIL: %0d beats came, not %0d", received, VECTORS * M_BEATS);
    if (mismatches != 0) $fatal(1, "FAIL: %0d vectors, %0d beats differ", VECTORS, mismatches);
    $display("PASS: %0d vectors, 0 mismatches", VECTORS);
    $finish;
  end
endmodule
"""
