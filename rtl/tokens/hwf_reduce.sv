// The sum along an axis: y[i] = sum over a < AXIS of x[a][i], or, with GREATEST, the greatest of them; vector after vector.
//
// A vector comes in AXIS * BEATS beats, and leaves in BEATS, each with the last beat of what it is made of.
// Latency 1 cycle from that beat; one beat a cycle. Combinational paths: m_ready to s_ready.
//
// AXIS      elements that become one
// BEATS     beats of the elements beside each other;  LANES  elements of a beat
// X_BITS, X_SIGNED  an element: two's complement if X_SIGNED is 1
// SUM_BITS  bits of what the elements come to, two's complement if X_SIGNED is 1; holds every sum
// Y_BITS    bits of a result; the lowest of the sum's stay
// GREATEST  1: the greatest; 0: the sum
module hwf_reduce #(
    parameter int AXIS     = 4,
    parameter int BEATS    = 3,
    parameter int LANES    = 2,
    parameter int X_BITS   = 4,
    parameter int X_SIGNED = 1,
    parameter int SUM_BITS = 6,
    parameter int Y_BITS   = 6,
    parameter int GREATEST = 0
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic                    s_valid,
    output logic                    s_ready,
    input  logic [LANES*X_BITS-1:0] s_data,
    output logic                    m_valid,
    input  logic                    m_ready,
    output logic [LANES*Y_BITS-1:0] m_data
);
  localparam int PLACE_BITS = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int STEP_BITS = AXIS > 1 ? $clog2(AXIS) : 1;

  generate
    if (AXIS < 1 || BEATS < 1 || LANES < 1) begin : bad_size
      $error("hwf_reduce: AXIS, BEATS and LANES are at least 1.");
    end
    if (SUM_BITS < X_BITS || SUM_BITS < Y_BITS) begin : bad_bits
      $error("hwf_reduce: SUM_BITS is at least X_BITS and Y_BITS.");
    end
  endgenerate

  logic taken, first, last;
  logic [PLACE_BITS-1:0] place;
  logic [STEP_BITS-1:0] step;
  assign s_ready = m_ready || !m_valid;
  assign taken = s_valid && s_ready;
  assign first = step == '0;
  assign last = step == STEP_BITS'(AXIS - 1);
  always_ff @(posedge clk) begin
    if (taken) begin
      place <= place == PLACE_BITS'(BEATS - 1) ? '0 : place + 1'b1;
      if (place == PLACE_BITS'(BEATS - 1)) step <= last ? '0 : step + 1'b1;
    end
    if (s_ready) m_valid <= taken && last;
    if (rst) begin
      place   <= '0;
      step    <= '0;
      m_valid <= 1'b0;
    end
  end

  // What the elements so far come to, of each beat.
  logic [LANES*SUM_BITS-1:0] partial[0:BEATS-1];
  logic [LANES*SUM_BITS-1:0] upto, result;
  assign upto = partial[place];
  always_ff @(posedge clk) if (taken) partial[place] <= result;

  generate
    for (genvar p = 0; p < LANES; p++) begin : lane
      logic [SUM_BITS-1:0] x, so_far, joined, total;
      if (X_SIGNED != 0) begin : two_s_complement
        assign x = SUM_BITS'($signed(s_data[p*X_BITS+:X_BITS]));
      end else begin : unsigned_x
        assign x = SUM_BITS'(s_data[p*X_BITS+:X_BITS]);
      end
      assign so_far = upto[p*SUM_BITS+:SUM_BITS];
      if (GREATEST == 0) begin : sum
        assign joined = so_far + x;
      end else if (X_SIGNED != 0) begin : greatest_signed
        assign joined = $signed(x) > $signed(so_far) ? x : so_far;
      end else begin : greatest_unsigned
        assign joined = x > so_far ? x : so_far;
      end
      assign total = first ? x : joined;
      assign result[p*SUM_BITS+:SUM_BITS] = total;
      always_ff @(posedge clk) if (taken && last) m_data[p*Y_BITS+:Y_BITS] <= total[Y_BITS-1:0];
      if (SUM_BITS > Y_BITS) begin : rest
        logic unused;
        assign unused = &{1'b0, total[SUM_BITS-1:Y_BITS]};
      end
    end
  endgenerate

`ifndef SYNTHESIS
  a_stalled_beat_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
