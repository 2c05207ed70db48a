// Drives one spiking core of hwf_bench by a script, and writes down every register after every tick.
//
// usage: spiking CORE AXONS NEURONS SCRIPT MAP [VCD], with the results on standard output; VCD: a file for the waveforms
// of the ticks and normalisations, if the model was built for them. The script is bytes, little endian:
//   'S' setting:8 value:32                      a setting, numbered as in docs/neuron.md
//   'W' region:8 row:16 column:16 value:32      a write through the host port
//   'T' count:16, count times axon:16 value:8     a tick
//   'N' word:32                                 a normalisation, the word being that of setting 15
//   'P'                                         the state is put to rest
//   'G'                                         the counts are given, where setting 30 has spikes counted
//   'R' count:32 width:32 more:32, count times begin:32 end:32, more times region:8 row:16 column:16
//                                               read every register through the host port; of rows of `width` columns, one after another, the
//                                               weights and plastic bits of these stretches, which are those of records; and these values
// 'G' gives one record: the number of words that were told (hwf_told) since the one before, and these, 32 bits each.
// A tick, a normalisation, and rest give one record: cycles, events, saturations, spikes (32 bits each); fired as seen on the
// port, a byte a neuron; then the registers: fields 0 to 5 and 15 (32 bits each, field after field), traces x (32 bits), the state of
// the draws (fields 6 and 7 of neuron 0, zero in a core without), weights
// (a byte each). 'R' gives the registers, and then the fields 8 to 14 and the plastic bits (a byte each), and the values that were asked for besides (32 bits each).
// The map says where in the model's memories the registers of a record lie: memories:32, then for each size:16 and its
// name, SCOPE/VARIABLE; then for each register memory:32 element:32 turned:32 bit:16 width:8 signed:8. While memory 0 holds
// a 1, the register is in element `turned` of the memory; a memory that is not there holds in element n, to 255, the number n. Reading them there takes no cycles; 'R' goes through the host port, and shows that the map is right.
// Ends with status 3 if the core does nothing for 10 million cycles, and two for each synapse that there can be, with 4 if spikes are out of order.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "Vhwf_bench.h"
#include "verilated.h"
#include "verilated_syms.h"
#include "waves.h"

[[noreturn]] static void fail(const std::string& why, int status) {
    std::fflush(stdout);
    std::fprintf(stderr, "spiking: %s\n", why.c_str());
    std::exit(status);
}

// Bytes of a file, little endian.
class Script {
   public:
    explicit Script(const char* path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) fail(std::string("no file ") + path, 2);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
    }
    bool ended() const { return at_ >= bytes_.size(); }
    uint32_t next(int count) {
        uint32_t value = 0;
        for (int i = 0; i < count; i++) value |= uint32_t(uint8_t(bytes_.at(at_++))) << 8 * i;
        return value;
    }
    std::string text(size_t size) {
        at_ += size;
        return std::string(bytes_.data() + at_ - size, size);
    }
   private:
    std::vector<char> bytes_;
    size_t at_ = 0;
};

// Where a register lies in the model.
struct Place {
    const uint8_t* element[2];  // while the switch is 0, and while it is 1
    uint32_t bytes;             // of the element
    uint32_t bit;
    int width;
    bool is_signed;

    int32_t value(bool turned) const {
        uint64_t word = 0;
        const uint32_t skipped = bit / 8, left = bytes > skipped ? bytes - skipped : 8;
        std::memcpy(&word, element[turned] + skipped, left < 8 ? left : 8);
        word = word >> bit % 8 & ((uint64_t(1) << width) - 1);
        const bool negative = is_signed && (word >> (width - 1) & 1);
        return int32_t(word | (negative ? ~uint64_t(0) << width : 0));
    }
};

struct Stretch {
    uint32_t begin, end;
};

class Core {
   public:
    Core(int number, uint32_t axons, uint32_t neurons, const char* map, const char* vcd)
        : axons_(axons), neurons_(neurons), top_(&context_), waves_(context_, top_, vcd) {
        on_ = Clock(Clock(1) << number);
        top_.chosen = number;
        top_.rst = 1;
        for (int i = 0; i < 8; i++) cycle();
        top_.rst = 0;
        read_map(map);
    }

    void set(uint32_t setting, uint32_t value) {
        top_.setting = setting;
        top_.value = value;
        give();
        if (setting == COUNTING) pulse(top_.recount);
    }

    // What was told since the last time, counts at the end.
    void told() {
        pulse(top_.give_counts);
        for (int i = 0; i < 3; i++) cycle();  // until the log has given the last word
        put(uint32_t(words_.size()));
        for (const uint32_t word : words_) put(word);
        words_.clear();
    }

    uint32_t access(bool write, uint32_t region, uint32_t row, uint32_t column, uint32_t value) {
        top_.host_write = write;
        top_.host_region = region;
        top_.host_row = row;
        top_.host_column = column;
        top_.host_wdata = value;
        give();
        top_.host_valid = 1;
        uint32_t read = 0;
        for (uint64_t waited = 0;; waited++) {
            low();
            const bool done = top_.host_ready;
            read = top_.host_rdata;
            high();
            if (done) break;
            if (waited > long_) fail("the host port does not answer", 3);
        }
        top_.host_valid = 0;
        return read;
    }

    // Whether what comes is on the waveforms: loading and reading back would fill them.
    void show(bool shown) { shown_ = shown; }

    void spike(uint32_t axon, uint32_t value) {
        top_.axon = axon;
        top_.axon_value = value;
        give();
        top_.axon_valid = 1;
        for (uint64_t waited = 0;; waited++) {
            low();
            const bool taken = top_.axon_ready;
            high();
            if (taken) break;
            if (waited > long_) fail("no axon is taken", 3);
        }
        top_.axon_valid = 0;
    }

    void normalise(uint32_t word) {
        top_.normalise_one = word >> 1 & 1;
        top_.normalise_neuron = word >> 16;
        give();
        run(top_.normalise);
    }

    void tick() { run(top_.tick); }
    void rest() { run(top_.to_rest); }

    // Runs a tick, a normalisation, or what puts the state to rest, to its end and gives its record, without the registers.
    void run(uint8_t& what) {
        std::vector<uint8_t> fired(neurons_);
        uint32_t cycles = 0, events = 0, saturations = 0, spikes = 0;
        int64_t last = -1;
        what = 1;
        cycle();
        what = 0;
        for (;;) {
            low();
            const bool busy = top_.busy;
            cycles += busy;
            events += top_.event_valid;
            saturations += top_.saturations;
            if (top_.spike_valid) {
                if (top_.spike <= last || top_.spike >= neurons_) fail("spikes are out of order", 4);
                last = top_.spike;
                fired[top_.spike] = 1;
                spikes++;
            }
            if (top_.told_valid) words_.push_back(top_.told_word);
            high();
            if (!busy) break;
            if (cycles > long_) fail("a tick does not end", 3);
        }
        for (const uint32_t value : {cycles, events, saturations, spikes}) put(value);
        std::fwrite(fired.data(), 1, fired.size(), stdout);
    }

    void registers() {
        for (const uint32_t field : {0, 1, 2, 3, 4, 5, 15}) {
            for (uint32_t i = 0; i < neurons_; i++) put(access(false, FIELD, field, i, 0));
        }
        for (uint32_t j = 0; j < axons_ + neurons_; j++) put(access(false, TRACE, j, 0, 0));
        for (uint32_t field = 6; field < 8; field++) put(access(false, FIELD, field, 0, 0));
        matrix(WEIGHT);
    }

    // The weights, and plastic bits, that are read.
    void read(std::vector<Stretch> stretches, uint32_t width) {
        stretches_ = std::move(stretches);
        width_ = width;
    }

    // As the model's memories hold them.
    void dump() {
        const size_t words = 7 * neurons_ + axons_ + neurons_ + 2;
        std::vector<uint8_t> record(4 * words + places_.size() - words);
        uint8_t* at = record.data();
        for (size_t k = 0; k < places_.size(); k++) {
            const int32_t value = places_[k].value(*switch_ & 1);
            const size_t bytes = k < words ? 4 : 1;
            std::memcpy(at, &value, bytes);
            at += bytes;
        }
        std::fwrite(record.data(), 1, record.size(), stdout);
    }

    void everything() {
        registers();
        for (uint32_t field = 8; field < 15; field++) {
            for (uint32_t i = 0; i < neurons_; i++) put(access(false, FIELD, field, i, 0));
        }
        matrix(PLASTIC);
    }

    static void put(uint32_t value) { std::fwrite(&value, 4, 1, stdout); }

   private:
    using Clock = std::remove_reference_t<decltype(Vhwf_bench::clk)>;
    static constexpr uint32_t WEIGHT = 0, PLASTIC = 1, FIELD = 2, TRACE = 3, COUNTING = 30;

    void matrix(uint32_t region) {
        for (const Stretch& stretch : stretches_) {
            for (uint32_t at = stretch.begin; at < stretch.end; at++) {
                std::putc(int(access(false, region, at / width_, at % width_, 0) & 0xFF), stdout);
            }
        }
    }
    void read_map(const char* path) {
        Script map(path);
        struct Memory {
            const uint8_t* data;
            uint32_t bytes;
        };
        std::vector<Memory> memories(map.next(4));
        for (Memory& memory : memories) {
            const std::string name = map.text(map.next(2));
            const size_t slash = name.find('/');
            const VerilatedScope* scope = context_.scopeFind(name.substr(0, slash).c_str());
            const VerilatedVar* variable = scope ? scope->varFind(name.c_str() + slash + 1) : nullptr;
            if (!variable) fail("the model has no " + name, 2);
            memory = {static_cast<const uint8_t*>(variable->datap()), uint32_t(variable->entSize())};
        }
        static uint64_t numbers[256];
        for (uint64_t n = 0; n < 256; n++) numbers[n] = n;
        memories.push_back({reinterpret_cast<const uint8_t*>(numbers), sizeof numbers[0]});
        const size_t absent = memories.size() - 1;
        switch_ = memories[0].data;
        while (!map.ended()) {
            const Memory& memory = memories[std::min<size_t>(map.next(4), absent)];
            const uint64_t element = map.next(4), turned = map.next(4);
            const uint32_t bit = map.next(2), width = map.next(1);
            const bool is_signed = map.next(1);
            const auto at = [&](uint64_t place) { return memory.data + place * memory.bytes; };
            places_.push_back({{at(element), at(turned)}, memory.bytes, bit, int(width), is_signed});
        }
        if (places_.size() < 8 * neurons_ + axons_ + 2) fail("the map does not give every register", 2);
    }
    void low() {
        top_.clk = 0;
        top_.eval();
        if (shown_) waves_.record();
    }
    void high() {
        top_.clk = on_;
        top_.eval();
        if (shown_) waves_.record();
        context_.timeInc(1);
    }
    // Passes on what was set.
    void give() {
        top_.give = 1;
        top_.eval();
        top_.give = 0;
        top_.eval();
    }
    void cycle() {
        low();
        if (top_.told_valid) words_.push_back(top_.told_word);
        high();
    }
    // One cycle of what counts, and those in which it is busy.
    void pulse(uint8_t& what) {
        what = 1;
        cycle();
        what = 0;
        for (;;) {
            top_.eval();
            if (!top_.told_busy) break;
            cycle();
        }
    }

    uint32_t axons_, neurons_, width_ = 1;
    const uint64_t long_ = 10000000 + 2 * uint64_t(axons_ + neurons_) * neurons_;
    std::vector<Place> places_;
    std::vector<Stretch> stretches_;
    std::vector<uint32_t> words_;  // that were told
    const uint8_t* switch_ = nullptr;
    Clock on_;
    VerilatedContext context_;
    Vhwf_bench top_;
    Waves waves_;
    bool shown_ = false;
};

int main(int argc, char** argv) {
    if (argc != 6 && argc != 7) fail("five or six arguments are needed", 2);
    Core core(std::atoi(argv[1]), uint32_t(std::atoi(argv[2])), uint32_t(std::atoi(argv[3])), argv[5],
              argc == 7 ? argv[6] : nullptr);
    Script script(argv[4]);
    while (!script.ended()) {
        switch (script.next(1)) {
            case 'S': {
                const uint32_t setting = script.next(1);
                core.set(setting, script.next(4));
                break;
            }
            case 'W': {
                const uint32_t region = script.next(1), row = script.next(2), column = script.next(2);
                core.access(true, region, row, column, script.next(4));
                break;
            }
            case 'T': {
                core.show(true);
                for (uint32_t left = script.next(2); left > 0; left--) {
                    const uint32_t axon = script.next(2);
                    core.spike(axon, script.next(1));
                }
                core.tick();
                core.dump();
                break;
            }
            case 'P':
                core.rest();
                core.dump();
                break;
            case 'G': core.told(); break;
            case 'N':
                core.normalise(script.next(4));
                core.dump();
                break;
            case 'R': {
                std::vector<Stretch> stretches(script.next(4));
                const uint32_t width = script.next(4), more = script.next(4);
                for (Stretch& stretch : stretches) {
                    stretch.begin = script.next(4);
                    stretch.end = script.next(4);
                }
                core.read(std::move(stretches), width);
                core.show(false);
                core.everything();
                for (uint32_t left = more; left > 0; left--) {
                    const uint32_t region = script.next(1), row = script.next(2), column = script.next(2);
                    core.put(core.access(false, region, row, column, 0));
                }
                break;
            }
            default: fail("the script is damaged", 2);
        }
    }
    return 0;
}
