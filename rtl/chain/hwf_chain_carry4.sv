// The sum of three numbers on a carry chain of Xilinx' CARRY4: s = (a ^ TURN_A) + (b ^ TURN_B) + (c ^ TURN_C), modulo 2^WIDTH.
//
// Combinational. A look-up table with two outputs for each bit that is USED, and one for each behind such a bit: the parity of
// three bits and of the majority of those below it, which the chain carries on where that parity is 0.
//
// WIDTH   bits
// USED    bits of the sum where some of a, b and c are not 0
// TURN_A  bits of a that are turned;  TURN_B  of b;  TURN_C  of c
module hwf_chain_carry4 #(
    parameter int WIDTH = 4,
    parameter logic [WIDTH-1:0] USED = '1,
    parameter logic [WIDTH-1:0] TURN_A = '0,
    parameter logic [WIDTH-1:0] TURN_B = '0,
    parameter logic [WIDTH-1:0] TURN_C = '0
) (
    input  logic [WIDTH-1:0] a,
    input  logic [WIDTH-1:0] b,
    input  logic [WIDTH-1:0] c,
    output logic [WIDTH-1:0] s
);
  generate
    if (WIDTH < 1) begin : illegal
      $error("hwf_chain_carry4: WIDTH is at least 1.");
    end
  endgenerate

`ifdef SYNTHESIS
  localparam int FOURS = (WIDTH + 3) / 4;
  localparam int PLACES = 4 * FOURS;

  // Of inputs a, b, c and a fourth the parity of all, for the upper half of a table, and the majority of the first three, for
  // the lower one.
  function automatic logic [63:0] both(logic of_a, logic of_b, logic of_c);
    logic x, y, z;
    both = '0;
    for (int i = 0; i < 32; i++) begin
      x = i[0] ^ of_a;
      y = i[1] ^ of_b;
      z = i[2] ^ of_c;
      both[i] = (x & y) | (x & z) | (y & z);
      both[32+i] = x ^ y ^ z ^ i[3];
    end
  endfunction

  logic [PLACES-1:0] parity, below, ps;
  logic [PLACES:0] majority;
  logic [FOURS:0] carry;
  assign below = majority[PLACES-1:0];
  assign majority[0] = 1'b0;
  assign carry[0] = 1'b0;
  assign s = ps[WIDTH-1:0];
  for (genvar i = 0; i < PLACES; i++) begin : place
    localparam int AT = i < WIDTH ? i : 0;
    if (i < WIDTH && USED[AT]) begin : used
      LUT6_2 #(
          .INIT(both(TURN_A[AT], TURN_B[AT], TURN_C[AT]))
      ) table_of (
          .I0(a[AT]),
          .I1(b[AT]),
          .I2(c[AT]),
          .I3(below[i]),
          .I4(1'b0),
          .I5(1'b1),
          .O5(majority[i+1]),
          .O6(parity[i])
      );
    end else begin : unused
      assign parity[i] = below[i];
      assign majority[i+1] = 1'b0;
    end
  end
  for (genvar i = 0; i < FOURS; i++) begin : four
    logic [3:0] out;
    CARRY4 places (
        .CI(carry[i]),
        .CYINIT(1'b0),
        .DI(below[4*i+:4]),
        .S(parity[4*i+:4]),
        .O(ps[4*i+:4]),
        .CO(out)
    );
    assign carry[i+1] = out[3];
  end
`else
  logic unused;
  assign unused = &{1'b0, USED};
  assign s = (a ^ TURN_A) + (b ^ TURN_B) + (c ^ TURN_C);
`endif
endmodule
