// A sum on a carry chain of Lattice's CCU2C (ECP5): s = (a ^ TURN_A) + majority(b ^ TURN_B, c, d), modulo 2^WIDTH, the majority bit by
// bit. With c ones and d zeros it is a sum of two numbers; with the parity of three numbers as a, and of the places below them
// the three as b, c and d, one of three.
//
// Combinational. A look-up table a bit, and with WIDTH odd one more.
//
// A table's value is added to the carry, and where it is 0, what it is for c = d = 0 is the carry: a ^ TURN_A, since a majority
// of which two are 0 is 0.
//
// WIDTH   bits
// TURN_A  bits of a that are turned;  TURN_B  of b
module hwf_chain_ccu2c #(
    parameter int WIDTH = 4,
    parameter logic [WIDTH-1:0] TURN_A = '0,
    parameter logic [WIDTH-1:0] TURN_B = '0
) (
    input  logic [WIDTH-1:0] a,
    input  logic [WIDTH-1:0] b,
    input  logic [WIDTH-1:0] c,
    input  logic [WIDTH-1:0] d,
    output logic [WIDTH-1:0] s
);
  generate
    if (WIDTH < 1) begin : illegal
      $error("hwf_chain_ccu2c: WIDTH is at least 1.");
    end
  endgenerate

`ifdef SYNTHESIS
  localparam int PAIRS = (WIDTH + 1) / 2;
  localparam int PLACES = 2 * PAIRS;
  localparam logic [15:0] TABLE = 16'hFCC0 ^ 16'hAAAA;  // majority(b, c, d) ^ a, of which a is the lowest input

  // The table with a, and with b, turned: neighbours, and neighbours but one, change places.
  function automatic logic [15:0] turned(logic of_a, logic of_b);
    turned = of_a ? ~TABLE : TABLE;
    if (of_b) turned = {turned[13:12], turned[15:14], turned[9:8], turned[11:10],
                        turned[5:4], turned[7:6], turned[1:0], turned[3:2]};
  endfunction

  logic [PLACES-1:0] pa, pb, pc, pd, ps;
  logic [PAIRS:0] carry;
  assign pa = PLACES'(a);
  assign pb = PLACES'(b);
  assign pc = PLACES'(c);
  assign pd = PLACES'(d);
  assign carry[0] = 1'b0;
  assign s = ps[WIDTH-1:0];
  for (genvar i = 0; i < PAIRS; i++) begin : pair
    CCU2C #(
        .INIT0(turned(TURN_A[2*i], TURN_B[2*i])),
        .INIT1(2 * i + 1 < WIDTH ? turned(TURN_A[(2*i+1)%WIDTH], TURN_B[(2*i+1)%WIDTH]) : TABLE),
        .INJECT1_0("NO"),
        .INJECT1_1("NO")
    ) places (
        .CIN(carry[i]),
        .A0(pa[2*i]),
        .B0(pb[2*i]),
        .C0(pc[2*i]),
        .D0(pd[2*i]),
        .A1(pa[2*i+1]),
        .B1(pb[2*i+1]),
        .C1(pc[2*i+1]),
        .D1(pd[2*i+1]),
        .S0(ps[2*i]),
        .S1(ps[2*i+1]),
        .COUT(carry[i+1])
    );
  end
`else
  logic [WIDTH-1:0] x, y;
  assign x = a ^ TURN_A;
  assign y = b ^ TURN_B;
  assign s = x + ((y & c) | (y & d) | (c & d));
`endif
endmodule
