// A CAN controller in C++: sends what it is given, by arbitration, and receives, acknowledges, and sends error and overload flags,
// with a clock of its own. Follows the fault confinement of the standard: error passive, bus off and back.
//
// Its time goes in quanta: `tick` is called at the moment `next()` with the level of the line there, and then `output()` is what it
// drives. Times are in picoseconds.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>

#include "can_frame.h"

namespace can {

struct NodeOptions {
    double bit_rate = 500e3;  // bits a second
    double error = 0;         // by how much the node's clock is fast: 0.005 is half a per cent
    int seg1 = 14, seg2 = 5, sjw = 4;  // quanta before and behind the sample, beside the first: 20 a bit
    int64_t phase = 0;        // the moment of the first quantum
    bool listens_only = false;
    int attempts = 0;         // after so many errors a frame that it sends is given up; 0: never
};

struct NodeCounts {
    uint64_t sent = 0, received = 0, retries = 0, arbitrations_lost = 0, overloads = 0, bus_offs = 0;
    uint64_t given_up = 0, bit_errors = 0, ack_errors = 0, stuff_errors = 0, form_errors = 0, crc_errors = 0;
};

class Node {
   public:
    explicit Node(const NodeOptions& options) : options_(options), next_(options.phase) {
        quantum_ = 1e12 / options.bit_rate / (1 + options.seg1 + options.seg2) / (1 + options.error);
    }

    NodeCounts counts;
    // Called at the end of a frame that was sent or received without error.
    std::function<void(const Frame&, int64_t)> on_sent, on_received;

    // The frame is sent when the bus is free from `at` on, behind those that were given before; again, until it is sent.
    void send(const Frame& frame, int64_t at) { jobs_.push_back({frame, at, bits_of(frame)}); }
    size_t waiting() const { return jobs_.size(); }
    bool idle() const { return state_ == State::idle; }
    bool sending() const { return state_ == State::frame && sends_; }
    bool bus_off() const { return transmit_errors_ > 255; }
    bool error_passive() const { return transmit_errors_ > 127 || receive_errors_ > 127; }
    int64_t next() const { return next_; }
    bool output() const { return output_; }

    void tick(bool level) {
        const bool edge = was_high_ && !level && last_sample_ && !synchronised_;
        was_high_ = level;
        if (edge) synchronise();
        if (place_ == 0) begin_bit();
        if (place_ == sample_at_ && !sampled_) {
            sampled_ = true;
            synchronised_ = false;
            last_sample_ = level;
            sample(level);
        }
        if (++place_ >= bit_end_) new_bit(0);
        // Whole picoseconds and the rest, since a sum of all would lose the rest within a day.
        rest_ += quantum_;
        const int64_t whole = int64_t(rest_);
        next_ += whole;
        rest_ -= double(whole);
    }

   private:
    struct Job {
        Frame frame;
        int64_t at;
        Bits bits;
    };
    enum class State { waits, idle, frame, error_flag, overload_flag, delimiter, intermission, suspend };

    void new_bit(int place) {
        place_ = place;
        sample_at_ = 1 + options_.seg1;
        bit_end_ = sample_at_ + options_.seg2;
        sampled_ = false;
    }

    void synchronise() {
        if (!output_) return;  // its own edge, or one that comes with it
        synchronised_ = true;
        const bool between = state_ == State::idle || state_ == State::suspend || state_ == State::waits ||
                             (state_ == State::intermission && count_ > 0);
        const int left = bit_end_ - place_;
        if (between || (sampled_ && left <= options_.sjw)) {
            new_bit(0);
        } else if (sampled_) {
            bit_end_ -= options_.sjw;
        } else {
            const int late = place_ < options_.sjw ? place_ : options_.sjw;
            sample_at_ += late;
            bit_end_ += late;
        }
    }

    bool pending() const { return !options_.listens_only && !jobs_.empty() && jobs_.front().at <= next_ && !bus_off(); }

    // What the node drives in the bit that begins.
    void begin_bit() {
        output_ = true;
        switch (state_) {
            case State::idle:
                if (pending()) {
                    begin_frame(true);
                    output_ = false;
                }
                break;
            case State::frame:
                if (sends_) output_ = jobs_.front().bits[place_in_frame_];
                else if (decoder_.at_ack()) output_ = options_.listens_only || bus_off() || !decoder_.crc_right();
                break;
            case State::error_flag: output_ = passive_flag_; break;
            case State::overload_flag: output_ = options_.listens_only; break;
            default: break;
        }
    }

    void begin_frame(bool sends) {
        state_ = State::frame;
        sends_ = was_sender_ = sends;
        place_in_frame_ = 0;
        decoder_.restart();
    }

    void sample(bool level) {
        switch (state_) {
            case State::waits:
                count_ = level ? count_ + 1 : 0;
                if (count_ < 11) return;
                count_ = 0;
                if (bus_off() && ++quiet_ < 128) return;
                if (bus_off()) transmit_errors_ = receive_errors_ = 0;
                state_ = State::idle;
                return;
            case State::idle:
                if (!level) start_of_frame();
                return;
            case State::frame: return in_frame(level);
            case State::error_flag:
                // A passive flag is done after six equal bits in a row; an active one after six bits.
                count_ = !passive_flag_ || count_ == 0 || level == flag_level_ ? count_ + 1 : 1;
                flag_level_ = level;
                if (count_ == 6) await_delimiter();
                return;
            case State::overload_flag:
                if (++count_ == 6) await_delimiter();
                return;
            case State::delimiter: return in_delimiter(level);
            case State::intermission:
                if (!level) return count_ < 2 ? overload() : start_of_frame();
                if (++count_ < 3) return;
                count_ = 0;
                state_ = error_passive() && was_sender_ ? State::suspend : State::idle;
                return;
            case State::suspend:
                if (!level) return start_of_frame();
                if (++count_ == 8) state_ = State::idle;
                return;
        }
    }

    // A dominant bit where a frame may begin; a node that has a frame to send joins in.
    void start_of_frame() {
        begin_frame(state_ != State::suspend && pending());
        in_frame(false);
    }

    void in_frame(bool level) {
        if (sends_) {
            const bool sent = place_in_frame_ == 0 ? false : jobs_.front().bits[place_in_frame_];
            if (sent != level) {
                if (sent && decoder_.in_arbitration()) {
                    sends_ = was_sender_ = false;
                    counts.arbitrations_lost++;
                } else if (!decoder_.at_ack()) {
                    return fail(counts.bit_errors);
                }
            } else if (decoder_.at_ack()) {
                return fail(counts.ack_errors);
            }
            place_in_frame_++;
        }
        switch (decoder_.add(level)) {
            case Seen::more: return;
            case Seen::stuff_error: return fail(counts.stuff_errors);
            case Seen::form_error: return fail(counts.form_errors);
            case Seen::crc_error: return fail(counts.crc_errors);
            case Seen::fd:
                count_ = 0;
                state_ = State::waits;
                return;
            case Seen::valid:
                if (!sends_) received();
                return;
            case Seen::end:
                if (sends_) sent();
                count_ = 0;
                state_ = State::intermission;
                return;
            case Seen::overload: return overload();
        }
    }

    void received() {
        counts.received++;
        if (receive_errors_ > 127) receive_errors_ = 127;
        else if (receive_errors_ > 0) receive_errors_--;
        if (on_received) on_received(decoder_.frame(), next_);
    }
    void sent() {
        counts.sent++;
        if (transmit_errors_ > 0) transmit_errors_--;
        const Frame frame = jobs_.front().frame;
        jobs_.pop_front();
        failed_ = 0;
        if (on_sent) on_sent(frame, next_);
    }

    void fail(uint64_t& count) {
        count++;
        passive_flag_ = error_passive() || options_.listens_only;
        if (sends_) {
            counts.retries++;
            // An error-passive sender whose frame nobody acknowledges stays on the bus.
            if (!(passive_flag_ && &count == &counts.ack_errors)) transmit_errors_ += 8;
            if (++failed_ == options_.attempts) give_up();
        } else {
            receive_errors_++;
        }
        sends_ = false;
        count_ = 0;
        state_ = State::error_flag;
        if (!bus_off()) return;
        counts.bus_offs++;
        quiet_ = 0;
        state_ = State::waits;
    }

    void give_up() {
        counts.given_up++;
        jobs_.pop_front();
        failed_ = 0;
    }

    void overload() {
        counts.overloads++;
        sends_ = false;
        count_ = 0;
        state_ = State::overload_flag;
    }

    // The delimiter begins with the first recessive bit, since others' flags may last longer.
    void await_delimiter() {
        count_ = 0;
        state_ = State::delimiter;
    }
    void in_delimiter(bool level) {
        if (level) {
            if (++count_ < 8) return;
            count_ = 0;
            state_ = State::intermission;
        } else if (count_ == 7) {
            overload();
        } else if (count_ > 0) {
            fail(counts.form_errors);
        }
    }

    NodeOptions options_;
    double quantum_ = 0, rest_ = 0;
    int64_t next_ = 0;
    // The bit: quanta from its beginning.
    int place_ = 0, sample_at_ = 1 + options_.seg1, bit_end_ = 1 + options_.seg1 + options_.seg2;
    bool sampled_ = false, synchronised_ = false, was_high_ = true, last_sample_ = false;
    bool output_ = true;
    State state_ = State::waits;
    int count_ = 0, quiet_ = 0;
    std::deque<Job> jobs_;
    Decoder decoder_;
    size_t place_in_frame_ = 0;
    bool sends_ = false, was_sender_ = false, passive_flag_ = false, flag_level_ = true;
    int transmit_errors_ = 0, receive_errors_ = 0;
    int failed_ = 0;  // times that the first job did
};

}  // namespace can
