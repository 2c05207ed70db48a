// A simulated CAN bus: controllers with clocks and distances of their own, faults, and a place for a simulated device's pins.
//
// The bus is dominant where any of those on it drives it dominant; each hears it `delay` later, and is heard by it `delay` later.
// Times are in picoseconds from the start. A device in step with its own clock:
//
//     can::Bus bus;
//     can::Node& node = bus.add({500e3, 0.003}, 50'000);
//     node.send(frame, 0);
//     const int pins = bus.attach(20'000);
//     for (int64_t now = 0; ; now += period) top.can_rx = bus.step(pins, now, top.can_tx) ...
#pragma once
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "can_node.h"

namespace can {

enum class Effect { flipped, dominant, recessive };

// What the whole bus, or one of those on it (`where`, from `add` and `attach` on), has for a level for a while.
struct Fault {
    int64_t from, to;
    Effect effect;
    int where = -1;
};

class Bus {
   public:
    // A controller, at a distance of so many picoseconds.
    Node& add(const NodeOptions& options, int64_t delay) {
        nodes_.push_back({std::make_unique<Node>(options), attach(delay)});
        return *nodes_.back().node;
    }
    // A device that is not a Node; the result stands for it.
    int attach(int64_t delay) {
        taps_.push_back({delay, true, {}});
        if (delay > longest_) longest_ = delay;
        return int(taps_.size()) - 1;
    }

    // Faults are given in the order in which they begin.
    void disturb(const Fault& fault) { faults_.push_back(fault); }

    // Flipped for a bit time, at random moments, on average once in so many picoseconds; 0: never.
    void disturb_at_random(double mean, int64_t length, uint64_t seed) {
        mean_ = mean;
        length_ = length;
        engine_.seed(seed);
        next_random_ = mean > 0 ? now_ + int64_t(std::exponential_distribution<>(1 / mean)(engine_)) : INT64_MAX;
    }

    // Goes on to `now`, from when on the device drives `tx`; the level that it hears.
    bool step(int device, int64_t now, bool tx) {
        advance(now);
        drive(device, now, tx);
        return level(device, now);
    }

    // Lets the controllers work up to `now`.
    void advance(int64_t now) {
        while (true) {
            Placed* first = nullptr;
            for (Placed& placed : nodes_)
                if (!first || placed.node->next() < first->node->next()) first = &placed;
            if (!first || first->node->next() > now) break;
            const int64_t moment = first->node->next();
            disturb_until(moment);
            first->node->tick(level(first->tap, moment));
            drive(first->tap, moment, first->node->output());
        }
        disturb_until(now);
        now_ = now;
        forget(now - 2 * longest_);
    }

    // What the one at `tap` hears.
    bool level(int tap, int64_t now) const {
        const int64_t moment = now - taps_[size_t(tap)].delay;
        bool level = true;
        for (const Tap& other : taps_) level = level && other.at(moment);
        for (const Fault& fault : faults_) {
            if (fault.from > moment) break;
            if (moment >= fault.to || (fault.where >= 0 && fault.where != tap)) continue;
            level = fault.effect == Effect::flipped ? !level : fault.effect == Effect::recessive;
        }
        return level;
    }

    size_t waiting() const {
        size_t count = 0;
        for (const Placed& placed : nodes_) count += placed.node->waiting();
        return count;
    }

   private:
    struct Tap {
        int64_t delay;
        bool driven;                                  // before the first change
        std::deque<std::pair<int64_t, bool>> changes;  // as they reach the bus
        bool at(int64_t moment) const {
            for (auto change = changes.rbegin(); change != changes.rend(); ++change)
                if (change->first <= moment) return change->second;
            return driven;
        }
        bool latest() const { return changes.empty() ? driven : changes.back().second; }
    };
    struct Placed {
        std::unique_ptr<Node> node;
        int tap;
    };

    void drive(int tap, int64_t now, bool level) {
        Tap& driver = taps_[size_t(tap)];
        if (level != driver.latest()) driver.changes.push_back({now + driver.delay, level});
    }
    void disturb_until(int64_t moment) {
        while (mean_ > 0 && next_random_ <= moment) {
            faults_.push_back({next_random_, next_random_ + length_, Effect::flipped});
            next_random_ += length_ + int64_t(std::exponential_distribution<>(1 / mean_)(engine_));
        }
    }
    void forget(int64_t before) {
        for (Tap& tap : taps_)
            while (!tap.changes.empty() && tap.changes.front().first < before) {
                tap.driven = tap.changes.front().second;
                tap.changes.pop_front();
            }
        while (!faults_.empty() && faults_.front().to < before) faults_.pop_front();
    }

    std::vector<Placed> nodes_;
    std::vector<Tap> taps_;
    std::deque<Fault> faults_;
    int64_t longest_ = 0, now_ = 0, next_random_ = INT64_MAX, length_ = 0;
    double mean_ = 0;
    std::mt19937_64 engine_;
};

// A line of a candump log, `(seconds.microseconds) interface IDENTIFIER#DATA`: eight digits are an extended identifier, `#R` a
// remote frame. False if the line is none (an error frame, an FD frame, a comment).
inline bool parse_candump(const std::string& line, Frame& frame, double& seconds) {
    char identifier[9], data[20] = "";
    frame = Frame();
    int read = 0;
    if (std::sscanf(line.c_str(), " (%lf) %*s %8[0-9A-Fa-f]#%n%18s", &seconds, identifier, &read, data) < 2 || read == 0) return false;
    frame.identifier = uint32_t(std::stoul(identifier, nullptr, 16));
    frame.extended = std::string(identifier).size() > 3;
    if (frame.identifier > (frame.extended ? 0x1FFFFFFFu : 0x7FFu) || data[0] == '#') return false;
    const std::string bytes = data;
    if (!bytes.empty() && (bytes[0] == 'R' || bytes[0] == 'r')) {
        frame.remote = true;
        if (bytes.size() > 1 && std::isxdigit(static_cast<unsigned char>(bytes[1]))) frame.dlc = uint8_t(std::stoul(bytes.substr(1), nullptr, 16));
        return bytes.size() <= 2;
    }
    if (bytes.size() % 2 || bytes.size() > 16) return false;
    frame.dlc = uint8_t(bytes.size() / 2);
    for (size_t i = 0; i < bytes.size() / 2; i++) {
        const std::string byte = bytes.substr(2 * i, 2);
        if (byte.find_first_not_of("0123456789ABCDEFabcdef") != std::string::npos) return false;
        frame.data[i] = uint8_t(std::stoul(byte, nullptr, 16));
    }
    return true;
}

}  // namespace can
