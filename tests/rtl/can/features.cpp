// Frames from a file through hwf_can_features, as the receiver would tell them: what it gives of each, into another file.
//
//     hwf_can_features FRAMES RESULTS SEED CYCLES        little endian; FRAMES holds
//     u32 identifiers, then their blocks of 64 u16; u32 frames, then of each 32 bytes (Record)
//
// A bit takes 12 to CYCLES cycles, another number for each frame. RESULTS holds, for each frame that had a payload_end, its
// 16 bytes of features and the cycles from payload_end to m_valid as u32.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "Vhwf_can_features.h"
#include "verilated.h"

struct Record {
    uint64_t time;
    uint32_t identifier;
    uint8_t extended, dlc, ending, spare;
    uint8_t payload[8];
    uint8_t more[8];
};
static_assert(sizeof(Record) == 32, "as the file has it");

// How a frame ends; the first is the only one that counts.
enum Ending : uint8_t { ACCEPTED, FAILED_BEFORE_ID, FAILED_IN_PAYLOAD, FAILED_AT_END, REMOTE };

class Bench {
   public:
    Bench(std::FILE* out, uint32_t seed, uint32_t most) : out_(out), most_(most), random_(seed), top_(&context_) {
        top_.rst = 1;
        top_.m_ready = 1;
        cycles(3);
        top_.rst = 0;
    }
    ~Bench() { top_.final(); }

    void load(const std::vector<uint16_t>& words) {
        top_.enable = 0;
        for (size_t at = 0; at < words.size(); at++) {
            top_.host_valid = top_.host_write = 1;
            top_.host_address = at;
            top_.host_data = words[at];
            cycles(1);
        }
        top_.host_valid = top_.host_write = 0;
        top_.count = words.size() / 64;
        top_.enable = 1;
        cycles(1);
    }

    void play(const Record& frame) {
        bit_ = 12 + random_() % (most_ - 11);
        stall_ = random_() % 30;
        top_.now = frame.time;
        pulse(top_.started);
        const bool early = frame.ending == FAILED_BEFORE_ID;
        bits(early ? random_() % 11 : frame.extended ? 31 : 11);
        if (early) return fail();
        top_.extended = frame.extended;
        top_.identifier = frame.identifier;
        pulse(top_.id_valid);
        bits(6);
        if (frame.ending == REMOTE) {
            bits(25);
            pulse(top_.accepted);
            return bits(4);
        }
        top_.dlc = frame.dlc;
        const int bytes = frame.dlc > 8 ? 8 : frame.dlc;
        const int stop = frame.ending == FAILED_IN_PAYLOAD ? int(random_() % (bytes + 1)) : -1;
        if (bytes == 0 && stop < 0) bits(1);
        for (int i = 0; i < bytes; i++) {
            if (i == stop) return fail();
            bits(i ? 8 : 9);
            top_.byte_index = i;
            top_.byte_data = frame.payload[i];
            if (i == bytes - 1 && stop < 0) break;
            pulse(top_.byte_valid);
        }
        if (stop >= 0) return fail();
        top_.byte_valid = bytes > 0;
        since_ = 0;
        waiting_ = true;
        pulse(top_.payload_end);
        top_.byte_valid = 0;
        if (frame.ending == FAILED_AT_END) {
            bits(random_() % 25);
            fail();
        } else {
            bits(25);
            pulse(top_.accepted);
            bits(4);
        }
        if (waiting_) {
            std::fprintf(stderr, "no word for a frame\n");
            std::exit(1);
        }
    }

   private:
    void fail() {
        pulse(top_.failed);
        bits(17);  // the error frame, and the pause
    }
    template <typename Pin>
    void pulse(Pin& pin) {
        pin = 1;
        cycles(1);
        pin = 0;
        top_.byte_valid = 0;
    }
    void bits(int count) {
        if (count > 0) cycles(count * bit_ - 1);
    }
    void cycles(int count) {
        for (; count > 0; count--) {
            top_.clk = 0;
            top_.eval();
            if (waiting_ && top_.m_valid) {
                if (first_) latency_ = since_;
                first_ = false;
                if (stall_-- <= 0) {
                    top_.m_ready = 1;
                    std::fwrite(&top_.m_data[0], 1, 16, out_);
                    std::fwrite(&latency_, 1, 4, out_);
                    waiting_ = false;
                    first_ = true;
                }
            } else {
                top_.m_ready = 0;
            }
            since_++;
            top_.clk = 1;
            top_.eval();
        }
    }
    std::FILE* out_;
    uint32_t most_;
    std::mt19937 random_;
    VerilatedContext context_;
    Vhwf_can_features top_;
    int bit_ = 12, stall_ = 0;
    uint32_t since_ = 0, latency_ = 0;
    bool waiting_ = false, first_ = true;
};

template <typename T>
static std::vector<T> read(std::FILE* file, size_t each) {
    uint32_t count = 0;
    if (std::fread(&count, 4, 1, file) != 1) std::exit(2);
    std::vector<T> all(count * each);
    if (std::fread(all.data(), sizeof(T), all.size(), file) != all.size()) std::exit(2);
    return all;
}

int main(int, char** arguments) {
    std::FILE *in = std::fopen(arguments[1], "rb"), *out = std::fopen(arguments[2], "wb");
    if (!in || !out) return 2;
    const auto words = read<uint16_t>(in, 64);
    const auto frames = read<Record>(in, 1);
    {
        Bench bench(out, uint32_t(std::atoi(arguments[3])), uint32_t(std::atoi(arguments[4])));
        bench.load(words);
        for (const auto& frame : frames) bench.play(frame);
    }
    std::fclose(in);
    return std::fclose(out);
}
