// The wire of the link's fault campaign: hwf_ledger in Verilator, whose UART pins are joined bit by bit to a host that
// decides what goes wrong, and when; time passes only when the host waits (tests/link_wire.py).
//
// Commands on standard input, little endian, and what they are answered on standard output:
//     S  u32 pause, u8 intact, faults, u16 n, n bytes        send these bytes after a pause of so many cycles
//     R  faults                                              what happens to the next byte from the device on
//     B  i32 parts per million                               by how much longer the host's bits are from now on
//     W  u64 cycle                                           -> u64 now, u16 n, n bytes: wait for the end of a frame
//     Q                                                      -> Answer: wait until nothing is under way
// faults = i32 cycle of a reset (-1: none), u16 its cycles, u8 m, m times (u32 cycle, u32 cycles): the line is inverted;
// all counted from the first bit's start. A wait ends at its cycle, or when a frame's closing 0x00 has come. Cycles in
// which the device is at rest and the line idle pass without being simulated.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "Vhwf_top.h"
#include "Vhwf_top___024root.h"
#include "verilated.h"

constexpr int64_t CYCLE = 1 << 20;  // lengths of bits are in these parts of a clock cycle
constexpr uint64_t NEVER = UINT64_MAX;
constexpr int EVENTS = 7;

static void must(bool good) {
    if (!good) std::exit(0);  // the host has gone
}

class Input {
   public:
    template <typename T>
    T number() {
        T value;
        take(&value, sizeof value);
        return value;
    }
    void take(void* to, size_t count) {
        for (auto* at = static_cast<char*>(to); count;) {
            if (first_ == last_) {
                const ssize_t more = read(STDIN_FILENO, buffer_, sizeof buffer_);
                must(more > 0);
                first_ = 0;
                last_ = size_t(more);
            }
            const size_t part = std::min(count, last_ - first_);
            std::memcpy(at, buffer_ + first_, part);
            first_ += part;
            at += part;
            count -= part;
        }
    }

   private:
    char buffer_[65536];
    size_t first_ = 0, last_ = 0;
};

static void give(const void* from, size_t count) {
    for (auto* at = static_cast<const char*>(from); count;) {
        const ssize_t done = write(STDOUT_FILENO, at, count);
        must(done > 0);
        at += done;
        count -= size_t(done);
    }
}

struct Pulse {
    uint64_t from, to;
};

// What goes wrong on one direction of the line; cycles from the first bit's start until `begin`, then of the clock.
struct Faults {
    int64_t reset = -1;
    uint64_t reset_cycles = 0;
    std::vector<Pulse> pulses;

    static Faults read(Input& input) {
        Faults faults;
        faults.reset = input.number<int32_t>();
        faults.reset_cycles = input.number<uint16_t>();
        for (int left = input.number<uint8_t>(); left; left--) {
            const uint64_t from = input.number<uint32_t>();
            faults.pulses.push_back({from, from + input.number<uint32_t>()});
        }
        return faults;
    }
    bool any() const { return reset >= 0 || !pulses.empty(); }
};

struct Frame {
    uint32_t pause;
    bool intact;
    Faults faults;
    std::vector<uint8_t> bytes;
};

// Whether an intact frame is accepted, to be seen in cycle `at`: one on an idle line, or one behind a damaged one.
struct Watch {
    uint64_t at = NEVER;
    bool idle = false, behind = false;
    uint32_t heard = 0, resets = 0;
};

#pragma pack(push, 1)
struct Answer {
    uint64_t now, simulated;
    uint32_t counts[EVENTS];  // since the last reset, in the order of the bench's events
    uint32_t resets, sum;
    uint32_t unheard;  // intact frames on an idle line that were not accepted
    uint32_t lost;     // intact frames right behind a damaged one that were not accepted
    uint8_t restless;  // it did not come to rest
    uint8_t cells[256];
};
#pragma pack(pop)

class Wire {
   public:
    explicit Wire(int64_t clocks_per_bit) : nominal_(clocks_per_bit * CYCLE), bit_(nominal_), top_(&context_) {
        top_.clk = 0;
        top_.uart_rx = 1;
        top_.button = 0;
        while (!top_.rst) cycle();
        while (top_.rst) cycle();
    }
    ~Wire() { top_.final(); }

    void send(Frame frame) {
        // A pause counts from now, or from the end of the frame before.
        frames_.push_back(std::move(frame));
        if (frames_.size() == 1 && !sending_) open_at_ = now_ + frames_.front().pause;
    }
    void arm(Faults faults) { armed_ = std::move(faults); }
    void baud(int32_t ppm) { bit_ = nominal_ + nominal_ * ppm / 1000000; }
    uint64_t now() const { return now_; }

    std::string wait(uint64_t until) {
        while (now_ < until && !complete_) {
            if (quiet()) {
                const uint64_t to = frames_.empty() ? until : std::min(until, open_at_);
                if (to > now_) {
                    now_ = to;
                    continue;
                }
            }
            cycle();
        }
        complete_ = false;
        std::string bytes;
        bytes.swap(received_);
        return bytes;
    }

    Answer answer() {
        constexpr uint64_t LIMIT = 1000000;
        const uint64_t begun = simulated_;
        Answer answer = {};
        while ((!quiet() || !frames_.empty()) && simulated_ - begun < LIMIT) {
            if (quiet() && open_at_ > now_) now_ = open_at_;
            cycle();
        }
        answer.restless = !quiet();
        answer.now = now_;
        answer.simulated = simulated_;
        std::memcpy(answer.counts, counts_, sizeof counts_);
        answer.resets = resets_;
        answer.sum = top_.sum;
        answer.unheard = unheard_;
        answer.lost = lost_;
        for (int i = 0; i < 256; i++) answer.cells[i] = top_.rootp->hwf_top__DOT__bench__DOT__cells[i];
        return answer;
    }

   private:
    static constexpr int SETTLE = 64;  // cycles of rest before time is skipped

    bool quiet() const { return resting_ > SETTLE; }

    void cycle() {
        if (!sending_ && !frames_.empty() && now_ >= open_at_) open();
        bool level = !(sending_ && (bits_ & 1) == 0);
        for (const Pulse& pulse : out_.pulses) level ^= now_ >= pulse.from && now_ < pulse.to;
        top_.uart_rx = level;
        top_.button = now_ < released_at_;
        top_.clk = 0;
        top_.eval();
        top_.clk = 1;
        top_.eval();
        now_++;
        simulated_++;
        count();
        if (sending_) tick();
        bool back = top_.uart_tx;
        if (armed_.any() && !back) begin(armed_, in_);
        for (const Pulse& pulse : in_.pulses) back ^= now_ >= pulse.from && now_ < pulse.to;
        sample(back);
        press(out_);
        press(in_);
        if (ended_.at <= now_) check();
        const bool still = top_.rest && !sending_ && left_in_ == 0 && level && back && passed(out_) && passed(in_) &&
                           ended_.at == NEVER;
        resting_ = still ? resting_ + 1 : 0;
    }

    // Faults get their place in time; those of the frame before are over.
    void begin(Faults& from, Faults& to) {
        to = std::move(from);
        from = Faults();
        if (to.reset >= 0) to.reset += int64_t(now_);
        for (Pulse& pulse : to.pulses) {
            pulse.from += now_;
            pulse.to += now_;
        }
    }

    bool passed(const Faults& faults) const {
        for (const Pulse& pulse : faults.pulses)
            if (now_ < pulse.to) return false;
        return faults.reset < 0 && now_ >= released_at_;
    }

    void press(Faults& faults) {
        if (faults.reset < 0 || int64_t(now_) < faults.reset) return;
        released_at_ = now_ + faults.reset_cycles;
        faults.reset = -1;
    }

    void open() {
        Frame& frame = frames_.front();
        const bool undisturbed = passed(out_) && passed(in_) && !top_.rst;
        begin(frame.faults, out_);
        bytes_ = std::move(frame.bytes);
        // Only on an idle line can a frame be sure to be heard.
        const bool idle = idle_ >= uint64_t(11 * bit_ / CYCLE);
        const bool sound = frame.intact && !out_.any() && undisturbed;
        watch_ = {NEVER, sound && idle, sound && !idle && damaged_, heard(), resets_};
        damaged_ = !frame.intact || out_.any();
        frames_.pop_front();
        next_ = 0;
        sending_ = true;
        wait_ = 0;
        left_out_ = 0;
        following();
    }

    // The next byte of the frame, or its end.
    void following() {
        if (next_ == bytes_.size()) {
            sending_ = false;
            ended_ = watch_;
            ended_.at = now_ + 12;
            open_at_ = now_ + (frames_.empty() ? 0 : frames_.front().pause);
            return;
        }
        bits_ = 0x200u | unsigned(bytes_[next_++]) << 1;
        left_out_ = 10;
        wait_ += bit_;
    }

    void tick() {
        if ((wait_ -= CYCLE) > 0) return;
        bits_ >>= 1;
        if (--left_out_ > 0) wait_ += bit_;
        else following();
    }

    void check() {
        ended_.at = NEVER;
        if (heard() > ended_.heard || resets_ != ended_.resets || top_.button || top_.rst) return;
        unheard_ += ended_.idle;
        lost_ += ended_.behind;
    }
    uint32_t heard() const { return counts_[0] + counts_[4]; }  // good frames and overruns

    void count() {
        if (top_.rst && !was_reset_) {
            resets_++;
            std::memset(counts_, 0, sizeof counts_);
        }
        was_reset_ = top_.rst;
        idle_ = top_.uart_rx ? idle_ + 1 : 0;
        if (top_.events && !top_.rst)
            for (int i = 0; i < EVENTS; i++) counts_[i] += top_.events >> i & 1;
    }

    void sample(bool level) {
        const bool falling = last_ && !level;
        last_ = level;
        if (left_in_ == 0) {
            if (falling) {
                left_in_ = 10;
                sample_in_ = bit_ / 2;
            }
            return;
        }
        if ((sample_in_ -= CYCLE) > 0) return;
        sample_in_ += bit_;
        if (left_in_-- == 10) {
            if (level) left_in_ = 0;  // no start bit after all
        } else if (left_in_ > 0) {
            byte_ = byte_ >> 1 | unsigned(level) << 7;
        } else if (level) {
            received_.push_back(char(byte_));
            complete_ |= byte_ == 0 && was_ != 0;
            was_ = uint8_t(byte_);
        }
    }

    const int64_t nominal_;
    int64_t bit_;
    VerilatedContext context_;
    Vhwf_top top_;
    uint64_t now_ = 0, simulated_ = 0, idle_ = 0, resting_ = 0, released_at_ = 0;
    // To the device.
    std::deque<Frame> frames_;
    std::vector<uint8_t> bytes_;
    size_t next_ = 0;
    Faults out_;
    uint64_t open_at_ = 0;
    bool sending_ = false, damaged_ = false, was_reset_ = true;
    Watch watch_, ended_;  // on the frame under way, and on the one before
    unsigned bits_ = 0;
    int left_out_ = 0;
    int64_t wait_ = 0;
    // From the device.
    Faults armed_, in_;
    std::string received_;
    bool last_ = true, complete_ = false;
    int left_in_ = 0;
    int64_t sample_in_ = 0;
    unsigned byte_ = 0;
    uint8_t was_ = 0;
    // Counts.
    uint32_t counts_[EVENTS] = {};
    uint32_t resets_ = 0, unheard_ = 0, lost_ = 0;
};

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    Wire wire(std::atoi(argv[1]));
    Input input;
    while (true) {
        switch (input.number<char>()) {
            case 'S': {
                Frame frame;
                frame.pause = input.number<uint32_t>();
                frame.intact = input.number<uint8_t>();
                frame.faults = Faults::read(input);
                frame.bytes.resize(input.number<uint16_t>());
                input.take(frame.bytes.data(), frame.bytes.size());
                wire.send(std::move(frame));
                break;
            }
            case 'R': wire.arm(Faults::read(input)); break;
            case 'B': wire.baud(input.number<int32_t>()); break;
            case 'W': {
                const std::string bytes = wire.wait(input.number<uint64_t>());
                const uint64_t now = wire.now();
                const uint16_t size = uint16_t(bytes.size());
                std::string answer(reinterpret_cast<const char*>(&now), sizeof now);
                answer.append(reinterpret_cast<const char*>(&size), sizeof size);
                answer += bytes;
                give(answer.data(), answer.size());
                break;
            }
            case 'Q': {
                const Answer answer = wire.answer();
                give(&answer, sizeof answer);
                break;
            }
            default: return 2;
        }
    }
}
