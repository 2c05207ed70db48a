// The CAN bus of a simulated board that has the pins: a log that is played over and over, by one controller for each interface
// in it, with another one that acknowledges.
#pragma once
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "can_bus.h"

// The pins `can_rx` and `can_tx`, on the tops that have them.
template <typename Top>
static auto hear_bus(Top& top, bool level, int) -> decltype(top.can_rx, true) {
    top.can_rx = level;
    return true;
}
template <typename Top>
static bool hear_bus(Top&, bool, long) {
    return false;
}
template <typename Top>
static auto drives_bus(Top& top, int) -> decltype(bool(top.can_tx)) {
    return top.can_tx;
}
template <typename Top>
static bool drives_bus(Top&, long) {
    return true;
}

class BoardBus {
   public:
    // path: a log as candump writes it, empty for no bus; clock_hz: of the board; speed: how much faster the log goes.
    BoardBus(const std::string& path, double bit_rate, double clock_hz, double speed)
        : period_(clock_hz > 0 ? 1e12 / clock_hz : 0), speed_(speed), bit_rate_(bit_rate) {
        if (path.empty()) return;
        std::ifstream file(path);
        std::string line;
        while (std::getline(file, line)) {
            Line read;
            char name[32] = "";
            if (!can::parse_candump(line, read.frame, read.seconds)) continue;
            std::sscanf(line.c_str(), " (%*f) %31s", name);
            read.node = node_of(name);
            lines_.push_back(read);
        }
        if (lines_.empty()) return;
        bus_.add(options(), METRE);  // it acknowledges
        pins_ = bus_.attach(METRE);
    }
    bool plays() const { return !lines_.empty(); }

    // To the next cycle of the board's clock.
    template <typename Top>
    void step(Top& top) {
        if (!plays()) return;
        if (bus_.waiting() == 0) play();
        // Whole picoseconds and the rest, since a sum of all would lose the rest within a day.
        rest_ += period_;
        const int64_t whole = int64_t(rest_);
        now_ += whole;
        rest_ -= double(whole);
        hear_bus(top, bus_.step(pins_, now_, drives_bus(top, 0)), 0);
    }

   private:
    static constexpr int64_t METRE = 5'000;  // picoseconds
    static constexpr int64_t PAUSE = 10'000'000'000;  // before the log begins, again and again: 10 ms
    struct Line {
        can::Frame frame;
        double seconds = 0;
        can::Node* node = nullptr;
    };

    can::NodeOptions options() const {
        can::NodeOptions options;
        options.bit_rate = bit_rate_;
        return options;
    }
    can::Node* node_of(const std::string& name) {
        can::Node*& node = nodes_[name];
        if (!node) node = &bus_.add(options(), METRE);
        return node;
    }
    void play() {
        for (const Line& line : lines_) {
            const double after = (line.seconds - lines_.front().seconds) * 1e12 / speed_;
            line.node->send(line.frame, now_ + PAUSE + int64_t(after));
        }
    }

    double period_, speed_, bit_rate_, rest_ = 0;
    int64_t now_ = 0;
    can::Bus bus_;
    std::map<std::string, can::Node*> nodes_;
    std::vector<Line> lines_;
    int pins_ = 0;
};
