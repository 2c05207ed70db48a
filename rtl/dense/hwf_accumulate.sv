// The sums of a layer's lanes over the beats of a pass: sum[p] = sum over BEATS beats of addend[p].
//
// All registers move when `en` is high. One addend of each lane a cycle; with BEATS 1 a sum is its addend, with no register.
//
// PE         lanes
// X_BITS     bits of an addend, two's complement
// SUM_BITS   bits of a sum, two's complement; holds every sum that comes
// STAGES     cycles with `en` from `s_taken` until the beat's addends are in `s_data`, less one; at least 1
// s_taken    a beat is taken, with s_last the last one of its pass
// completes  with the next clock edge, if `en`, the sums of a pass are in `m_data`
module hwf_accumulate #(
    parameter int PE       = 1,
    parameter int X_BITS   = 4,
    parameter int SUM_BITS = 8,
    parameter int BEATS    = 1,
    parameter int STAGES   = 1
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   en,
    input  logic                   s_taken,
    input  logic                   s_last,
    input  logic [  PE*X_BITS-1:0] s_data,
    output logic                   completes,
    output logic [PE*SUM_BITS-1:0] m_data
);
  generate
    if (STAGES < 1) begin : illegal_1
      $error("hwf_accumulate: STAGES is at least 1.");
    end
  endgenerate

  // What each stage before the addends holds; the last bit is of the addends.
  logic [STAGES:0] filled, closing;
  always_ff @(posedge clk) begin
    if (en) begin
      filled  <= {filled[STAGES-1:0], s_taken};
      closing <= {closing[STAGES-1:0], s_last};
    end
    if (rst) filled <= '0;
  end

  logic opening;  // the next addend starts a sum
  generate
    for (genvar p = 0; p < PE; p++) begin : lane
      logic [SUM_BITS-1:0] sum, kept_sum, added, new_sum;
      assign added = SUM_BITS'($signed(s_data[p*X_BITS+:X_BITS]));
      assign new_sum = kept_sum + added;
      if (BEATS > 1) begin : accumulate
        assign kept_sum = opening ? '0 : sum;
        always_ff @(posedge clk) if (en && filled[STAGES]) sum <= new_sum;
      end else begin : at_once
        assign kept_sum = '0;
        assign sum = new_sum;
      end
      assign m_data[p*SUM_BITS+:SUM_BITS] = sum;

`ifndef SYNTHESIS
      // Two numbers of one sign have a sum of that sign, and the addend is not cut.
      logic fits;
      assign fits = (((kept_sum ^ new_sum) & (added ^ new_sum)) >> (SUM_BITS - 1)) == '0 &&
          (X_BITS <= SUM_BITS || $signed(s_data[p*X_BITS+:X_BITS]) == X_BITS'($signed(added)));
      always_ff @(posedge clk)
        if (filled[STAGES] && !rst)
          the_sum_fits_its_accumulator :
          assert (fits);
`endif
    end

    if (BEATS > 1) begin : accumulating
      assign completes = filled[STAGES] && closing[STAGES];
      always_ff @(posedge clk) begin
        if (en && filled[STAGES]) opening <= closing[STAGES];
        if (rst) opening <= 1'b1;
      end
    end else begin : direct
      assign completes = filled[STAGES-1];
      assign opening   = 1'b1;
      logic unused;
      assign unused = &{1'b0, closing, opening};
    end
  endgenerate
endmodule
