// One sender's traffic at random: frames of every kind, errors, overload flags, flipped bits.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "listener.h"

struct Rate {
    int kilobits, prescaler, seg1, seg2, sjw;
    int cycles() const { return prescaler * (1 + seg1 + seg2); }
};
// From a clock of 12 MHz, that of the smallest board. The slow rates come less often, since they take most of the time.
const Rate RATES[] = {{1000, 1, 8, 3, 3}, {1000, 1, 8, 3, 3},  {1000, 1, 8, 3, 3},  {500, 1, 17, 6, 6}, {500, 1, 17, 6, 6},
                      {500, 1, 17, 6, 6}, {250, 2, 17, 6, 6}, {125, 4, 17, 6, 6}, {800, 1, 10, 4, 4}, {800, 1, 10, 4, 4}};
constexpr double CLOCK_PS = 1e6 / 12;

// The level of the line in time: edges, and how far the sender is.
class Line {
   public:
    void begin(double at, double bit) {
        edges_.clear();
        next_ = 0;
        end_ = at;
        bit_ = bit;
        last_ = now_ = true;
    }
    void add(bool level, double bits = 1) {
        if (level != last_) edges_.push_back(end_);
        last_ = level;
        end_ += bits * bit_;
    }
    bool at(double time) {
        for (; next_ < edges_.size() && edges_[next_] <= time; next_++) now_ = !now_;
        return now_;
    }
    double end() const { return end_; }

   private:
    std::vector<double> edges_;
    size_t next_ = 0;
    double end_ = 0, bit_ = 0;
    bool last_ = true, now_ = true;
};

class Random {
   public:
    explicit Random(uint64_t seed) : engine_(seed) {}
    uint64_t bits() { return engine_(); }
    int below(int end) { return int(engine_() % uint64_t(end)); }
    double within(double low, double high) { return std::uniform_real_distribution<>(low, high)(engine_); }
    bool chance(double probability) { return within(0, 1) < probability; }

    // Identifiers and bytes are often rows of equal bits, so that there are stuff bits.
    Frame frame() {
        Frame frame;
        frame.extended = below(2);
        frame.remote = below(8) == 0;
        const int width = frame.extended ? 29 : 11;
        frame.identifier = uint32_t(plain(width));
        frame.dlc = uint8_t(below(20) == 0 ? below(16) : below(9));
        for (uint8_t& byte : frame.data) byte = uint8_t(plain(8));
        return frame;
    }

   private:
    uint64_t plain(int width) {
        const uint64_t all = (uint64_t(1) << width) - 1;
        switch (below(5)) {
            case 0: return 0;
            case 1: return all;
            case 2: return (uint64_t(31) << below(width)) & all;
            default: return bits() & all;
        }
    }
    std::mt19937_64 engine_;
};

// One sender's traffic: what is on the line, what the listener makes of it, and what must be heard whatever the listener says.
class Traffic {
   public:
    // fast: FD frames have data at a higher rate, which no sequence of bits says.
    Traffic(Random& random, double flips, bool fast = true) : random_(random), flips_(flips), fast_(fast) {}
    Line line;
    std::string bits;
    Listener listener;
    std::map<std::string, uint64_t> counts;
    std::vector<Frame> intact;  // frames of which no bit was flipped, on a bus that was ready

    void begin(double at, double bit) {
        line.begin(at, bit);
        listener.events.clear();
        intact.clear();
        bits.clear();
        pause(12, false);
    }
    void end() { pause(14, false); }

    void next() {
        const int kind = random_.below(16);
        if (kind == 0 && fast_ && listener.ready()) fd();
        else if (kind == 1) overload(true);
        else frame(kind == 2 ? 1 + random_.below(0x7FFF) : 0, kind == 3);
        pause(random_.below(4) ? 3 : random_.below(4) ? 3 + random_.below(30) : 2, true);
    }

   private:
    bool send(bool bit, bool may_flip = true) {
        if (may_flip && flips_ > 0 && random_.chance(flips_)) {
            bit = !bit;
            hit_ = true;
            counts["bits flipped"]++;
        }
        line.add(bit);
        listener.add(bit);
        bits.push_back(bit ? '1' : '0');
        return bit;
    }
    void pause(int bits, bool may_flip) {
        while (bits-- > 0) {
            send(true, may_flip);
            if (listener.overloaded || listener.failed) flag();
        }
    }
    // Six dominant bits, on which others' flags may follow, and the delimiter. Who has not seen the error sees one when six bits in a row
    // were dominant, so that no more than twelve are.
    void flag() {
        counts["flags"]++;
        const size_t row = bits.size() - 1 - bits.find_last_of('1');
        for (int i = 6 + random_.below(7 - int(row < 6 ? row : 6)); i > 0; i--) send(false);
        for (int i = 0; i < 8; i++) send(true);
    }
    void overload(bool late) {
        counts["overload frames"]++;
        if (late) frame(0, false);
        if (random_.below(2)) send(true);
        send(false);
        flag();
    }

    void frame(unsigned crc_change, bool broken_off) {
        const Frame frame = random_.frame();
        Bits bits = can::bits_of(frame, crc_change);
        bits[bits.size() - 9] = random_.below(20) == 0;  // ACK
        const size_t stop = broken_off ? 1 + size_t(random_.below(int(bits.size()) - 1)) : bits.size();
        const bool reacts = random_.below(5) != 0;  // others see the error too
        const bool ready = listener.ready();
        hit_ = false;
        counts["frames"]++;
        counts[frame.remote ? "remote frames" : frame.extended ? "extended data frames" : "base data frames"]++;
        if (crc_change) counts["wrong checksums"]++;
        for (size_t i = 0; i < stop; i++) {
            send(bits[i]);
            if ((listener.failed && reacts) || listener.overloaded) {
                counts["frames hit"] += hit_;
                return flag();
            }
        }
        counts["frames hit"] += hit_;
        if (broken_off) {
            counts["broken off"]++;
            return flag();
        }
        if (!hit_ && ready && !crc_change && !frame.remote) intact.push_back(frame);
    }

    // To BRS, then data eight times as fast, then the end at the old rate. No bit of it is flipped, since a bit here is none there.
    void fd() {
        counts["frames"]++;
        counts["FD frames"]++;
        const bool extended = random_.below(2);
        Bits start = {0};
        for (int i = 0; i < 11; i++) start.push_back(uint8_t(random_.below(2)));
        if (extended) {
            start.insert(start.end(), {1, 1});
            for (int i = 0; i < 18; i++) start.push_back(uint8_t(random_.below(2)));
            start.insert(start.end(), {0, 1});
        } else {
            start.insert(start.end(), {0, 0, 1});
        }
        for (const uint8_t bit : can::stuffed(start)) send(bit, false);
        if (listener.open()) std::abort();
        send(false, false);
        for (int i = 8 * random_.below(60); i > 0; i--) line.add(i % 5 == 0 ? false : random_.below(2), 1.0 / 8);
        for (const int bit : {1, 0, 1, 1, 1, 1, 1, 1, 1, 1}) send(bit, false);
    }

    Random& random_;
    double flips_;
    bool fast_, hit_ = false;
};
