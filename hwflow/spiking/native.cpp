// The golden model of the spiking core (docs/neuron.md), compiled: what hwflow/spiking/reference.py computes, value for value.
//
// Weights are bytes here, [sources, neurons] as there; states have 24 bits at most and traces 16, in 32, which hold every sum of them.
// Loops are written so that the compiler makes vectors of them: without branches, arrays and bounds in locals, and in functions that are
// not made part of others, where registers would be too few for any of them.

#include <cstdlib>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "native_draws.h"
#include "native_due.h"
#include "native_net.h"

namespace {

// Who fires and who is near, of whom `marks` has a bit each, and of whom a sum was clipped.
inline void tell(const Int *__restrict marks, const Int *__restrict clips, Long count, Byte *__restrict fires, Byte *__restrict near,
                 Byte *__restrict clipped) {
  for (Long i = 0; i < count; i++) {
    fires[i] = Byte(marks[i] & 1);
    near[i] = Byte(marks[i] >> 1);
    clipped[i] = Byte(clips[i] > 0);
  }
}

inline void adapt(Int *__restrict adaptation, const Int *__restrict marks, Long count, Int keep, Int step, Int most) {
  for (Long i = 0; i < count; i++) adaptation[i] = std::min(fade(adaptation[i], keep) + (marks[i] & 1 ? step : 0), most);
}

// Of 8 flags, which are not zero: a bit each, the first the lowest.
inline std::uint64_t bits_of(const Byte *flags) {
  std::uint64_t word;
  std::memcpy(&word, flags, sizeof word);
  word |= word >> 4;  // the lowest bit of each byte is to be any of its bits
  word |= word >> 2;
  word |= word >> 1;
  return (word & 0x0101010101010101) * 0x0102040810204080 >> 56;
}

// The numbers of flags that are set.
[[gnu::noinline]] void list(const Byte *flags, Long count, std::vector<Long> &found) {
  found.resize(count);
  Long *next = found.data(), first = 0;
  for (; first + 64 <= count; first += 64) {
    std::uint64_t set = 0;
    for (Long k = 0; k < 64; k += 8) set |= bits_of(flags + first + k) << k;
    for (; set; set &= set - 1) *next++ = first + __builtin_ctzll(set);
  }
  for (; first < count; first++)
    if (flags[first]) *next++ = first;
  found.resize(next - found.data());
}

// Rows of weights that are added at once, and of which a word holds the sum.
constexpr std::size_t TOGETHER = 4, HELD = 63 * TOGETHER;

// Add TOGETHER rows of weights.
inline void add_rows(Word *__restrict sum, const std::int8_t *const *rows, Long count) {
  const std::int8_t *__restrict a = rows[0], *__restrict b = rows[1], *__restrict c = rows[2], *__restrict d = rows[3];
  for (Long i = 0; i < count; i++) sum[i] = Word(sum[i] + a[i] + b[i] + c[i] + d[i]);
}

// A run over some ticks. T holds gain times trace and a draw.
template <typename T>
class Run {
 public:
  explicit Run(Net &net) : net(net), sources(net.axons + net.neurons), all(net.neurons, 1), arrived(net.neurons), brought(net.neurons), reached(net.neurons),
                           clips(net.neurons), marks(net.neurons), subtracts(net.subtract, net.subtract + net.neurons),
                           near(net.neurons), open(net.neurons), gain(net.neurons), draw(net.neurons), fires(net.neurons),
                           size(net.neurons), nothing(net.neurons), sum(net.neurons), due(sources, net.neurons) {
    list(net.fired, net.neurons, firing);
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

  ~Run() { settle(); }

  void tick(const Byte *axon_spikes, bool learn, Byte *spikes, Byte *clipped, Long *membranes) {
    list(axon_spikes, net.axons, spiking);
    values.assign(spiking.size(), 1);
    for (std::size_t k = 0; k < values.size() && net.graded; k++) values[k] = axon_spikes[spiking[k]];
    for (Long i : firing) spiking.push_back(net.axons + i);
    rows(learn && !net.third);
    sweep(spikes, clipped);
    bool closes = false;
    if (net.third) {
      for (Long i = 0; i < net.neurons; i++) net.factor[i] = clip(net.factor[i] + brought[i], Int(net.low), Int(net.high));
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
    net.ticks++;
    if (net.counts) {
      net.spikes += Long(firing.size());
      net.events += Long(spiking.size());
    }
    if (closes) to_rest(learn);
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
  std::vector<Int> arrived, brought, reached, clips, marks, subtracts;  // all as wide as the states, since loops of one width become vectors
  std::vector<Byte> near, open;
  std::vector<T> gain;
  std::vector<Int> draw;
  std::vector<Byte> fires, size;
  std::vector<std::int8_t> nothing;  // a row of weights
  std::vector<Word> sum;
  Due due;
  std::vector<const std::int8_t *> plain;  // rows of weights that arrive once
  std::vector<Long> spiking, firing;  // the sources with a spike, and the neurons that fire, or did in the tick before
  std::vector<Long> values;  // of the spikes of the first of `spiking`, the axons; those of the others are 1

  std::int8_t *weights(Long j) { return net.weight + j * net.neurons; }
  const Byte *row_plastic(Long j) { return net.plastic ? net.plastic + j * net.neurons : all.data(); }
  Rounding rounding() const { return net.draws ? DRAWN : net.rectangular ? PLAIN : NEAREST; }

  // What a gain counts for, so that it times `weight_of` a trace is a change in the rounding's unit.
  Long scaled(Long value) const { return net.rectangular && net.draws ? value << 6 : value; }
  Int weight_of(Int trace) const { return net.rectangular ? trace > 0 : trace; }

  // Change the weights of a row by `gain` times `factor`, where `open`.
  template <Rounding how>
  void change_row(Long j, T factor, Int first_draw) {
    std::int8_t *w = weights(j);
    const Byte *plastic = row_plastic(j), *opened = open.data();
    const T *g = gain.data();
    const Int *d = draw.data();
    const T least = T(net.weight_min), most = T(net.weight_max);
    const auto [first, last] = plastic_part[j];
    for (Long i = first; i < last; i++) {
      const std::int8_t then = moved<T>(w[i], change<T, how>(T(g[i] * factor), T(d[i] ^ first_draw)), least, most);
      w[i] = plastic[i] & opened[i] ? then : w[i];
    }
  }

  void change_row(Long j, T factor, Int first_draw) {
    switch (rounding()) {
      case DRAWN: return change_row<DRAWN>(j, factor, first_draw);
      case NEAREST: return change_row<NEAREST>(j, factor, first_draw);
      default: return change_row<PLAIN>(j, factor, first_draw);
    }
  }

  // By how much a gain times each trace changes a weight, up or down, if nothing is drawn, as far as 8 bits can tell.
  [[gnu::noinline]] void steps(Long gain, const Int *__restrict trace, Long count, Byte *__restrict to) const {
    const Natural size = Natural(std::abs(gain)), most = 255;
    if (net.rectangular)
      for (Long k = 0; k < count; k++) to[k] = trace[k] ? Byte(std::min(size, most)) : 0;
    else
      for (Long k = 0; k < count; k++) to[k] = Byte(std::min((size * Natural(trace[k]) + 128) >> 8, most));
  }

  // Change the weights of a row in columns from `first` to before `last` by `by`, all of them up or down.
  template <bool up>
  inline void shift_row(Long j, Long first, Long last, const Byte *by) {
    const auto [begin, end] = plastic_part[j];
    const Long from = std::max(first, begin), count = std::min(last, end) - from;
    shifted<up>(weights(j) + from, row_plastic(j) + from, by + (from - first), count, std::int8_t(net.weight_min), std::int8_t(net.weight_max));
  }

  // Give rows what they are still to have of changes of columns.
  template <bool up>
  [[gnu::noinline]] void settle(const std::vector<Long> &rows) {
    const Bounds bounds{std::int8_t(net.weight_min), std::int8_t(net.weight_max)};
    for (Long j : rows)
      due.settle<up>(j, {weights(j), row_plastic(j), plastic_part[j].first, plastic_part[j].second}, bounds);
  }

  void settle(const std::vector<Long> &rows) { net.potentiation > 0 ? settle<true>(rows) : settle<false>(rows); }

  void settle() {
    std::vector<Long> rows(sources);
    std::iota(rows.begin(), rows.end(), 0);
    settle(rows);
    due.forget();
  }

  // Change the weights of a row where `open`, some of which lie outside the bounds, into which any change brings them.
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
    for (Long j : spiking) loose ? shift_loose(j, 255, up) : shift_row<up>(j, 0, net.neurons, size.data());
  }

  // A sum holds 16,384 rows of 128 times 255.
  void add(Long j, Int value, std::vector<Int> &to) {
    const std::int8_t *w = weights(j);
    for (Long i = 0; i < net.neurons; i++) to[i] += value * w[i];
  }

  bool modulates(Long j) const {
    return net.third && (j < net.axons ? j >= net.modulating_axons : j - net.axons >= net.modulating_neurons);
  }

  void rows(bool learn) {
    settle(spiking);
    std::fill(arrived.begin(), arrived.end(), 0);
    std::fill(brought.begin(), brought.end(), 0);
    plain.clear();
    for (std::size_t k = 0; k < spiking.size(); k++) {
      const Long j = spiking[k], value = k < values.size() ? values[k] : 1;
      if (modulates(j)) add(j, Int(value), brought);
      else if (value != 1) add(j, Int(value), arrived);
      else plain.push_back(weights(j));
    }
    add_plain();
    if (!learn || spiking.empty() || !(net.plastic_axons || net.plastic_neurons)) return;
    if (net.draws || loose) std::fill(open.begin(), open.end(), 1);
    if (net.draws) return drawn_rows();
    steps(net.depression, net.y, net.neurons, size.data());
    net.depression > 0 ? shift_rows<true>() : shift_rows<false>();  // traces are not negative
  }

  void drawn_rows() {
    draw = sums(net.random, net.neurons, WALKED);
    for (Long i = 0; i < net.neurons; i++) gain[i] = T(scaled(net.depression) * weight_of(net.y[i]));
    for (Long j : spiking) {
      const bool neuron = j >= net.axons;
      Int first = window(net.random, 0) ^ (neuron ? window(net.random, NEURON) : 0);
      for (Long number = neuron ? j - net.axons : j, bit = 0; number >> bit; bit++)
        if (number >> bit & 1) first ^= window(net.random, VISITED[int(bit)]);
      change_row(j, 1, first);
    }
  }

  // The sum of the rows of `plain`.
  [[gnu::noinline]] void add_plain() {
    while (plain.size() % TOGETHER) plain.push_back(nothing.data());
    for (std::size_t begin = 0; begin < plain.size(); begin += HELD) {
      std::fill(sum.begin(), sum.end(), 0);
      for (std::size_t k = begin; k < std::min(plain.size(), begin + HELD); k += TOGETHER)
        add_rows(sum.data(), plain.data() + k, net.neurons);
      for (Long i = 0; i < net.neurons; i++) arrived[i] += sum[i];
    }
  }

  void sweep(Byte *spikes, Byte *clipped) {
    integrate();
    fire();
    tell(marks.data(), clips.data(), net.neurons, fires.data(), near.data(), clipped);
    std::copy(fires.begin(), fires.end(), spikes);
    if (net.counts) net.saturations += std::accumulate(clips.begin(), clips.end(), Int(0));
    list(fires.data(), net.neurons, firing);
    if (net.adapts) adapt(net.adaptation, marks.data(), net.neurons, Int(ONE - net.adaptation_decay), Int(net.adaptation_step), Int(net.adapted_max));
  }

  // The currents; `reached`, the membranes before a reset; and how many sums were clipped for them.
  [[gnu::noinline]] void integrate() {
    const Long count = net.neurons;
    const Int low = Int(net.low), high = Int(net.high), shift = Int(net.weight_shift);
    const Int beyond = (1 << 25 >> shift) + 1;  // any more clips the current as well
    const Int *__restrict keep_current = net.keep_current, *__restrict keep = net.keep_membrane, *__restrict bias = net.bias;
    const Int *__restrict arrives = arrived.data(), *__restrict membrane = net.membrane, *__restrict held = net.held;
    Int *__restrict current = net.current, *__restrict u = reached.data(), *__restrict clip_count = clips.data();
#pragma GCC ivdep
    for (Long i = 0; i < count; i++) {
      const Int sum = fade(current[i], keep_current[i]) + (clip(arrives[i], -beyond, beyond) << shift);
      current[i] = clip(sum, low, high);
      clip_count[i] = current[i] != sum;
    }
#pragma GCC ivdep
    for (Long i = 0; i < count; i++) {
      const Int sum = fade(membrane[i], keep[i]) + current[i] + bias[i];
      u[i] = clip(sum, low, high);
      clip_count[i] += (u[i] != sum) & (held[i] <= 0);
    }
  }

  // The membranes, and in `marks`, a bit each, who fires and who is near.
  [[gnu::noinline]] void fire() {
    const Long count = net.neurons;
    const Int high = Int(net.high), shift = Int(net.near_shift);
    const Int *__restrict threshold = net.threshold, *__restrict adaptation = net.adaptation, *__restrict u = reached.data();
    const Int *__restrict subtract = subtracts.data(), *__restrict reset = net.reset, *__restrict refractory = net.refractory;
    Int *__restrict membrane = net.membrane, *__restrict held = net.held, *__restrict mark = marks.data();
#pragma GCC ivdep
    for (Long i = 0; i < count; i++) {
      const Int level = threshold[i] + adaptation[i];
      const Int waits = held[i] > 0, ready = held[i] <= 0, fires_now = (u[i] > level) & ready;
      const Int after = subtract[i] ? std::min(u[i] - level, high) : reset[i];
      const Int otherwise = waits ? membrane[i] : u[i], left = held[i] - waits;
      membrane[i] = fires_now ? after : otherwise;
      held[i] = fires_now ? refractory[i] : left;
      mark[i] = fires_now | ((u[i] > level >> shift) & ready) << 1;
    }
  }

  // The draws of the columns, but for the part of the source: of the neurons here, of sources by their number there.
  std::vector<Int> column_draws() {
    if (!net.draws) {
      draw.assign(net.neurons, 0);
      return std::vector<Int>(std::max(net.axons, net.neurons), 0);
    }
    draw = sums(net.random, net.neurons, VISITED);
    auto walked = sums(net.random, std::max(net.axons, net.neurons), WALKED);
    for (auto &one : walked) one ^= window(net.random, 0) ^ window(net.random, COLUMN);
    return walked;
  }

  Int of_source(const std::vector<Int> &walked, Long j) const {
    if (!net.draws) return 0;
    return j < net.axons ? walked[j] : walked[j - net.axons] ^ window(net.random, NEURON);
  }

  // The columns of the neurons with a factor and an open gate.
  void apply() {
    Long changing = 0;
    for (Long i = 0; i < net.neurons; i++) {
      const bool gated = i < net.gated, passes = !gated || (net.y[i] <= net.most && (near[i] || net.least <= net.y[i]));
      const Long wanted = clip((gated ? net.rate : net.free_rate) * net.factor[i], -ONE, ONE - 1);
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
    if (due.full()) settle();
    steps(net.potentiation, net.x + first, last - first, due.next() + first);
    if (!loose) return due.keep(fires.data(), firing);
    std::copy(fires.begin(), fires.end(), open.begin());
    negate(fires.data(), net.neurons, size.data());
    for (Long j = first; j < last; j++) shift_loose(j, due.next()[j], net.potentiation > 0);
  }

  void drawn_columns(Long first, Long last) {
    const auto walked = column_draws();
    for (Long j = first; j < last; j++)
      if (net.x[j] || loose) move_drawn(j, potentiated(j), of_source(walked, j));
  }

  T potentiated(Long j) const { return T(scaled(net.potentiation) * weight_of(net.x[j])); }

  // The weights from a source to the neurons that fire. A store of a byte may be of anything, so what is read stands in locals.
  void move_drawn(Long j, T product, Int own) {
    std::int8_t *__restrict w = weights(j);
    const Byte *__restrict plastic = row_plastic(j);
    const Long *__restrict i = firing.data(), *const end = i + firing.size();
    const Int *__restrict drawn = draw.data();
    const T least = T(net.weight_min), most = T(net.weight_max);
    for (; i != end; i++)
      if (plastic[*i]) w[*i] = moved<T>(w[*i], change<T, DRAWN>(product, T(drawn[*i] ^ own)), least, most);
  }

  // spiked: those with a spike, of which `value` are the values.
  [[gnu::noinline]] void raise(Int *__restrict trace, Long count, Long decay, Long step, const std::vector<Long> &spiked, const Long *value) {
    const Natural keep = Natural(ONE - decay);
    if (net.rectangular)
      for (Long k = 0; k < count; k++) trace[k] = std::max(trace[k] - 1, 0);
    else if (decay)
      for (Long k = 0; k < count; k++) trace[k] = Int(Natural(trace[k]) * keep >> 16);
    for (Long k : spiked) {
      trace[k] = Int(net.rectangular || net.nearest ? step : std::min(trace[k] + *value * step, net.trace_max));
      value++;
    }
  }

  void to_rest(bool traces) {
    for (Int *part : {net.membrane, net.current, net.held, net.factor}) std::fill(part, part + net.neurons, 0);
    std::fill(net.fired, net.fired + net.neurons, 0);
    firing.clear();
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
  (narrow ? run<Int> : run<Long>)(*net, ticks, learn != 0, axon_spikes, spikes, clipped, membranes);
}

// Presentations [count, ticks, axons], of which some learn, [count]; spikes of each neuron in each, zero at first, [count, neurons]; events,
// [count]: the sources with a spike that begin the ticks of each.
void hwf_present(Net *net, Long count, Long ticks, const Byte *learn, Long rest, const Byte *axon_spikes, Long *spikes, Long *events) {
  const bool narrow = net->trace_max < 32768;
  (narrow ? present<Int> : present<Long>)(*net, count, ticks, learn, rest != 0, axon_spikes, spikes, events);
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
