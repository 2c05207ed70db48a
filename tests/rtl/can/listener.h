// What a CAN receiver that only listens tells, from bits alone, by the published rules: what hwf_can_rx is compared with.
#pragma once
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "can_frame.h"

using can::Bits;
using can::Frame;
using can::Seen;

// What is told of frames, by name, with what holds then.
struct Event {
    const char* name;
    uint32_t first = 0, second = 0, third = 0;
    auto tied() const { return std::make_tuple(std::string(name), first, second, third); }
    bool operator==(const Event& other) const { return tied() == other.tied(); }
};
using Events = std::vector<Event>;
enum Failure : uint32_t { STUFF = 1, FORM = 2, CRC = 3 };

// What a receiver that only listens tells, from bits alone.
class Listener {
   public:
    Events events;
    bool failed = false, overloaded = false;  // with the last bit

    void add(bool bit) {
        failed = overloaded = false;
        if (open_) return in_frame(bit);
        if (bit) {
            if (recessive_ < 11) recessive_++;
            return;
        }
        if (recessive_ >= 10) {
            open_ = true;
            told_id_ = told_end_ = false;
            told_bytes_ = 0;
            frame_.restart();
            frame_.add(bit);
            events.push_back({"started"});
        } else if (recessive_ >= 7) {
            overloaded = true;
            events.push_back({"overload"});
        }
        recessive_ = 0;
    }
    bool ready() const { return !open_ && recessive_ >= 10; }
    bool open() const { return open_; }

   private:
    void in_frame(bool bit) {
        const Seen seen = frame_.add(bit);
        const Frame frame = frame_.frame();
        if (!told_id_ && frame_.has_identifier()) {
            told_id_ = true;
            events.push_back({"identifier", frame.extended, frame.identifier});
        }
        for (; told_bytes_ < frame_.bytes(); told_bytes_++)
            events.push_back({"byte", uint32_t(told_bytes_), frame.data[told_bytes_], frame.dlc});
        if (!told_end_ && frame_.has_payload() && !frame.remote) {
            told_end_ = true;
            events.push_back({"payload end"});
        }
        switch (seen) {
            case Seen::stuff_error: return fail(STUFF, bit);
            case Seen::form_error: return fail(FORM, bit);
            case Seen::crc_error: return fail(CRC, bit);
            case Seen::fd: return close({"passed over"}, 1);
            case Seen::valid:
                if (frame.remote) return close({"passed over"}, 7);
                return close({"accepted", frame.extended, frame.identifier, frame.dlc}, 7);
            default: return;
        }
    }
    void fail(uint32_t kind, bool bit) {
        failed = true;
        close({"failed", kind}, bit);
    }
    void close(Event event, int recessive) {
        events.push_back(event);
        open_ = false;
        recessive_ = recessive;
    }

    can::Decoder frame_;
    bool open_ = false, told_id_ = false, told_end_ = false;
    int told_bytes_ = 0, recessive_ = 0;
};
