// hwf_can_rx, a clock cycle at a time, and what it has told.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "Vhwf_can_rx.h"
#include "traffic.h"
#include "verilated.h"

using Counts = std::map<std::string, uint64_t>;

class Device {
   public:
    Device() : top_(&context_) {
        top_.can_rx = 1;
        top_.rst = 1;
        cycle();
        cycle();
        top_.rst = 0;
    }
    ~Device() { top_.final(); }
    Events events;
    uint64_t cycles = 0;

    void set(const Rate& rate) {
        top_.prescaler = uint8_t(rate.prescaler);
        top_.seg1 = uint8_t(rate.seg1);
        top_.seg2 = uint8_t(rate.seg2);
        top_.sjw = uint8_t(rate.sjw);
    }
    void run(Line& line, double clock, double until) {
        for (double time = 0; time < until; time += clock) step(line.at(time));
    }
    // One clock cycle.
    void step(bool level) {
        top_.can_rx = level;
        cycle();
        // Most cycles tell nothing.
        if (!(top_.overload | top_.started | top_.id_valid | top_.byte_valid | top_.payload_end | top_.accepted | top_.failed | top_.passed_over)) return;
        if (top_.overload) events.push_back({"overload"});
        if (top_.started) events.push_back({"started"});
        if (top_.id_valid) events.push_back({"identifier", top_.extended, top_.identifier});
        if (top_.byte_valid) events.push_back({"byte", top_.byte_index, top_.byte_data, top_.dlc});
        if (top_.payload_end) events.push_back({"payload end"});
        if (top_.accepted) events.push_back({"accepted", top_.extended, top_.identifier, top_.dlc});
        if (top_.failed) events.push_back({"failed", top_.failure});
        if (top_.passed_over) events.push_back({"passed over"});
    }
    // Of the last cycle.
    const Vhwf_can_rx& pins() const { return top_; }

   private:
    void cycle() {
        top_.clk = 0;
        top_.eval();
        top_.clk = 1;
        top_.eval();
        cycles++;
    }
    VerilatedContext context_;
    Vhwf_can_rx top_;
};

// The accepted frames of a log, each with its bytes.
inline std::vector<Frame> accepted(const Events& events) {
    std::vector<Frame> frames;
    Frame frame;
    for (const Event& event : events) {
        const std::string name = event.name;
        if (name == "started") frame = Frame();
        if (name == "byte") frame.data[event.first] = uint8_t(event.second);
        if (name != "accepted") continue;
        frame.extended = event.first;
        frame.identifier = event.second;
        frame.dlc = uint8_t(event.third);
        frames.push_back(frame);
    }
    return frames;
}

// How many of `frames` are not among `others`, each of which stands for one of them, or for `many`.
inline uint64_t missing(const std::vector<Frame>& frames, const std::vector<Frame>& others, int many = 1) {
    std::map<std::string, int> there;
    const auto key = [](const Frame& frame) {
        const uint32_t head[] = {frame.identifier, uint32_t(frame.extended) << 8 | frame.dlc};
        const std::string data(reinterpret_cast<const char*>(frame.data), size_t(frame.size()));
        return std::string(reinterpret_cast<const char*>(head), sizeof head) + data;
    };
    for (const Frame& frame : others) there[key(frame)] += many;
    uint64_t count = 0;
    for (const Frame& frame : frames) count += there[key(frame)]-- <= 0;
    return count;
}

inline void tell(const Counts& counts) {
    std::string text;
    for (const auto& [name, count] : counts) text += (text.empty() ? "\"" : ", \"") + name + "\": " + std::to_string(count);
    std::printf("{%s}\n", text.c_str());
}

// Both clocks are off, every third time as far as they may be.
inline double error(Random& random, double most) {
    return random.below(3) ? random.within(-most, most) : random.below(2) ? most : -most;
}
