// The simulated board: hwf_top in Verilator, its UART pins joined, bit by bit, to a pseudo-terminal or a TCP port.
//
// Prints one line, `port NAME`, when it can be opened; runs until SIGINT, SIGTERM or the end of standard input (where
// asked for), and then writes what passed to standard error, as one JSON object. The clock runs as fast as it can while
// there is traffic and for --idle-after cycles more, and then hardly at all until the next byte.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "Vhwf_top.h"
#include "board_bus.h"
#include "board_options.h"
#include "board_wire.h"
#include "verilated.h"

static volatile sig_atomic_t stopped = 0;
static void stop(int) { stopped = 1; }

struct Counts {
    uint64_t cycles = 0, bytes_to_device = 0, bytes_from_device = 0;
    uint64_t bits_flipped = 0, bytes_dropped = 0, bytes_duplicated = 0, framing_errors = 0, bytes_unread = 0, resets = 0;
};

// The pin `button`, on the boards that have one.
template <typename Top>
static auto set_button(Top& top, bool level, int) -> decltype(top.button, true) {
    top.button = level;
    return true;
}
template <typename Top>
static bool set_button(Top&, bool, long) {
    return false;
}

class Faults {
   public:
    Faults(const Options& options, Counts& counts) : options_(options), counts_(counts), random_(options.seed) {}
    bool flip() { return hit(options_.flip_rate, counts_.bits_flipped); }
    // How often a byte arrives: once, or not at all, or twice.
    int copies() {
        if (hit(options_.drop_rate, counts_.bytes_dropped)) return 0;
        return hit(options_.duplicate_rate, counts_.bytes_duplicated) ? 2 : 1;
    }

   private:
    bool hit(double rate, uint64_t& count) {
        if (rate <= 0 || std::uniform_real_distribution<>()(random_) >= rate) return false;
        count++;
        return true;
    }
    const Options& options_;
    Counts& counts_;
    std::mt19937_64 random_;
};

// Lengths of bits are in 2^-20 of a clock cycle.
constexpr int64_t CYCLE = 1 << 20;

// Drives the device's receiving pin: a start bit, eight data bits, a stop bit.
class Sender {
   public:
    Sender(int64_t bit, Faults& faults) : bit_(bit), faults_(faults) {}
    bool busy() const { return left_ > 0; }
    bool middle() const { return left_ == 5; }
    bool level() const { return busy() ? bits_ & 1 : true; }
    void start(uint8_t byte) {
        bits_ = 0x200u | unsigned(byte) << 1;
        for (int i = 0; i < 10; i++) bits_ ^= unsigned(faults_.flip()) << i;
        left_ = 10;
        wait_ += bit_;  // what the byte before left over included
    }
    void tick() {
        if (!busy() || (wait_ -= CYCLE) > 0) return;
        bits_ >>= 1;
        if (--left_ > 0) wait_ += bit_;
    }

   private:
    int64_t bit_, wait_ = 0;
    unsigned bits_ = 0;
    int left_ = 0;
    Faults& faults_;
};

// Samples the device's sending pin in the middle of each bit.
class Receiver {
   public:
    Receiver(int64_t bit, Faults& faults, Counts& counts) : bit_(bit), faults_(faults), counts_(counts) {}
    bool busy() const { return left_ > 0; }
    // True when a byte has come, which is then in `byte`.
    bool tick(bool level, uint8_t& byte) {
        const bool falling = last_ && !level;
        last_ = level;
        if (!busy()) {
            if (falling) {
                left_ = 10;
                wait_ = bit_ / 2;
            }
            return false;
        }
        if ((wait_ -= CYCLE) > 0) return false;
        wait_ += bit_;
        const bool seen = level != faults_.flip();
        if (left_-- == 10) {
            if (seen) left_ = 0;  // no start bit after all
            return false;
        }
        if (busy()) {
            bits_ = bits_ >> 1 | unsigned(seen) << 7;
            return false;
        }
        counts_.framing_errors += !seen;
        byte = uint8_t(bits_);
        return seen;
    }

   private:
    int64_t bit_, wait_ = 0;
    unsigned bits_ = 0;
    int left_ = 0;
    bool last_ = true;
    Faults& faults_;
    Counts& counts_;
};

class Board {
   public:
    Board(const Options& options, Counts& counts)
        : options_(options),
          counts_(counts),
          faults_(options, counts),
          sender_(bit(options), faults_),
          receiver_(bit(options), faults_, counts),
          top_(&context_),
          bus_(options.can, options.can_rate, options.clock_hz, options.can_speed) {
        top_.clk = 0;
        top_.uart_rx = 1;
        has_bus_ = hear_bus(top_, true, 0);
        has_button_ = set_button(top_, !options.reset_level, 0);
    }
    ~Board() { top_.final(); }

    bool has_button() const { return has_button_; }
    bool has_bus() const { return has_bus_; }
    bool plays() const { return bus_.plays(); }
    bool finished() const { return context_.gotFinish(); }
    bool busy() const { return sender_.busy() || receiver_.busy() || !to_device.empty(); }

    void run(int cycles) {
        for (int i = 0; i < cycles; i++) cycle();
    }

    std::deque<uint8_t> to_device;
    std::string from_device;

   private:
    static constexpr uint64_t PRESS = 4096;  // cycles

    static int64_t bit(const Options& options) {
        return int64_t(options.clocks_per_bit * (1 + options.baud_error / 100) * double(CYCLE) + 0.5);
    }

    void cycle() {
        if (!sender_.busy() && !to_device.empty()) send();
        top_.uart_rx = sender_.level();
        bus_.step(top_);
        top_.clk = 0;
        top_.eval();
        context_.timeInc(1);
        top_.clk = 1;
        top_.eval();
        context_.timeInc(1);
        counts_.cycles++;
        sender_.tick();
        uint8_t byte = 0;
        if (receiver_.tick(top_.uart_tx, byte)) {
            counts_.bytes_from_device++;
            from_device.append(size_t(faults_.copies()), char(byte));
        }
        if (has_button_) press();
    }

    void send() {
        const uint8_t byte = to_device.front();
        to_device.pop_front();
        if (repeated_) {
            repeated_ = false;
        } else {
            const int copies = faults_.copies();
            if (copies == 0) return;
            if (copies == 2) {
                to_device.push_front(byte);
                repeated_ = true;
            }
        }
        counts_.bytes_to_device++;
        sender_.start(byte);
    }

    void press() {
        if (released_at_ && counts_.cycles >= released_at_) {
            released_at_ = 0;
            set_button(top_, !options_.reset_level, 0);
        }
        if (counts_.resets < options_.reset_after.size() && sender_.middle() &&
            counts_.bytes_to_device > options_.reset_after[counts_.resets]) {
            counts_.resets++;
            released_at_ = counts_.cycles + PRESS;
            set_button(top_, options_.reset_level, 0);
        }
    }

    const Options& options_;
    Counts& counts_;
    Faults faults_;
    Sender sender_;
    Receiver receiver_;
    VerilatedContext context_;
    Vhwf_top top_;
    BoardBus bus_;
    bool has_button_ = false, has_bus_ = false, repeated_ = false;
    uint64_t released_at_ = 0;
};

// Runs the clock and moves bytes between the board and the wire until it is told to stop.
static void serve(Board& board, Wire& wire, const Options& options, Counts& counts) {
    constexpr int SLICE = 128;                             // cycles between two looks at the wire
    constexpr uint64_t FULL = 4096, BATCH = 64, IDLE_SLICES = 32;
    constexpr int IDLE_MILLISECONDS = 100;
    const uint64_t byte_cycles = uint64_t(10 * options.clocks_per_bit);
    uint64_t quiet = options.idle_after, slices = 0;
    pollfd watched[2] = {{-1, POLLIN, 0}, {options.until_stdin_ends ? STDIN_FILENO : -1, POLLIN, 0}};
    while (!stopped && !board.finished()) {
        const size_t had = board.from_device.size();
        board.run(SLICE);
        quiet = board.busy() || board.from_device.size() != had ? 0 : quiet + SLICE;
        if (board.from_device.size() >= BATCH || (!board.from_device.empty() && quiet > byte_cycles)) {
            counts.bytes_unread += wire.send(board.from_device);
            board.from_device.clear();
        }
        if (board.to_device.size() < FULL && wire.receive(board.to_device)) quiet = 0;
        const bool idle = quiet > options.idle_after && !board.plays();
        if (++slices % (idle ? IDLE_SLICES : 8192) == 0) {
            watched[0].fd = wire.descriptor();
            poll(watched, 2, idle ? IDLE_MILLISECONDS : 0);
            char ignored[64];
            if (watched[1].revents && read(STDIN_FILENO, ignored, sizeof ignored) <= 0) return;
        }
    }
}

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    Counts counts;
    Board board(options, counts);
    if (!options.reset_after.empty() && !board.has_button()) {
        std::fputs("board: --reset-after needs a top with a pin `button`\n", stderr);
        return 2;
    }
    if (!options.can.empty() && !(board.has_bus() && board.plays())) {
        std::fputs("board: --can needs a top with a pin `can_rx`, and a log with a frame\n", stderr);
        return 2;
    }
    struct sigaction action = {};
    action.sa_handler = stop;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);
    Wire wire;
    if (!(options.tcp < 0 ? wire.open_terminal() : wire.listen(options.tcp))) {
        std::perror("board: no port can be opened");
        return 1;
    }
    std::printf("port %s\n", wire.name().c_str());
    std::fflush(stdout);
    serve(board, wire, options, counts);
    std::fprintf(stderr,
                 "{\"cycles\": %llu, \"bytes_to_device\": %llu, \"bytes_from_device\": %llu, \"bits_flipped\": %llu, "
                 "\"bytes_dropped\": %llu, \"bytes_duplicated\": %llu, \"framing_errors\": %llu, \"bytes_unread\": %llu, "
                 "\"resets\": %llu}\n",
                 (unsigned long long)counts.cycles, (unsigned long long)counts.bytes_to_device,
                 (unsigned long long)counts.bytes_from_device, (unsigned long long)counts.bits_flipped,
                 (unsigned long long)counts.bytes_dropped, (unsigned long long)counts.bytes_duplicated,
                 (unsigned long long)counts.framing_errors, (unsigned long long)counts.bytes_unread,
                 (unsigned long long)counts.resets);
    return 0;
}
