// The golden model of the spiking core (docs/neuron.md), compiled: what hwflow/spiking/reference.py computes, value for value.
//
// Weights are bytes here, [sources, neurons] as there; everything else is int64, so that every product and sum fits. Loops are written so
// that the compiler makes vectors of them: without branches, arrays and bounds in locals, and in functions that are not made part of
// others, where registers would be too few for any of them.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

using Long = std::int64_t;
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
  const Long *threshold, *keep_membrane, *keep_current, *bias, *reset, *refractory;
  const Byte *subtract, *plastic;
  // the state; columns: that the third factor changed
  Long *membrane, *current, *adaptation, *held, *y, *factor, *x;
  Byte *fired;
  std::int8_t *weight;
  Long random, ticks, spikes, events, saturations, columns;
};

}  // extern "C"

namespace {

constexpr int NEURON = 40, COLUMN = 41;  // where the windows of a key's parts begin
constexpr Long ONE = 65536;
constexpr Long TILE = 32;  // weights that a vector holds: so many columns are changed together, or left out
enum Rounding { DRAWN, NEAREST, PLAIN };

struct Range {
  Long begin, end;
};

Long fade(Long q, Long keep) {
  const Long product = q * keep;
  return (product + ((product >> 63) & (ONE - 1))) >> 16;
}

Long clip(Long value, Long low, Long high) { return std::min(std::max(value, low), high); }

std::int32_t window(Long state, int begin) { return std::int32_t(state >> begin & 0xFFFF); }

// Where the windows of a number's bits begin: those of its first 12, and those above.
struct Windows {
  int low, high;
  int operator[](int bit) const { return bit < 12 ? low + bit : high + bit - 12; }
};
constexpr Windows WALKED{16, 42}, VISITED{28, 44};

// For each number below `count` the sum, modulo 2, of the windows of its bits that are one.
std::vector<std::int32_t> sums(Long state, Long count, Windows places) {
  std::vector<std::int32_t> table(count, 0);
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

// Change weights that lie within the bounds by `size`, of which `part` masks bits, where `plastic`, all of them up or down: no
// farther than there is room. Bytes tell all of that, of which a vector holds most.
template <bool up>
inline void shifted(std::int8_t *__restrict w, const Byte *__restrict plastic, const Byte *__restrict size, Long count, Byte part,
                    std::int8_t least, std::int8_t most) {
  for (Long i = 0; i < count; i++) {
    const Byte room = Byte(up ? most - w[i] : w[i] - least), wanted = Byte(size[i] & part & -plastic[i]);
    const Byte step = std::min(wanted, room);
    w[i] = std::int8_t(up ? w[i] + step : w[i] - step);
  }
}

// The numbers, from `offset` on, of flags that are set, behind what there is.
[[gnu::noinline]] void list(const Byte *flags, Long count, Long offset, std::vector<Long> &found) {
  const std::size_t had = found.size();
  found.resize(had + count + 1);
  Long *next = found.data() + had;
  for (Long k = 0; k < count; k++) {
    *next = offset + k;
    next += flags[k] != 0;
  }
  found.resize(next - found.data());
}

// Add two rows of weights.
inline void add_rows(Word *__restrict sum, const std::int8_t *__restrict one, const std::int8_t *__restrict other, Long count) {
  for (Long i = 0; i < count; i++) sum[i] = Word(sum[i] + one[i] + other[i]);
}

// A run over some ticks. T holds gain times trace and a draw.
template <typename T>
class Run {
 public:
  explicit Run(Net &net) : net(net), sources(net.axons + net.neurons), all(net.neurons, 1), arrived(net.neurons), brought(net.neurons), reached(net.neurons),
                           clips(net.neurons), marks(net.neurons), subtracts(net.subtract, net.subtract + net.neurons),
                           near(net.neurons), open(net.neurons), gain(net.neurons), draw(net.neurons), fires(net.neurons),
                           size(net.neurons), part(sources), nothing(net.neurons), sum(net.neurons), whole{{0, net.neurons}} {
    const std::int8_t least = std::int8_t(net.weight_min), most = std::int8_t(net.weight_max);
    for (Long j = 0; j < sources; j++) {
      const std::int8_t *w = weights(j);
      const Byte *plastic = row_plastic(j);
      Byte outside = 0;
      for (Long i = 0; i < net.neurons; i++) outside |= plastic[i] & Byte((w[i] < least) | (w[i] > most));
      loose |= outside;
      Long first = 0, last = net.neurons;
      while (first < last && !plastic[first]) first++;
      while (last > first && !plastic[last - 1]) last--;
      plastic_part.emplace_back(first, last);
    }
  }

  void tick(const Byte *axon_spikes, bool learn, Byte *spikes, Byte *clipped, Long *membranes) {
    spiking.clear();
    list(axon_spikes, net.axons, 0, spiking);
    values.assign(spiking.size(), 1);
    for (std::size_t k = 0; k < values.size() && net.graded; k++) values[k] = axon_spikes[spiking[k]];
    list(net.fired, net.neurons, net.axons, spiking);
    rows(learn && !net.third);
    sweep(spikes, clipped);
    bool closes = false;
    if (net.third) {
      for (Long i = 0; i < net.neurons; i++) net.factor[i] = clip(net.factor[i] + brought[i], net.low, net.high);
      closes = axon_spikes[net.closing];
      if (learn && closes) apply();
    }
    if (learn) {
      if (!net.third) columns();
      values.resize(std::max(spiking.size(), firing.size()), 1);
      raise(net.x, sources, net.pre_decay, net.pre_step, spiking, values.data());
      std::fill(values.begin(), values.end(), 1);
      raise(net.y, net.neurons, net.post_decay, net.post_step, firing, values.data());
      if (net.draws) net.random = advanced(net.random);
    }
    std::copy(fires.begin(), fires.end(), net.fired);
    if (closes) to_rest(learn);
    net.ticks++;
    if (net.counts) {
      net.spikes += Long(firing.size());
      net.events += Long(spiking.size());
    }
    if (membranes) std::copy(net.membrane, net.membrane + net.neurons, membranes);
  }

  // A presentation, begun at rest if `rest`: adds how often each neuron spikes in it, and gives the sources with a spike that begin its ticks.
  Long present(const Byte *axon_spikes, Long ticks, bool learn, bool rest, Long *spiked) {
    Long events = 0;
    std::vector<Byte> spikes(net.neurons), clipped(net.neurons);
    if (rest) to_rest(true);
    for (Long t = 0; t < ticks; t++) {
      tick(axon_spikes + t * net.axons, learn, spikes.data(), clipped.data(), nullptr);
      for (Long i = 0; i < net.neurons; i++) spiked[i] += spikes[i];
      events += Long(spiking.size());
    }
    return events;
  }

 private:
  Net &net;
  const Long sources;
  bool loose = false;  // whether a plastic weight lies outside the rule's bounds, to which any change clips it
  std::vector<std::pair<Long, Long>> plastic_part;  // of each row: outside it no synapse is plastic
  std::vector<Byte> all;
  std::vector<Long> arrived, brought, reached, clips, marks, subtracts;  // all as wide as the states, since loops of one width become vectors
  std::vector<Byte> near, open;
  std::vector<T> gain;
  std::vector<std::int32_t> draw;
  std::vector<Byte> fires, size, part;
  std::vector<std::int8_t> nothing;  // a row of weights
  std::vector<Word> sum;
  const std::vector<Range> whole;
  std::vector<Range> touched;
  std::vector<const std::int8_t *> plain;  // rows of weights that arrive once
  std::vector<Long> spiking, firing;
  std::vector<Long> values;  // of the spikes of the first of `spiking`, the axons; those of the others are 1

  std::int8_t *weights(Long j) { return net.weight + j * net.neurons; }
  const Byte *row_plastic(Long j) { return net.plastic ? net.plastic + j * net.neurons : all.data(); }
  Rounding rounding() const { return net.draws ? DRAWN : net.rectangular ? PLAIN : NEAREST; }

  // What a gain counts for, so that it times `weight_of` a trace is a change in the rounding's unit.
  Long scaled(Long value) const { return net.rectangular && net.draws ? value << 6 : value; }
  Long weight_of(Long trace) const { return net.rectangular ? trace > 0 : trace; }

  // Change the weights of a row by `gain` times `factor`, where `open`.
  template <Rounding how>
  void change_row(Long j, T factor, std::int32_t first_draw) {
    std::int8_t *w = weights(j);
    const Byte *plastic = row_plastic(j), *opened = open.data();
    const T *g = gain.data();
    const std::int32_t *d = draw.data();
    const T least = T(net.weight_min), most = T(net.weight_max);
    const auto [first, last] = plastic_part[j];
    for (Long i = first; i < last; i++) {
      const std::int8_t then = moved<T>(w[i], change<T, how>(T(g[i] * factor), T(d[i] ^ first_draw)), least, most);
      w[i] = plastic[i] & opened[i] ? then : w[i];
    }
  }

  void change_row(Long j, T factor, std::int32_t first_draw) {
    switch (rounding()) {
      case DRAWN: return change_row<DRAWN>(j, factor, first_draw);
      case NEAREST: return change_row<NEAREST>(j, factor, first_draw);
      default: return change_row<PLAIN>(j, factor, first_draw);
    }
  }

  // By how much a gain times each trace changes a weight, up or down, if nothing is drawn, as far as 8 bits can tell.
  [[gnu::noinline]] void steps(Long gain, const Long *__restrict trace, Long count, Byte *__restrict to) const {
    const T size = T(std::abs(gain)), most = 255;
    if (net.rectangular)
      for (Long k = 0; k < count; k++) to[k] = trace[k] ? Byte(std::min(size, most)) : 0;
    else
      for (Long k = 0; k < count; k++) to[k] = Byte(std::min(change<T, NEAREST>(size * T(trace[k]), 0), most));
  }

  // Change the weights of a row in some ranges by `size`, of which `masked` masks bits, all of them up or down.
  template <bool up>
  inline void shift_row(Long j, Byte masked, const std::vector<Range> &ranges) {
    const std::int8_t least = std::int8_t(net.weight_min), most = std::int8_t(net.weight_max);
    std::int8_t *w = weights(j);
    const Byte *plastic = row_plastic(j), *by = size.data();
    const auto [first, last] = plastic_part[j];
    for (const Range &range : ranges) {
      const Long begin = std::max(range.begin, first), count = std::min(range.end, last) - begin;
      shifted<up>(w + begin, plastic + begin, by + begin, count, masked, least, most);
    }
  }

  // The same where weights lie outside the bounds, into which any change brings them.
  void shift_loose(Long j, Byte masked, bool up) {
    std::int8_t *w = weights(j);
    const Byte *plastic = row_plastic(j);
    for (Long i = 0; i < net.neurons; i++) {
      const Word by = size[i] & masked;
      if (plastic[i] & open[i]) w[i] = moved<Word>(w[i], up ? by : Word(-by), Word(net.weight_min), Word(net.weight_max));
    }
  }

  // The rows of sources with a spike.
  template <bool up>
  [[gnu::noinline]] void shift_rows() {
    for (Long j : spiking) loose ? shift_loose(j, 255, up) : shift_row<up>(j, 255, whole);
  }

  // Of the sources from first to before last the weights in `touched`, by `part`.
  template <bool up>
  [[gnu::noinline]] void shift_columns(Long first, Long last) {
    for (Long j = first; j < last; j++)
      if (loose) shift_loose(j, part[j], up);
      else if (part[j]) shift_row<up>(j, part[j], touched);
  }

  // Where neurons fire, in whole tiles; one between two others is one of them.
  void touch() {
    touched.clear();
    for (Long i : firing) {
      const Long begin = i / TILE * TILE, end = std::min(begin + TILE, net.neurons);
      if (touched.empty() || touched.back().end + TILE < begin) touched.push_back({begin, end});
      else touched.back().end = end;
    }
  }

  template <typename Sum>
  void add(Long j, Sum value, std::vector<Sum> &to) {
    const std::int8_t *w = weights(j);
    for (Long i = 0; i < net.neurons; i++) to[i] += value * w[i];
  }

  bool modulates(Long j) const {
    return net.third && (j < net.axons ? j >= net.modulating_axons : j - net.axons >= net.modulating_neurons);
  }

  void rows(bool learn) {
    std::fill(arrived.begin(), arrived.end(), 0);
    std::fill(brought.begin(), brought.end(), 0);
    std::vector<std::int32_t> graded(net.graded ? net.neurons : 0, 0);  // holds 16,384 rows of 128 times 255
    plain.clear();
    for (std::size_t k = 0; k < spiking.size(); k++) {
      const Long j = spiking[k], value = k < values.size() ? values[k] : 1;
      if (modulates(j)) {
        add(j, value, brought);
        continue;
      }
      if (value != 1) {
        add(j, std::int32_t(value), graded);
        continue;
      }
      plain.push_back(weights(j));
    }
    add_plain();
    for (std::size_t i = 0; i < graded.size(); i++) arrived[i] += graded[i];
    if (!learn || spiking.empty() || !(net.plastic_axons || net.plastic_neurons)) return;
    std::fill(open.begin(), open.end(), 1);
    if (net.draws) return drawn_rows();
    steps(net.depression, net.y, net.neurons, size.data());
    net.depression > 0 ? shift_rows<true>() : shift_rows<false>();  // traces are not negative
  }

  void drawn_rows() {
    draw = sums(net.random, net.neurons, WALKED);
    for (Long i = 0; i < net.neurons; i++) gain[i] = T(scaled(net.depression) * weight_of(net.y[i]));
    for (Long j : spiking) {
      const bool neuron = j >= net.axons;
      std::int32_t first = window(net.random, 0) ^ (neuron ? window(net.random, NEURON) : 0);
      for (Long number = neuron ? j - net.axons : j, bit = 0; number >> bit; bit++)
        if (number >> bit & 1) first ^= window(net.random, VISITED[int(bit)]);
      change_row(j, 1, first);
    }
  }

  // The sum of the rows of `plain`. A word holds 254 weights.
  [[gnu::noinline]] void add_plain() {
    if (plain.size() % 2) plain.push_back(nothing.data());
    for (std::size_t begin = 0; begin < plain.size(); begin += 254) {
      std::fill(sum.begin(), sum.end(), 0);
      for (std::size_t k = begin; k < std::min(plain.size(), begin + 254); k += 2)
        add_rows(sum.data(), plain[k], plain[k + 1], net.neurons);
      for (Long i = 0; i < net.neurons; i++) arrived[i] += sum[i];
    }
  }

  void sweep(Byte *spikes, Byte *clipped) {
    integrate();
    fire();
    for (Long i = 0; i < net.neurons; i++) {
      fires[i] = spikes[i] = Byte(marks[i] & 1);
      near[i] = Byte(marks[i] >> 1);
      clipped[i] = clips[i] != 0;
    }
    if (net.counts) net.saturations += std::accumulate(clips.begin(), clips.end(), Long(0));
    firing.clear();
    list(fires.data(), net.neurons, 0, firing);
    if (net.adapts)
      for (Long i = 0; i < net.neurons; i++) {
        const Long faded = net.adaptation[i] * (ONE - net.adaptation_decay) >> 16;
        net.adaptation[i] = std::min(faded + (fires[i] ? net.adaptation_step : 0), net.adapted_max);
      }
  }

  // The currents; `reached`, the membranes before a reset; and how many sums were clipped for them.
  [[gnu::noinline]] void integrate() {
    const Long count = net.neurons, low = net.low, high = net.high, shift = net.weight_shift;
    const Long *__restrict keep_current = net.keep_current, *__restrict keep = net.keep_membrane, *__restrict bias = net.bias;
    const Long *__restrict arrives = arrived.data(), *__restrict membrane = net.membrane, *__restrict held = net.held;
    Long *__restrict current = net.current, *__restrict u = reached.data(), *__restrict clip_count = clips.data();
    for (Long i = 0; i < count; i++) {
      const Long sum = fade(current[i], keep_current[i]) + (arrives[i] << shift);
      current[i] = clip(sum, low, high);
      clip_count[i] = current[i] != sum;
    }
    for (Long i = 0; i < count; i++) {
      const Long sum = fade(membrane[i], keep[i]) + current[i] + bias[i];
      u[i] = clip(sum, low, high);
      clip_count[i] += (u[i] != sum) & (held[i] <= 0);
    }
  }

  // The membranes, and in `marks`, a bit each, who fires and who is near.
  [[gnu::noinline]] void fire() {
    const Long count = net.neurons, high = net.high, shift = net.near_shift;
    const Long *__restrict threshold = net.threshold, *__restrict adaptation = net.adaptation, *__restrict u = reached.data();
    const Long *__restrict subtract = subtracts.data(), *__restrict reset = net.reset, *__restrict refractory = net.refractory;
    Long *__restrict membrane = net.membrane, *__restrict held = net.held, *__restrict mark = marks.data();
    for (Long i = 0; i < count; i++) {
      const Long level = threshold[i] + adaptation[i];
      const bool waits = held[i] > 0;
      const Long fires_now = (u[i] > level) & !waits, after = subtract[i] ? std::min(u[i] - level, high) : reset[i];
      const Long otherwise = waits ? membrane[i] : u[i], left = held[i] - (waits ? 1 : 0);
      membrane[i] = fires_now ? after : otherwise;
      held[i] = fires_now ? refractory[i] : left;
      mark[i] = fires_now | Long((u[i] > level >> shift) & !waits) << 1;
    }
  }

  // The draws of the columns, but for the part of the source: of the neurons here, of sources by their number there.
  std::vector<std::int32_t> column_draws() {
    if (!net.draws) {
      draw.assign(net.neurons, 0);
      return std::vector<std::int32_t>(std::max(net.axons, net.neurons), 0);
    }
    draw = sums(net.random, net.neurons, VISITED);
    auto walked = sums(net.random, std::max(net.axons, net.neurons), WALKED);
    for (auto &one : walked) one ^= window(net.random, 0) ^ window(net.random, COLUMN);
    return walked;
  }

  std::int32_t of_source(const std::vector<std::int32_t> &walked, Long j) const {
    if (!net.draws) return 0;
    return j < net.axons ? walked[j] : walked[j - net.axons] ^ window(net.random, NEURON);
  }

  // The columns of the neurons with a factor and an open gate.
  void apply() {
    Long changing = 0;
    for (Long i = 0; i < net.neurons; i++) {
      const bool gated = i < net.gated, passes = !gated || (net.y[i] <= net.most && (near[i] || net.least <= net.y[i]));
      const Long wanted = clip((gated ? net.rate : net.free_rate) * net.factor[i], -65536, 65535);
      open[i] = passes && wanted != 0;
      gain[i] = open[i] ? T(scaled(wanted)) : 0;
      changing += open[i];
    }
    net.columns += changing;
    if (!changing) return;
    const auto walked = column_draws();
    for (Long j = 0; j < sources; j++)
      if (net.x[j] || loose) change_row(j, T(weight_of(net.x[j])), of_source(walked, j));
  }

  // The columns of the neurons that fire, by STDP.
  void columns() {
    const Long first = net.plastic_axons ? 0 : net.axons, last = net.plastic_neurons ? sources : net.axons;
    if (firing.empty() || first >= last) return;
    if (net.draws) return drawn_columns(first, last);
    std::copy(fires.begin(), fires.end(), open.begin());
    for (Long i = 0; i < net.neurons; i++) size[i] = Byte(-fires[i]);
    touch();
    steps(net.potentiation, net.x, sources, part.data());
    net.potentiation > 0 ? shift_columns<true>(first, last) : shift_columns<false>(first, last);
  }

  void drawn_columns(Long first, Long last) {
    const auto walked = column_draws();
    for (Long j = first; j < last; j++)
      if (net.x[j] || loose) move_drawn(j, potentiated(j), of_source(walked, j));
  }

  T potentiated(Long j) const { return T(scaled(net.potentiation) * weight_of(net.x[j])); }

  // The weights from a source to the neurons that fire. A store of a byte may be of anything, so what is read stands in locals.
  void move_drawn(Long j, T product, std::int32_t own) {
    std::int8_t *__restrict w = weights(j);
    const Byte *__restrict plastic = row_plastic(j);
    const Long *__restrict i = firing.data(), *const end = i + firing.size();
    const std::int32_t *__restrict drawn = draw.data();
    const T least = T(net.weight_min), most = T(net.weight_max);
    for (; i != end; i++)
      if (plastic[*i]) w[*i] = moved<T>(w[*i], change<T, DRAWN>(product, T(drawn[*i] ^ own)), least, most);
  }

  // spiked: those with a spike, of which `value` are the values.
  [[gnu::noinline]] void raise(Long *trace, Long count, Long decay, Long step, const std::vector<Long> &spiked, const Long *value) {
    if (net.rectangular)
      for (Long k = 0; k < count; k++) trace[k] = std::max(trace[k] - 1, Long(0));
    else if (decay)
      for (Long k = 0; k < count; k++) trace[k] = trace[k] * (ONE - decay) >> 16;
    for (Long k : spiked) {
      trace[k] = net.rectangular || net.nearest ? step : std::min(trace[k] + *value * step, net.trace_max);
      value++;
    }
  }

  void to_rest(bool traces) {
    for (Long *part : {net.membrane, net.current, net.held, net.factor}) std::fill(part, part + net.neurons, 0);
    std::fill(net.fired, net.fired + net.neurons, 0);
    if (!traces) return;
    std::fill(net.x, net.x + sources, 0);
    std::fill(net.y, net.y + net.neurons, 0);
  }
};

template <typename T>
void run(Net &net, Long ticks, bool learn, const Byte *axon_spikes, Byte *spikes, Byte *clipped, Long *membranes) {
  Run<T> ticking(net);
  for (Long t = 0; t < ticks; t++)
    ticking.tick(axon_spikes + t * net.axons, learn, spikes + t * net.neurons, clipped + t * net.neurons,
                 membranes ? membranes + t * net.neurons : nullptr);
}

template <typename T>
void present(Net &net, Long count, Long ticks, const Byte *learn, bool rest, const Byte *axon_spikes, Long *spikes, Long *events) {
  Run<T> ticking(net);
  for (Long k = 0; k < count; k++)
    events[k] = ticking.present(axon_spikes + k * ticks * net.axons, ticks, learn[k], rest, spikes + k * net.neurons);
}

}  // namespace

extern "C" {

Long hwf_size() { return sizeof(Net); }

// Ticks with the axon spikes [ticks, axons], or their values if the net is graded; spikes, clipped, and membranes if there are any: [ticks, neurons].
void hwf_run(Net *net, Long ticks, Long learn, const Byte *axon_spikes, Byte *spikes, Byte *clipped, Long *membranes) {
  const bool narrow = net->trace_max < 32768;
  (narrow ? run<std::int32_t> : run<Long>)(*net, ticks, learn != 0, axon_spikes, spikes, clipped, membranes);
}

// Presentations [count, ticks, axons], of which some learn, [count]; spikes of each neuron in each, zero at first, [count, neurons]; events,
// [count]: the sources with a spike that begin the ticks of each.
void hwf_present(Net *net, Long count, Long ticks, const Byte *learn, Long rest, const Byte *axon_spikes, Long *spikes, Long *events) {
  const bool narrow = net->trace_max < 32768;
  (narrow ? present<std::int32_t> : present<Long>)(*net, count, ticks, learn, rest != 0, axon_spikes, spikes, events);
}

// Scale the plastic positive weights from axons, [axons, neurons], to a sum of about `target` for each neuron from first to before last.
void hwf_normalise(Long axons, Long neurons, Long first, Long last, Long target, Long least, Long most, const Byte *plastic,
                   Long *weight) {
  std::vector<Long> factor(neurons, 0);
  for (Long j = 0; j < axons; j++)
    for (Long i = first; i < last; i++)
      if ((!plastic || plastic[j * neurons + i]) && weight[j * neurons + i] > 0) factor[i] += weight[j * neurons + i];
  for (auto &one : factor) one = std::min((target << 12) / std::max(one, Long(1)), Long(65535));
  for (Long j = 0; j < axons; j++)
    for (Long i = first; i < last; i++) {
      Long &w = weight[j * neurons + i];
      if ((!plastic || plastic[j * neurons + i]) && w > 0) w = clip((w * factor[i] + 2048) >> 12, least, most);
    }
}

}  // extern "C"
