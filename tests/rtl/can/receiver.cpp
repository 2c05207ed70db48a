// hwf_can_rx in Verilator on traffic at random, beside a receiver written from the rules.
//
// usage: hwf_can_rx wire FRAMES SEED FLIPS PERCENT   one sender: so many frames, the probability that a bit is flipped, and by how many
//                                                    per cent each clock is off at most; writes counts
//        hwf_can_rx bits FRAMES SEED FLIPS           the bits of such traffic and what the rules make of it, a line each
//        hwf_can_rx bus FRAMES SEED MEAN PERCENT     four nodes that contend for a bus, on which a bit is flipped once in so many
//                                                    bit times on average (0: never)
// Counts come as one JSON object; the first difference is told on stderr.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "Vhwf_can_rx.h"
#include "can_bus.h"
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
static std::vector<Frame> accepted(const Events& events) {
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
static uint64_t missing(const std::vector<Frame>& frames, const std::vector<Frame>& others, int many = 1) {
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

static void tell(const Counts& counts) {
    std::string text;
    for (const auto& [name, count] : counts) text += (text.empty() ? "\"" : ", \"") + name + "\": " + std::to_string(count);
    std::printf("{%s}\n", text.c_str());
}

static void show(const char* who, const Events& events, size_t from) {
    for (size_t i = from > 4 ? from - 4 : 0; i < std::min(events.size(), from + 4); i++)
        std::fprintf(stderr, "  %s %zu: %s %x %x %x\n", who, i, events[i].name, events[i].first, events[i].second, events[i].third);
}

// Both clocks are off, every third time as far as they may be.
static double error(Random& random, double most) {
    return random.below(3) ? random.within(-most, most) : random.below(2) ? most : -most;
}

static void wire(uint64_t wanted, Random& random, double flips, double off) {
    Traffic traffic(random, flips);
    Counts& counts = traffic.counts;
    for (const char* name : {"lost", "invented", "intact", "different", "frames hit"}) counts[name] = 0;
    Device device;
    while (counts["frames"] < wanted) {
        const Rate& rate = RATES[random.below(sizeof RATES / sizeof *RATES)];
        const double clock = CLOCK_PS * (1 + error(random, off)), bit = CLOCK_PS * rate.cycles();
        device.set(rate);
        device.events.clear();
        traffic.begin(random.within(0, bit), bit * (1 + error(random, off)));
        for (int i = 0; i < 40; i++) traffic.next();
        traffic.end();
        device.run(traffic.line, clock, traffic.line.end());
        const Events &right = traffic.listener.events, &seen = device.events;
        for (const Event& event : seen) counts[event.name == std::string("failed") ? "failed " + std::to_string(event.first) : event.name]++;
        counts["bits"] += traffic.bits.size();
        counts["intact"] += traffic.intact.size();
        const std::vector<Frame> heard = accepted(seen), model = accepted(right);
        counts["lost"] += missing(traffic.intact, heard) + missing(model, heard);
        counts["invented"] += missing(heard, model);
        if (right == seen || counts["different"]++) continue;
        const auto [place, other] = std::mismatch(right.begin(), right.end(), seen.begin(), seen.end());
        std::fprintf(stderr, "%d kbit/s, clocks %.6f\n", rate.kilobits, bit / CLOCK_PS / rate.cycles());
        show("right", right, size_t(place - right.begin()));
        show("seen ", seen, size_t(other - seen.begin()));
    }
    counts["cycles"] = device.cycles;
    tell(counts);
}

static void bits(uint64_t wanted, Random& random, double flips) {
    Traffic traffic(random, flips, false);
    while (traffic.counts["frames"] < wanted) {
        traffic.begin(0, 1);
        for (int i = 0; i < 10; i++) traffic.next();
        traffic.end();
        std::printf("%s", traffic.bits.c_str());
        for (const Event& event : traffic.listener.events)
            std::printf(";%s %u %u %u", event.name, event.first, event.second, event.third);
        std::printf("\n");
    }
}

// A bus at 500 kbit/s of four nodes, some of them far away, with the device among them.
static void bus(uint64_t wanted, Random& random, double mean, double off) {
    const Rate rate = {500, 1, 17, 6, 6};
    const double bit = CLOCK_PS * rate.cycles();
    can::Bus bus;
    std::vector<Frame> given, sent;
    std::vector<can::Node*> nodes;
    for (const int64_t delay : {20'000, 60'000, 120'000, 200'000}) {
        can::NodeOptions options;
        options.error = error(random, off);
        options.phase = int64_t(random.within(0, bit));
        nodes.push_back(&bus.add(options, delay));
        nodes.back()->on_sent = [&sent](const Frame& frame, int64_t) { sent.push_back(frame); };
    }
    if (mean > 0) bus.disturb_at_random(mean * bit, int64_t(bit), random.bits());
    const int pins = bus.attach(80'000);
    const double clock = CLOCK_PS * (1 + error(random, off));
    Device device;
    device.set(rate);
    double time = 0, quiet = 0;
    while (quiet < 40 * bit) {
        // Bursts: often several nodes have something to send, so that they contend for the bus. No two send the same identifier.
        if (time > 20 * bit && given.size() < wanted && bus.waiting() < 3)
            for (int i = random.below(6); i > 0 && given.size() < wanted; i--) {
                const int who = random.below(4);
                given.push_back(random.frame());
                given.back().identifier = (given.back().identifier & ~3u) | uint32_t(who);
                nodes[size_t(who)]->send(given.back(), int64_t(time + random.below(3) * random.within(0, 20 * bit)));
            }
        device.step(bus.step(pins, int64_t(time), true));
        time += clock;
        quiet = given.size() < wanted || bus.waiting() ? 0 : quiet + clock;
    }
    const auto data_only = [](std::vector<Frame> frames) {
        frames.erase(std::remove_if(frames.begin(), frames.end(), [](const Frame& frame) { return frame.remote; }), frames.end());
        return frames;
    };
    const std::vector<Frame> heard = accepted(device.events), data = data_only(sent);
    Counts counts;
    counts["sent"] = sent.size();
    counts["data frames sent"] = data.size();
    counts["accepted"] = heard.size();
    counts["lost"] = missing(data, heard);
    counts["invented"] = missing(heard, given, 1000);
    // A fault in the last bit of EOF is one for the sender alone, which sends again.
    counts["heard twice"] = missing(heard, data);
    counts["in order"] = heard == data;
    for (const Event& event : device.events) counts["told " + (event.name == std::string("failed") ? "failed " + std::to_string(event.first) : event.name)]++;
    for (const can::Node* node : nodes) {
        counts["arbitrations lost"] += node->counts.arbitrations_lost;
        counts["retries"] += node->counts.retries;
        counts["bit errors"] += node->counts.bit_errors;
        counts["ack errors"] += node->counts.ack_errors;
        counts["errors of receivers"] += node->counts.stuff_errors + node->counts.form_errors + node->counts.crc_errors;
        counts["bus offs"] += node->counts.bus_offs;
        counts["overloads"] += node->counts.overloads;
    }
    tell(counts);
}

int main(int argc, char** argv) {
    if (argc < 5) return 2;
    const std::string mode = argv[1];
    const uint64_t frames = std::strtoull(argv[2], nullptr, 10);
    Random random(std::strtoull(argv[3], nullptr, 10));
    const double faults = std::atof(argv[4]), off = argc > 5 ? std::atof(argv[5]) / 100 : 0;
    if (mode == "wire") wire(frames, random, faults, off);
    else if (mode == "bits") bits(frames, random, faults);
    else if (mode == "bus") bus(frames, random, faults, off);
    else return 2;
    return 0;
}
