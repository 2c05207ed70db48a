// The whole guard, net included, on a simulated bus without a link: each entry of its log as it is pushed, with the frame that it is of.
//
//     guard_bench FRAMES TABLE RESULTS SENT CLOCK_HZ BIT_RATE TIMING STRIKE ENTRIES        little endian
//
// FRAMES holds records of 24 bytes (Record), TABLE the identifiers' blocks of 64 u16. Records are sent by two controllers, each in their
// order, when they are due; the second gives a frame up when it failed once. RESULTS holds, for each entry, its 32 bytes and the record
// that was on the bus when its payload ended (u32), SENT the records that ended without error, for their sender, in their order. The run
// ends with the traffic, or after so many entries. Prints the counts as JSON.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "Vguard_bench.h"
#include "can_bus.h"
#include "verilated.h"

struct Record {
    uint64_t microseconds;
    uint32_t identifier;
    uint8_t extended, dlc, node, spare;
    uint8_t payload[8];
};
static_assert(sizeof(Record) == 24, "as the file has it");

constexpr uint32_t NONE = UINT32_MAX;
constexpr int NODES = 2;

class Bench {
   public:
    Bench(double clock_hz, double bit_rate, std::FILE* results, std::FILE* sent) : results_(results), sent_(sent), top_(&context_), period_(1e12 / clock_hz) {
        for (int i = 0; i < NODES; i++) {
            can::NodeOptions options;
            options.bit_rate = bit_rate;
            options.attempts = i;
            nodes_[i] = &bus_.add(options, METRE);
            nodes_[i]->on_sent = [this, i](const can::Frame&, int64_t) { record(i); };
        }
        can::NodeOptions options;
        options.bit_rate = bit_rate;
        bus_.add(options, METRE);  // it acknowledges
        pins_ = bus_.attach(METRE);
        top_.can_rx = 1;
        top_.rst = 1;
        for (int i = 0; i < 4; i++) cycle();
        top_.rst = 0;
    }
    ~Bench() { top_.final(); }
    uint64_t entries = 0, cycles = 0, frames = 0;

    void write(uint32_t address, const std::vector<uint8_t>& bytes) {
        for (size_t at = 0; at < bytes.size(); at += MOST) {
            const size_t count = bytes.size() - at < MOST ? bytes.size() - at : MOST;
            top_.request_valid = 1;
            top_.request_address = address + uint32_t(at);
            top_.request_length = uint8_t(count);
            for (size_t i = 0; !top_.request_done;) {
                top_.p_valid = i < count;
                top_.p_data = i < count ? bytes[at + i] : 0;
                top_.clk = 0;
                top_.eval();
                const bool taken = top_.p_valid && top_.p_ready;
                cycle();
                i += taken;
            }
            if (top_.reply_status) std::exit(3);
            cycle();
            top_.request_valid = top_.p_valid = 0;
            cycle();
        }
    }
    void number(uint32_t address, uint32_t value, int bytes) {
        std::vector<uint8_t> data;
        for (int i = 0; i < bytes; i++) data.push_back(uint8_t(value >> 8 * i));
        write(address, data);
    }

    // Lets the bus become idle, then plays.
    void play(const std::vector<Record>& records, uint64_t most) {
        const int64_t begin = now_ + 2'000'000'000;
        for (uint32_t row = 0; row < records.size(); row++) {
            const Record& record = records[row];
            can::Frame frame;
            frame.identifier = record.identifier;
            frame.extended = record.extended;
            frame.dlc = record.dlc;
            for (int i = 0; i < 8; i++) frame.data[i] = record.payload[i];
            nodes_[record.node]->send(frame, begin + int64_t(record.microseconds - records[0].microseconds) * 1'000'000);
            rows_[record.node].push_back(row);
        }
        for (int rest = 20'000; rest > 0 && entries < most; rest -= bus_.waiting() == 0) {
            cycle();
            watch();
        }
    }

    void tell() const {
        uint64_t retries = 0, given_up = 0, bus_offs = 0;
        for (const can::Node* node : nodes_) {
            retries += node->counts.retries;
            given_up += node->counts.given_up;
            bus_offs += node->counts.bus_offs;
        }
        std::printf("{\"entries\": %llu, \"sent\": %llu, \"cycles\": %llu, \"retries\": %llu, \"given up\": %llu, \"bus offs\": %llu}\n",
                    (unsigned long long)entries, (unsigned long long)frames, (unsigned long long)cycles, (unsigned long long)retries,
                    (unsigned long long)given_up, (unsigned long long)bus_offs);
    }

   private:
    static constexpr size_t MOST = 240;  // bytes of a request
    static constexpr int64_t METRE = 5'000;

    void record(int node) {
        // The frame is no more among those that wait.
        const uint32_t row = rows_[node][rows_[node].size() - nodes_[node]->waiting() - 1];
        std::fwrite(&row, 4, 1, sent_);
        frames++;
    }
    void watch() {
        if (top_.payload_end) {
            row_ = NONE;
            for (int i = 0; i < NODES; i++)
                if (nodes_[i]->sending()) row_ = rows_[i][rows_[i].size() - nodes_[i]->waiting()];
        }
        if (!top_.push) return;
        std::fwrite(&top_.entry[0], 1, 32, results_);
        std::fwrite(&row_, 4, 1, results_);
        entries++;
    }
    void cycle() {
        rest_ += period_;
        const int64_t whole = int64_t(rest_);
        now_ += whole;
        rest_ -= double(whole);
        top_.can_rx = bus_.step(pins_, now_, top_.can_tx);
        top_.clk = 0;
        top_.eval();
        top_.clk = 1;
        top_.eval();
        cycles++;
    }

    std::FILE *results_, *sent_;
    VerilatedContext context_;
    Vguard_bench top_;
    can::Bus bus_;
    can::Node* nodes_[NODES] = {};
    std::vector<uint32_t> rows_[NODES];
    double period_, rest_ = 0;
    int64_t now_ = 0;
    int pins_ = 0;
    uint32_t row_ = NONE;
};

template <typename T>
static std::vector<T> read(const char* path) {
    std::FILE* file = std::fopen(path, "rb");
    if (!file) std::exit(2);
    std::vector<T> all;
    for (T one; std::fread(&one, sizeof one, 1, file) == 1;) all.push_back(one);
    std::fclose(file);
    return all;
}

int main(int, char** arguments) {
    const auto records = read<Record>(arguments[1]);
    const auto table = read<uint8_t>(arguments[2]);
    std::FILE *results = std::fopen(arguments[3], "wb"), *sent = std::fopen(arguments[4], "wb");
    if (!results || !sent || records.empty()) return 2;
    {
        Bench bench(std::atof(arguments[5]), std::atof(arguments[6]), results, sent);
        bench.number(0x104, uint32_t(std::strtoul(arguments[7], nullptr, 10)), 4);
        bench.number(0x108, uint32_t(std::strtoul(arguments[8], nullptr, 10)), 2);
        bench.write(0x10000, table);
        bench.number(0x102, uint32_t(table.size() / 128), 2);
        bench.number(0x100, 1, 2);
        bench.play(records, std::strtoull(arguments[9], nullptr, 10));
        bench.tell();
    }
    std::fclose(results);
    return std::fclose(sent);
}
