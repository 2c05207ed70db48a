// Changes of whole columns of weights, by STDP, without draws.

#pragma once

#include <cstring>
#include <vector>

#include "native_net.h"

namespace {

// Change weights that lie within the bounds by `size` where `plastic`, all of them up or down: no farther than there is room. Bytes tell
// all of that, of which a vector holds most.
template <bool up>
inline void shifted(std::int8_t *__restrict w, const Byte *__restrict plastic, const Byte *__restrict size, Long count, std::int8_t least,
                    std::int8_t most) {
  for (Long i = 0; i < count; i++) {
    const Byte room = Byte(up ? most - w[i] : w[i] - least), wanted = Byte(size[i] & -plastic[i]);
    const Byte step = std::min(wanted, room);
    w[i] = std::int8_t(up ? w[i] + step : w[i] - step);
  }
}

// 255 for each flag that is set.
inline void negate(const Byte *__restrict from, Long count, Byte *__restrict to) {
  for (Long i = 0; i < count; i++) to[i] = Byte(-from[i]);
}

using Ticks = std::uint64_t;  // a bit each

// Add parts to sums, and mark where one is not zero.
inline void add(Word *__restrict sum, Ticks *__restrict marks, const Byte *__restrict part, Long count, Ticks mark) {
  for (Long i = 0; i < count; i++) {
    sum[i] = Word(sum[i] + part[i]);
    marks[i] |= part[i] ? mark : 0;
  }
}

// Columns of weights that are changed together: four vectors of bytes.
using Vector = Byte __attribute__((vector_size(64)));
struct Tile {
  static constexpr Long SIZE = 4 * sizeof(Vector);
  Vector a, b, c, d;
};

struct Bounds {
  std::int8_t least, most;
};

// The weights from a source. None but those from `begin` to before `end` are `plastic`.
struct Row {
  std::int8_t *weight;
  const Byte *plastic;
  Long begin, end;
};

// What the columns of neurons that fired are still to be changed by. A change of columns reaches every row, and few rows are read in a
// tick: for some ticks is kept who fired, and by how much the weights from each source then change, all up or all down. A row gets the sum
// of that before it is read: of changes one way the bounds need be seen to at the end alone.
class Due {
 public:
  static constexpr Long MOST = 64;  // ticks that are kept

  Due(Long sources, Long neurons) : sources(sources), neurons(neurons), tiles((neurons + Tile::SIZE - 1) / Tile::SIZE), active(tiles),
                                    fired(MOST * tiles), parts(MOST * sources), total(sources), left(sources) {}

  bool full() const { return count == MOST; }

  // By how much the weights from each source change in the tick that is kept next, [sources].
  Byte *next() { return parts.data() + count * sources; }

  // Keep a tick: who fires, as flags and as numbers.
  void keep(const Byte *fires, const std::vector<Long> &firing) {
    negate(fires, neurons, reinterpret_cast<Byte *>(fired.data() + count * tiles));
    for (Long i : firing) active[i / Tile::SIZE] |= Ticks(1) << count;
    add(total.data(), left.data(), next(), sources, Ticks(1) << count);
    count++;
  }

  // Give a row what it is still to have.
  template <bool up>
  inline void settle(Long j, Row row, Bounds bounds) {
    if (total[j] > 255) settle_in_parts<up>(j, row, bounds);
    else if (total[j]) shift<up>(j, row, bounds, left[j]);
    total[j] = 0;
    left[j] = 0;
  }

  // Of all rows there is nothing left.
  void forget() {
    count = 0;
    std::fill(active.begin(), active.end(), 0);
  }

 private:
  const Long sources, neurons, tiles;
  Long count = 0;
  std::vector<Ticks> active;  // of each tile: in which of the ticks, a bit each, one of its neurons fired
  std::vector<Tile> fired;  // [MOST, tiles], 255 where a neuron fired
  std::vector<Byte> parts;  // [MOST, sources]
  std::vector<Word> total;  // [sources], of the parts that a row is still to have
  std::vector<Ticks> left;  // [sources], of which ticks, a bit each

  template <bool up>
  [[gnu::noinline]] void settle_in_parts(Long j, Row row, Bounds bounds) {
    for (Ticks ticks = left[j]; ticks;) {
      Ticks taken = 0;
      for (Long sum = 0; ticks && (sum += parts[__builtin_ctzll(ticks) * sources + j]) <= 255; ticks &= ticks - 1)  // as many as a byte holds
        taken |= ticks & -ticks;
      shift<up>(j, row, bounds, taken);
    }
  }

  // Change a row by what it is to have of some ticks, a bit each.
  template <bool up>
  inline void shift(Long j, Row row, Bounds bounds, Ticks ticks) {
    for (Long tile = 0, first = 0; tile < tiles; tile++, first += Tile::SIZE) {
      const Ticks some = ticks & active[tile];
      if (!some || row.end <= first || first + Tile::SIZE <= row.begin) continue;
      const Tile size = sum(parts.data() + j, fired.data() + tile, some);
      if (first + Tile::SIZE <= neurons) {
        shift<up>(row.weight + first, row.plastic + first, size.a, bounds);
        shift<up>(row.weight + first + sizeof(Vector), row.plastic + first + sizeof(Vector), size.b, bounds);
        shift<up>(row.weight + first + 2 * sizeof(Vector), row.plastic + first + 2 * sizeof(Vector), size.c, bounds);
        shift<up>(row.weight + first + 3 * sizeof(Vector), row.plastic + first + 3 * sizeof(Vector), size.d, bounds);
        continue;
      }
      shifted<up>(row.weight + first, row.plastic + first, reinterpret_cast<const Byte *>(&size), neurons - first, bounds.least, bounds.most);
    }
  }

  // The same as `shifted`, of a vector.
  template <bool up>
  inline static void shift(std::int8_t *weight, const Byte *plastic, const Vector &size, Bounds bounds) {
    Vector w, open;
    std::memcpy(&w, weight, sizeof w);
    std::memcpy(&open, plastic, sizeof open);
    const Vector room = up ? Byte(bounds.most) - w : w - Byte(bounds.least), wanted = size & -open, step = wanted < room ? wanted : room;
    w = up ? w + step : w - step;
    std::memcpy(weight, &w, sizeof w);
  }

  // How much a row changes in a tile by ticks, a bit each.
  inline Tile sum(const Byte *part, const Tile *who, Ticks ticks) const {
    Vector a{}, b{}, c{}, d{};
    for (; ticks; ticks &= ticks - 1) {
      const Long t = __builtin_ctzll(ticks);
      const Byte by = part[t * sources];
      const Tile &fires = who[t * tiles];
      a += fires.a & by;
      b += fires.b & by;
      c += fires.c & by;
      d += fires.d & by;
    }
    return {a, b, c, d};
  }
};

}  // namespace
