// What the modules of the spiking core share: its settings (docs/neuron.md), each as wide as it can be in any core.
//
// A narrower core makes use of a setting's lowest bits. Settings of a feature that the core was built without are zero.
package hwf_core;
  typedef struct packed {
    logic [3:0]  weight_shift;
    logic [15:0] adaptation_decay;
    logic [22:0] adaptation_step;   // STATE_BITS - 1
  } neurons_t;

  typedef struct packed {
    logic               learn;
    logic               plastic_neurons;  // the synapses from neurons are plastic
    logic               plastic_axons;
    logic               modulated;        // weights change by a third factor, and not by STDP
    logic               stochastic;       // changes of weights are rounded by a draw
    logic               nearest;
    logic               rectangular;
    logic signed [15:0] potentiation;
    logic signed [15:0] depression;
    logic [15:0]        pre_decay;
    logic [15:0]        post_decay;
    logic [15:0]        pre_step;         // TRACE_BITS
    logic [15:0]        post_step;        // TRACE_BITS
    logic signed [7:0]  weight_min;       // WEIGHT_BITS
    logic signed [7:0]  weight_max;       // WEIGHT_BITS
    logic [19:0]        target;
  } learning_t;

  typedef struct packed {
    logic [13:0] modulating_axons;    // from this number on they are modulators
    logic [13:0] modulating_neurons;
    logic [13:0] closing;             // the axon that ends a presentation
    logic [13:0] gated;               // neurons below this number have a gate
    logic [15:0] rate;                // theirs, and that of the others
    logic [15:0] free_rate;
    logic [3:0]  near_shift;
    logic [15:0] least;               // TRACE_BITS
    logic [15:0] most;                // TRACE_BITS
  } modulation_t;

  typedef struct packed {
    neurons_t    neurons;
    learning_t   learning;
    modulation_t modulation;
  } settings_t;
endpackage
