// Four nodes that contend for a bus at 500 kbit/s, some of them far away, with hwf_can_rx among them.
#pragma once
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "can_bus.h"
#include "device.h"

class Contention {
   public:
    enum class Trouble { none, flips, noise, strikes, stuck };

    Contention(Random& random, double off) : random_(random), clock_(CLOCK_PS * (1 + error(random, off))) {
        for (const int64_t delay : {20'000, 60'000, 120'000, 200'000}) {
            can::NodeOptions options;
            options.error = error(random, off);
            options.phase = int64_t(random.within(0, BIT));
            nodes_.push_back(&bus_.add(options, delay));
            nodes_.back()->on_sent = [this](const Frame& frame, int64_t) { sent_.push_back(frame); };
        }
        pins_ = bus_.attach(80'000);
        device_.set(RATE);
    }

    // Flips: one bit, once in `mean` bit times. Noise: the same, for an eighth of a bit. Strikes: the device destroys the first frame of every second identifier, from the end of
    // its payload on. Stuck: the bus is, at either level, up to 500 bits long, once in `mean` bit times.
    void run(uint64_t wanted, Trouble trouble, double mean) {
        if (trouble == Trouble::flips) bus_.disturb_at_random(mean * BIT, int64_t(BIT), random_.bits());
        if (trouble == Trouble::noise) bus_.disturb_at_random(mean * BIT, int64_t(BIT / 8), random_.bits());
        double stuck_at = trouble == Trouble::stuck ? 100 * BIT : 1e300;
        for (double quiet = 0; quiet < 40 * BIT; time_ += clock_) {
            give(wanted);
            if (time_ > stuck_at) {
                const double length = random_.within(1, 500) * BIT;
                const auto effect = random_.below(2) ? can::Effect::dominant : can::Effect::recessive;
                bus_.disturb({int64_t(time_), int64_t(time_ + length), effect});
                counts["stuck"]++;
                stuck_at = time_ + length + random_.within(0, 2 * mean) * BIT;
            }
            device_.step(bus_.step(pins_, int64_t(time_), strike_ == 0));
            if (trouble == Trouble::strikes) strike();
            quiet = given_.size() < wanted || bus_.waiting() ? 0 : quiet + clock_;
        }
        count();
    }
    Counts counts;

   private:
    static constexpr Rate RATE = {500, 1, 17, 6, 6};
    static constexpr double BIT = CLOCK_PS * 24;

    // Bursts: often several nodes have something to send at once. No two send the same identifier.
    void give(uint64_t wanted) {
        if (time_ < 20 * BIT || bus_.waiting() >= 3) return;
        for (int i = random_.below(6); i > 0 && given_.size() < wanted; i--) {
            const int who = random_.below(4);
            given_.push_back(random_.frame());
            given_.back().identifier = (given_.back().identifier & ~3u) | uint32_t(who);
            nodes_[size_t(who)]->send(given_.back(), int64_t(time_ + random_.below(3) * random_.within(0, 20 * BIT)));
        }
    }

    // An error flag of six bits from the next bit on.
    void strike() {
        const Vhwf_can_rx& pins = device_.pins();
        if (pins.payload_end && (pins.identifier & 4) && struck_.insert(pins.identifier).second) armed_ = true;
        if (strike_ > 0) strike_--;
        if (!armed_ || !pins.bit_start) return;
        armed_ = false;
        strike_ = 6 * RATE.cycles();
        counts["strikes"]++;
    }

    void count() {
        std::vector<Frame> data = sent_;
        data.erase(std::remove_if(data.begin(), data.end(), [](const Frame& frame) { return frame.remote; }), data.end());
        const std::vector<Frame> heard = accepted(device_.events);
        counts["sent"] = sent_.size();
        counts["data frames sent"] = data.size();
        counts["accepted"] = heard.size();
        counts["lost"] = missing(data, heard);
        counts["invented"] = missing(heard, given_, 1000);
        // A fault in the last bit of EOF is one for the sender alone, which sends again.
        counts["heard twice"] = missing(heard, data);
        counts["in order"] = heard == data;
        for (const Event& event : device_.events) counts["told " + std::string(event.name)]++;
        for (const can::Node* node : nodes_) {
            counts["arbitrations lost"] += node->counts.arbitrations_lost;
            counts["retries"] += node->counts.retries;
            counts["bit errors"] += node->counts.bit_errors;
            counts["ack errors"] += node->counts.ack_errors;
            counts["errors of receivers"] += node->counts.stuff_errors + node->counts.form_errors + node->counts.crc_errors;
            counts["bus offs"] += node->counts.bus_offs;
            counts["overloads"] += node->counts.overloads;
        }
    }

    Random& random_;
    double clock_, time_ = 0;
    can::Bus bus_;
    std::vector<can::Node*> nodes_;
    std::vector<Frame> given_, sent_;
    Device device_;
    int pins_ = 0, strike_ = 0;
    bool armed_ = false;
    std::set<uint32_t> struck_;
};
