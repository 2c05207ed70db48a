// Drives the streams of one net in hwf_bench with vectors from a file, and writes down all that comes out.
//
// usage: vectors NET VECTORS IN_WORDS IN_BEATS OUT_WORDS OUT_BEATS SPACING STALL SEED LOAD INPUT OUTPUT_PREFIX [VCD]
//   NET        which net of the bench;  VECTORS how many vectors
//   *_WORDS    32-bit words of a beat;  *_BEATS beats of a vector
//   SPACING    1: a vector starts when the one before has left (latency); 0: as fast as the net takes them
//   VCD        a file for the waveforms, if the model was built for them
//   STALL      of 256 cycles, how many the input and the output stand still, at random from SEED
//   LOAD       what is written into the net's memories before it runs: an address and a value of 16 bits in 32 bits each
// Reads INPUT: VECTORS * IN_BEATS * IN_WORDS words. Writes PREFIX.out (words), PREFIX.cycles (for each vector the cycles
// of its first input beat, last input beat and last output beat, 64 bits each), PREFIX.tapN (words). Ends with status 3
// if nothing moved for a million cycles.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "Vhwf_bench.h"
#include "verilated.h"
#include "waves.h"

static std::map<int, std::vector<uint32_t>> taps;

extern "C" void hwf_tap_word(int tap, int word) { taps[tap].push_back(static_cast<uint32_t>(word)); }

template <typename T>
static void write_file(const std::string& path, const std::vector<T>& content) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (!file || std::fwrite(content.data(), sizeof(T), content.size(), file) != content.size() || std::fclose(file)) {
        std::perror(path.c_str());
        std::exit(1);
    }
}

int main(int argc, char** argv) {
    if (argc != 13 && argc != 14) {
        std::fprintf(stderr, "vectors: twelve or thirteen arguments are needed\n");
        return 2;
    }
    const int net = std::atoi(argv[1]);
    const uint64_t vectors = std::strtoull(argv[2], nullptr, 10);
    const uint64_t in_words = std::strtoull(argv[3], nullptr, 10), in_beats = std::strtoull(argv[4], nullptr, 10);
    const uint64_t out_words = std::strtoull(argv[5], nullptr, 10), out_beats = std::strtoull(argv[6], nullptr, 10);
    const bool spaced = std::atoi(argv[7]) != 0;
    const unsigned stall = static_cast<unsigned>(std::atoi(argv[8]));
    std::minstd_rand random(static_cast<unsigned>(std::atoi(argv[9])) + 1);

    std::vector<uint32_t> input(vectors * in_beats * in_words);
    std::FILE* file = std::fopen(argv[11], "rb");
    if (!file || std::fread(input.data(), 4, input.size(), file) != input.size()) {
        std::perror(argv[11]);
        return 1;
    }
    std::fclose(file);
    std::vector<std::array<uint32_t, 2>> writes;
    std::array<uint32_t, 2> record;
    if (!(file = std::fopen(argv[10], "rb"))) {
        std::perror(argv[10]);
        return 1;
    }
    while (std::fread(record.data(), 4, 2, file) == 2) writes.push_back(record);
    std::fclose(file);

    VerilatedContext context;
    Vhwf_bench bench{&context};
    Waves waves(context, bench, argc == 14 ? argv[13] : nullptr);
    bench.chosen = net;
    bench.clk = 0;
    bench.rst = 1;
    bench.s_valid = 0;
    bench.m_ready = 0;
    bench.load = 0;
    using Clock = std::remove_reference_t<decltype(bench.clk)>;
    const Clock clock = static_cast<Clock>(Clock(1) << net);
    for (int i = 0; i < 8; i++) {
        bench.clk = i & 1 ? clock : Clock(0);
        bench.eval();
        waves.record();
    }
    for (const auto& [address, value] : writes) {
        bench.load = UINT64_C(3) << 40 | uint64_t(address) << 16 | value;
        bench.clk = 0;
        bench.eval();
        bench.clk = clock;
        bench.eval();
    }
    bench.load = 0;
    bench.rst = 0;

    std::vector<uint32_t> output;
    output.reserve(vectors * out_beats * out_words);
    std::vector<uint64_t> cycles(vectors * 3);
    uint64_t sent = 0, received = 0, idle = 0;
    const uint64_t send = vectors * in_beats, receive = vectors * out_beats;
    bool offered = false;  // valid stays until it is taken
    for (uint64_t cycle = 0; received < receive; cycle++) {
        const bool may_start = !spaced || sent % in_beats || received / out_beats == sent / in_beats;
        offered = sent < send && may_start && (offered || !stall || (random() >> 8 & 255) >= stall);
        if (offered && !bench.s_valid) {
            for (uint64_t i = 0; i < in_words; i++) bench.s_data[i] = input[sent * in_words + i];
        }
        bench.s_valid = offered;
        bench.m_ready = !stall || (random() >> 8 & 255) >= stall;
        bench.clk = 0;
        bench.eval();
        waves.record();
        const bool taken = bench.s_valid && bench.s_ready, given = bench.m_valid && bench.m_ready;
        if (given) {
            for (uint64_t i = 0; i < out_words; i++) output.push_back(bench.m_data[i]);
            if (++received % out_beats == 0) cycles[(received / out_beats - 1) * 3 + 2] = cycle;
        }
        bench.clk = clock;
        bench.eval();
        waves.record();
        if (taken) {
            if (sent % in_beats == 0) cycles[sent / in_beats * 3] = cycle;
            if (++sent % in_beats == 0) cycles[(sent / in_beats - 1) * 3 + 1] = cycle;
            offered = false;
            bench.s_valid = 0;
        }
        idle = taken || given ? 0 : idle + 1;
        if (idle > 1000000) {
            std::fprintf(stderr, "vectors: nothing moved for a million cycles\n");
            return 3;
        }
    }
    const std::string prefix = argv[12];
    write_file(prefix + ".out", output);
    write_file(prefix + ".cycles", cycles);
    for (const auto& [tap, words] : taps) write_file(prefix + ".tap" + std::to_string(tap), words);
    return 0;
}
