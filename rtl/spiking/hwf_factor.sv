// The third factor of the neurons of one unit, and the gain of each one's column (docs/neuron.md).
//
// Everything counts from the cycle that names a step, stage 0 (hwf_sequence), `step1` to `step5` being the steps of later stages:
//
//     stage 3     m = sat(m + e), by e2, what was brought; it is written, or zero while `closes` is high
//     stage 5     g = rate m, clipped to 17 bits; it is written
//     stage 7     `changes7`: g is not zero, and the gate is open: the neuron is free, or y6 <= most and (near6 or least <= y6)
//
// The neuron is number UNITS place + UNIT, and free from number `gated` on. Throughput: a neuron a cycle. `gain` is that of gain_place of
// the cycle before. The host writes a factor to place3, or reads that of place1, which have been the same for 4 cycles.
//
// WORDS                   neurons of the unit
// UNITS, UNIT             how many units there are, and which this is
// STATE_BITS, TRACE_BITS  as of the core; SUM_BITS  of what is brought
module hwf_factor #(
    parameter int WORDS = 16,
    parameter int UNITS = 2,
    parameter int UNIT = 0,
    parameter int STATE_BITS = 16,
    parameter int SUM_BITS = 16,
    parameter int TRACE_BITS = 8,
    localparam int PLACE = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int S = STATE_BITS
) (
    input  logic                         clk,
    input  logic        [          13:0] gated,
    input  logic        [          15:0] rate,
    input  logic        [          15:0] free_rate,
    input  logic        [TRACE_BITS-1:0] least,
    input  logic        [TRACE_BITS-1:0] most,
    input  logic                         closes,
    input  logic        [     PLACE-1:0] place1,
    input  logic        [     PLACE-1:0] place2,
    input  logic        [     PLACE-1:0] place3,
    input  logic        [     PLACE-1:0] place5,
    input  logic                         step3,
    input  logic                         step5,
    input  logic signed [  SUM_BITS-1:0] e2,
    input  logic                         near6,
    input  logic        [TRACE_BITS-1:0] y6,
    output logic                         changes7,
    input  logic        [     PLACE-1:0] gain_place,
    output logic        [          16:0] gain,
    input  logic                         host_write,
    input  logic        [         S-1:0] host_data,
    output logic signed [         S-1:0] factor
);
  localparam int WIDE = (SUM_BITS > S ? SUM_BITS : S) + 1;
  logic signed [S-1:0] m2, m3;
  assign factor = m2;
  hwf_ram #(
      .DEPTH(WORDS),
      .WIDTH(S)
  ) factors (
      .clk,
      .write(step3 || host_write),
      .write_address(place3),
      .write_data(!step3 ? host_data : closes ? '0 : m3),
      .read_address(place1),
      .read_data(m2)
  );

  logic signed [WIDE-1:0] sum;
  logic fits, free3;
  assign sum  = WIDE'(m2) + WIDE'(e2);
  assign fits = sum[WIDE-1:S-1] == '0 || sum[WIDE-1:S-1] == '1;
  always_ff @(posedge clk) begin
    m3 <= fits ? sum[S-1:0] : {sum[WIDE-1], {(S - 1) {!sum[WIDE-1]}}};
    free3 <= 32'(place2) * UNITS + UNIT >= 32'(gated);
  end

  // The gain, of 17 bits if all above its sign are as the sign is.
  logic signed [S+16:0] product4;
  logic signed [16:0] g5, rate3;
  logic gain_fits;
  assign rate3 = {1'b0, free3 ? free_rate : rate};
  assign gain_fits = product4[S+16:16] == '0 || product4[S+16:16] == '1;
  always_ff @(posedge clk) begin
    product4 <= m3 * rate3;
    g5 <= gain_fits ? product4[16:0] : {product4[S+16], {16{!product4[S+16]}}};
  end
  hwf_ram #(
      .DEPTH(WORDS),
      .WIDTH(17)
  ) gains (
      .clk,
      .write(step5),
      .write_address(place5),
      .write_data(g5),
      .read_address(gain_place),
      .read_data(gain)
  );

  logic free4, free5, free6, some6;
  always_ff @(posedge clk) begin
    {free6, free5, free4} <= {free5, free4, free3};
    some6 <= g5 != '0;
    changes7 <= some6 && (free6 || (y6 <= most && (near6 || least <= y6)));
  end

`ifndef SYNTHESIS
  a_host_writes_no_factor_in_a_step :
  assert property (@(posedge clk) !(step3 && host_write));
`endif
endmodule
