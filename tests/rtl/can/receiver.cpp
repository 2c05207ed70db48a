// hwf_can_rx in Verilator on traffic at random, beside a receiver written from the rules.
//
// usage: hwf_can_rx wire FRAMES SEED FLIPS PERCENT   one sender: so many frames, the probability that a bit is flipped, and by how many
//                                                    per cent each clock is off at most; writes counts
//        hwf_can_rx bits FRAMES SEED FLIPS           the bits of such traffic and what the rules make of it, a line each
//        hwf_can_rx bus FRAMES SEED MEAN PERCENT     four nodes that contend for a bus, on which a bit is flipped once in so many
//                                                    bit times on average (0: never)
//        hwf_can_rx noise FRAMES SEED MEAN PERCENT   the same, for an eighth of a bit
//        hwf_can_rx strikes FRAMES SEED 0 PERCENT    the same, with frames that the device strikes
//        hwf_can_rx stuck FRAMES SEED MEAN PERCENT   the same, and the bus is stuck once in so many bit times on average
//        hwf_can_rx candump 0 0 0                    the frames of a candump log on standard input
// Counts come as one JSON object; the first difference is told on stderr.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "contention.h"

static void show(const char* who, const Events& events, size_t from) {
    for (size_t i = from > 4 ? from - 4 : 0; i < std::min(events.size(), from + 4); i++)
        std::fprintf(stderr, "  %s %zu: %s %x %x %x\n", who, i, events[i].name, events[i].first, events[i].second, events[i].third);
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

static void bus(uint64_t wanted, Random& random, Contention::Trouble trouble, double mean, double off) {
    Contention contention(random, off);
    contention.run(wanted, trouble, mean);
    tell(contention.counts);
}

static void candump() {
    Frame frame;
    double seconds = 0;
    for (std::string line; std::getline(std::cin, line);) {
        if (!can::parse_candump(line, frame, seconds)) continue;
        std::printf("%.6f %x %d %d %d ", seconds, unsigned(frame.identifier), frame.extended, frame.remote, frame.dlc);
        for (int i = 0; i < frame.size(); i++) std::printf("%02x", frame.data[i]);
        std::printf("\n");
    }
}

int main(int argc, char** argv) {
    using Trouble = Contention::Trouble;
    if (argc < 5) return 2;
    const std::string mode = argv[1];
    const uint64_t frames = std::strtoull(argv[2], nullptr, 10);
    Random random(std::strtoull(argv[3], nullptr, 10));
    const double faults = std::atof(argv[4]), off = argc > 5 ? std::atof(argv[5]) / 100 : 0;
    if (mode == "wire") wire(frames, random, faults, off);
    else if (mode == "bits") bits(frames, random, faults);
    else if (mode == "bus") bus(frames, random, faults > 0 ? Trouble::flips : Trouble::none, faults, off);
    else if (mode == "noise") bus(frames, random, Trouble::noise, faults, off);
    else if (mode == "strikes") bus(frames, random, Trouble::strikes, 0, off);
    else if (mode == "stuck") bus(frames, random, Trouble::stuck, faults, off);
    else if (mode == "candump") candump();
    else return 2;
    return 0;
}
