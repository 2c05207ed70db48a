// Draws, and the changes of weights that are rounded by them or not (docs/neuron.md).

#pragma once

#include <vector>

#include "native_net.h"

namespace {

constexpr int NEURON = 40, COLUMN = 41;  // where the windows of a key's parts begin
enum Rounding { DRAWN, NEAREST, PLAIN };

Int window(Long state, int begin) { return Int(state >> begin & 0xFFFF); }

// Where the windows of a number's bits begin: those of its first 12, and those above.
struct Windows {
  int low, high;
  int operator[](int bit) const { return bit < 12 ? low + bit : high + bit - 12; }
};
constexpr Windows WALKED{16, 42}, VISITED{28, 44};

// For each number below `count` the sum, modulo 2, of the windows of its bits that are one.
std::vector<Int> sums(Long state, Long count, Windows places) {
  std::vector<Int> table(count, 0);
  for (Long number = 1; number < count; number++)
    table[number] = table[number & (number - 1)] ^ window(state, places[__builtin_ctzll(number)]);
  return table;
}

Long advanced(Long state) {
  const Long first = (state ^ state >> 31) & 0xFFFFFFFF, second = (state >> 32 ^ first) & ((1 << 27) - 1);
  return state >> 59 | first << 4 | second << 36;
}

template <typename T, Rounding how>
inline T change(T product, T draw) {
  if (how == DRAWN) return (product + draw) >> 16;
  if (how == PLAIN) return product;
  const T sign = product >> (8 * sizeof(T) - 1), size = (product ^ sign) - sign;
  return (((size + 128) >> 8) ^ sign) - sign;
}

// A weight behind a change, within the rule's bounds.
template <typename T>
inline std::int8_t moved(T weight, T change, T least, T most) {
  return std::int8_t(std::min(std::max(T(weight + change), least), most));
}

}  // namespace
