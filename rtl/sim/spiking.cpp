// Drives one spiking core of hwf_bench by a script, and writes down every register after every tick.
//
// usage: spiking CORE AXONS NEURONS SCRIPT, with the results on standard output. The script is bytes, little endian:
//   'S' setting:8 value:32                      a setting, numbered as in docs/neuron.md
//   'W' region:8 row:16 column:16 value:32      a write through the host port
//   'T' count:16, count axons of 16 bits each   a tick
//   'N'                                         a normalisation
//   'R'                                         read every register through the host port
// A tick, and a normalisation, give one record: cycles, events, saturations, spikes (32 bits each); fired as seen on the
// port, a byte a neuron; then the registers: fields 0 to 5 (32 bits each, field after field), traces x (32 bits), weights
// (a byte each). 'R' gives the registers, and then the fields 8 to 14 and the plastic bits (a byte each).
// Ends with status 3 if the core does nothing for 10 million cycles, with 4 if spikes are out of order.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <type_traits>
#include <vector>

#include "Vhwf_bench.h"
#include "verilated.h"

class Script {
   public:
    explicit Script(const char* path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) fail("spiking: no script", 2);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
    }
    bool ended() const { return at_ >= bytes_.size(); }
    uint32_t next(int count) {
        uint32_t value = 0;
        for (int i = 0; i < count; i++) value |= uint32_t(uint8_t(bytes_.at(at_++))) << 8 * i;
        return value;
    }
    [[noreturn]] static void fail(const char* why, int status) {
        std::fflush(stdout);
        std::fprintf(stderr, "%s\n", why);
        std::exit(status);
    }

   private:
    std::vector<char> bytes_;
    size_t at_ = 0;
};

class Core {
   public:
    Core(int number, uint32_t axons, uint32_t neurons) : axons_(axons), neurons_(neurons), top_(&context_) {
        on_ = Clock(Clock(1) << number);
        top_.chosen = number;
        top_.rst = 1;
        for (int i = 0; i < 8; i++) cycle();
        top_.rst = 0;
    }

    void set(uint32_t setting, uint32_t value) {
        switch (setting) {
            case 1: top_.learn = value; break;
            case 2: top_.weight_shift = value; break;
            case 3: top_.rule = value; break;
            case 4: top_.potentiation = uint16_t(value); break;
            case 5: top_.depression = uint16_t(value); break;
            case 6: top_.pre_decay = value; break;
            case 7: top_.post_decay = value; break;
            case 8: top_.pre_step = value; break;
            case 9: top_.post_step = value; break;
            case 10: top_.weight_min = value; break;
            case 11: top_.weight_max = value; break;
            case 12: top_.adaptation_decay = value; break;
            case 13: top_.adaptation_step = value; break;
            case 14: top_.target = value; break;
            default: Script::fail("spiking: no such setting", 2);
        }
    }

    uint32_t access(bool write, uint32_t region, uint32_t row, uint32_t column, uint32_t value) {
        top_.host_valid = 1;
        top_.host_write = write;
        top_.host_region = region;
        top_.host_row = row;
        top_.host_column = column;
        top_.host_wdata = value;
        uint32_t read = 0;
        for (uint64_t waited = 0;; waited++) {
            low();
            const bool done = top_.host_ready;
            read = top_.host_rdata;
            high();
            if (done) break;
            if (waited > LONG) Script::fail("spiking: the host port does not answer", 3);
        }
        top_.host_valid = 0;
        return read;
    }

    void spike(uint32_t axon) {
        top_.axon_valid = 1;
        top_.axon = axon;
        for (uint64_t waited = 0;; waited++) {
            low();
            const bool taken = top_.axon_ready;
            high();
            if (taken) break;
            if (waited > LONG) Script::fail("spiking: no axon is taken", 3);
        }
        top_.axon_valid = 0;
    }

    // Runs a tick or a normalisation to its end and gives its record, without the registers.
    void run(bool normalise) {
        std::vector<uint8_t> fired(neurons_);
        uint32_t cycles = 0, events = 0, saturations = 0, spikes = 0;
        int64_t last = -1;
        (normalise ? top_.normalise : top_.tick) = 1;
        cycle();
        top_.tick = top_.normalise = 0;
        for (;;) {
            low();
            const bool busy = top_.busy;
            cycles += busy;
            events += top_.event_valid;
            saturations += top_.saturations;
            if (top_.spike_valid) {
                if (top_.spike <= last || top_.spike >= neurons_) Script::fail("spiking: spikes are out of order", 4);
                last = top_.spike;
                fired[top_.spike] = 1;
                spikes++;
            }
            high();
            if (!busy) break;
            if (cycles > LONG) Script::fail("spiking: a tick does not end", 3);
        }
        for (const uint32_t value : {cycles, events, saturations, spikes}) put(value);
        std::fwrite(fired.data(), 1, fired.size(), stdout);
    }

    void registers() {
        for (uint32_t field = 0; field < 6; field++) {
            for (uint32_t i = 0; i < neurons_; i++) put(access(false, FIELD, field, i, 0));
        }
        for (uint32_t j = 0; j < axons_ + neurons_; j++) put(access(false, TRACE, j, 0, 0));
        matrix(WEIGHT);
    }

    void everything() {
        registers();
        for (uint32_t field = 8; field < 15; field++) {
            for (uint32_t i = 0; i < neurons_; i++) put(access(false, FIELD, field, i, 0));
        }
        matrix(PLASTIC);
    }

   private:
    using Clock = std::remove_reference_t<decltype(Vhwf_bench::clk)>;
    static constexpr uint64_t LONG = 10000000;
    static constexpr uint32_t WEIGHT = 0, PLASTIC = 1, FIELD = 2, TRACE = 3;

    void matrix(uint32_t region) {
        std::vector<uint8_t> row(neurons_);
        for (uint32_t j = 0; j < axons_ + neurons_; j++) {
            for (uint32_t i = 0; i < neurons_; i++) row[i] = uint8_t(access(false, region, j, i, 0));
            std::fwrite(row.data(), 1, row.size(), stdout);
        }
    }
    static void put(uint32_t value) { std::fwrite(&value, 4, 1, stdout); }
    void low() {
        top_.clk = 0;
        top_.eval();
    }
    void high() {
        top_.clk = on_;
        top_.eval();
        context_.timeInc(1);
    }
    void cycle() {
        low();
        high();
    }

    uint32_t axons_, neurons_;
    Clock on_;
    VerilatedContext context_;
    Vhwf_bench top_;
};

int main(int argc, char** argv) {
    if (argc != 5) Script::fail("spiking: four arguments are needed", 2);
    Core core(std::atoi(argv[1]), uint32_t(std::atoi(argv[2])), uint32_t(std::atoi(argv[3])));
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
                for (uint32_t left = script.next(2); left > 0; left--) core.spike(script.next(2));
                core.run(false);
                core.registers();
                break;
            }
            case 'N':
                core.run(true);
                core.registers();
                break;
            case 'R': core.everything(); break;
            default: Script::fail("spiking: the script is damaged", 2);
        }
    }
    return 0;
}
