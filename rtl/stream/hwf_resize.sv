// Beats of IN elements to beats of OUT elements, any two numbers, for vectors of COUNT elements: hwf_pack to
// W = min(lcm(IN, OUT), COUNT) elements, then hwf_unpack; the one alone or the other where that is enough.
//
// A vector comes in ceil(COUNT / IN) beats and leaves in ceil(COUNT / OUT). Elements beyond COUNT are zero.
// Latency 1 cycle, 2 where both are needed; 0 where IN = OUT divides COUNT: then it is wires. A vector takes as many cycles
// as it has beats on the side that has more; where both are needed and W does not divide COUNT, up to W / OUT more (a
// FIFO between a pack and an unpack of one's own avoids that). s_ready depends on the state alone, except for the wires.
//
// ELEMENT  bits of an element
// IN, OUT  elements of a beat
// COUNT    elements of a vector
module hwf_resize #(
    parameter int ELEMENT = 1,
    parameter int IN = 8,
    parameter int OUT = 12,
    parameter int COUNT = 100
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   s_valid,
    output logic                   s_ready,
    input  logic [ IN*ELEMENT-1:0] s_data,
    output logic                   m_valid,
    input  logic                   m_ready,
    output logic [OUT*ELEMENT-1:0] m_data
);
  function automatic int common(input int a, input int b);
    common = a;
    for (int i = 1; i <= a; i++) if (a % i == 0 && b % i == 0) common = i;
  endfunction

  localparam int MULTIPLE = IN / common(IN, OUT) * OUT;
  localparam int WIDE = MULTIPLE < COUNT ? MULTIPLE : COUNT;

  generate
    if (IN == OUT && COUNT % IN == 0) begin : wires
      logic unused;
      assign unused  = &{1'b0, clk, rst};
      assign m_valid = s_valid;
      assign s_ready = m_ready;
      assign m_data  = s_data;
    end else if (OUT % IN == 0 || OUT >= COUNT) begin : pack_only
      hwf_pack #(
          .ELEMENT(ELEMENT),
          .IN(IN),
          .OUT(OUT),
          .COUNT(COUNT)
      ) pack (
          .*
      );
    end else if (IN % OUT == 0 || IN >= COUNT) begin : unpack_only
      hwf_unpack #(
          .ELEMENT(ELEMENT),
          .IN(IN),
          .OUT(OUT),
          .COUNT(COUNT)
      ) unpack (
          .*
      );
    end else begin : both
      logic wide_valid, wide_ready;
      logic [WIDE*ELEMENT-1:0] wide_data;
      hwf_pack #(
          .ELEMENT(ELEMENT),
          .IN(IN),
          .OUT(WIDE),
          .COUNT(COUNT)
      ) pack (
          .clk,
          .rst,
          .s_valid,
          .s_ready,
          .s_data,
          .m_valid(wide_valid),
          .m_ready(wide_ready),
          .m_data (wide_data)
      );
      hwf_unpack #(
          .ELEMENT(ELEMENT),
          .IN(WIDE),
          .OUT(OUT),
          .COUNT(COUNT)
      ) unpack (
          .clk,
          .rst,
          .s_valid(wide_valid),
          .s_ready(wide_ready),
          .s_data (wide_data),
          .m_valid,
          .m_ready,
          .m_data
      );
    end
  endgenerate
endmodule
