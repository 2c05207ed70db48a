// What the compiled golden model works on, and the arithmetic of its states (docs/neuron.md).

#pragma once

#include <algorithm>
#include <cstdint>

using Long = std::int64_t;
using Int = std::int32_t;
using Natural = std::uint32_t;
using Byte = std::uint8_t;
using Word = std::int16_t;

extern "C" {

// What ticks do not change, and what they do: the order and the names of native.py.
struct Net {
  // sizes, and bounds of what is kept
  Long axons, neurons, low, high, adapted_max, trace_max;
  // features and the rule
  Long adapts, counts, draws, third, graded, rectangular, nearest, plastic_axons, plastic_neurons;
  Long weight_shift, potentiation, depression, pre_decay, post_decay, pre_step, post_step, weight_min, weight_max;
  Long adaptation_decay, adaptation_step;
  // the third factor
  Long modulating_axons, modulating_neurons, closing, gated, rate, free_rate, near_shift, least, most;
  // neurons, [neurons]; plastic: [sources, neurons], or none if all synapses are
  const Int *threshold, *keep_membrane, *keep_current, *bias, *reset, *refractory;
  const Byte *subtract, *plastic;
  // the state; columns: that the third factor changed
  Int *membrane, *current, *adaptation, *held, *y, *factor, *x;
  Byte *fired;
  std::int8_t *weight;
  Long random, ticks, spikes, events, saturations, columns;
};

}  // extern "C"

namespace {

constexpr Long ONE = 65536;

// q keep / 65536, rounded toward zero; by halves of q, whose products have 32 bits.
inline Int fade(Int q, Int keep) {
  const Natural low = Natural(q & 0xFFFF) * Natural(keep) + (Natural(q >> 31) >> 16);
  return (q >> 16) * keep + Int(low >> 16);
}

template <typename T>
inline T clip(T value, T low, T high) {
  return std::min(std::max(value, low), high);
}

}  // namespace
