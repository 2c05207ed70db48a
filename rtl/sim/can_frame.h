// CAN frames in C++: their bits on the bus, and what a receiver makes of bits. Dominant is 0, recessive 1.
//
// Written from the published rules (CAN specification 2.0, ISO 11898-1), by positions in the frame without its stuff bits.
#pragma once
#include <cstdint>
#include <vector>

namespace can {

using Bits = std::vector<uint8_t>;

struct Frame {
    uint32_t identifier = 0;
    bool extended = false, remote = false;
    uint8_t dlc = 0;  // 0 to 15; more than 8 are 8 bytes
    uint8_t data[8] = {};

    int size() const { return remote ? 0 : dlc < 8 ? dlc : 8; }
    bool operator==(const Frame& other) const {
        if (identifier != other.identifier || extended != other.extended || remote != other.remote || dlc != other.dlc) return false;
        for (int i = 0; i < size(); i++)
            if (data[i] != other.data[i]) return false;
        return true;
    }
};

inline uint16_t checksum(const uint8_t* bits, int count) {
    unsigned rest = 0;
    for (int i = 0; i < count; i++) {
        const bool divide = (rest >> 14 & 1) != bits[i];
        rest = rest << 1 & 0x7FFF;
        if (divide) rest ^= 0x4599;
    }
    return uint16_t(rest);
}

inline Bits stuffed(const Bits& plain) {
    Bits bits;
    int run = 0;
    uint8_t last = 2;
    for (const uint8_t bit : plain) {
        run = bit == last ? run + 1 : 1;
        bits.push_back(last = bit);
        if (run == 5) {
            bits.push_back(last = !bit);
            run = 1;
        }
    }
    return bits;
}

// From SOF to the end of EOF; the ACK slot is recessive. `crc_change` is XORed into the checksum.
inline Bits bits_of(const Frame& frame, unsigned crc_change = 0) {
    Bits bits = {0};
    const auto put = [&bits](uint32_t value, int width) {
        while (width-- > 0) bits.push_back(value >> width & 1);
    };
    if (frame.extended) {
        put(frame.identifier >> 18, 11);
        put(3, 2);  // SRR, IDE
        put(frame.identifier, 18);
        put(frame.remote, 1);
        put(0, 2);
    } else {
        put(frame.identifier, 11);
        put(frame.remote, 1);
        put(0, 2);
    }
    put(frame.dlc, 4);
    for (int i = 0; i < frame.size(); i++) put(frame.data[i], 8);
    put(checksum(bits.data(), int(bits.size())) ^ crc_change, 15);
    bits = stuffed(bits);
    bits.insert(bits.end(), 10, 1);
    return bits;
}

enum class Seen {
    more,
    stuff_error,
    form_error,
    crc_error,  // at the ACK delimiter
    fd,         // a recessive FDF
    valid,      // the last but one bit of EOF: valid for a receiver
    end,        // the last bit of EOF, recessive
    overload    // that bit, dominant
};

// Reads a frame bit by bit, SOF first.
class Decoder {
   public:
    void restart() { *this = Decoder(); }

    Seen add(bool bit) {
        if (tail_ > 0) return behind_crc(bit);
        if (run_ == 5) {
            if (bit == last_) return Seen::stuff_error;
            last_ = bit;
            run_ = 1;
            return Seen::more;
        }
        run_ = count_ > 0 && bit == last_ ? run_ + 1 : 1;
        plain_[count_++] = last_ = bit;
        if (count_ == mark() + 1 && bit) return Seen::fd;
        if (count_ == header()) size_ = frame().size();
        if (count_ < header() || count_ < header() + 8 * size_ + 16) return Seen::more;
        if (!bit) return Seen::form_error;
        const int covered = count_ - 16;
        wrong_ = checksum(plain_, covered) != number(covered, 15);
        tail_ = 1;
        return Seen::more;
    }

    // What the next bit is.
    bool in_arbitration() const { return tail_ == 0 && count_ <= (extended() ? 32 : 13) && run_ != 5; }
    bool at_ack() const { return tail_ == 1; }
    bool crc_right() const { return !wrong_; }

    bool has_identifier() const { return count_ >= (extended() ? 32 : 14); }
    bool has_dlc() const { return count_ >= header(); }
    // The payload's bytes, and the payload, that are there.
    int bytes() const {
        const int here = has_dlc() ? (count_ - header()) / 8 : 0;
        return here < size_ ? here : size_;
    }
    bool has_payload() const { return has_dlc() && bytes() == size_; }

    // As far as it was read.
    Frame frame() const {
        Frame frame;
        frame.extended = extended();
        if (has_identifier()) frame.identifier = extended() ? number(1, 11) << 18 | number(14, 18) : number(1, 11);
        if (!has_dlc()) return frame;
        frame.remote = plain_[extended() ? 32 : 12];
        frame.dlc = uint8_t(number(header() - 4, 4));
        for (int i = 0; i < frame.size() && header() + 8 * i + 8 <= count_; i++)
            frame.data[i] = uint8_t(number(header() + 8 * i, 8));
        return frame;
    }

   private:
    bool extended() const { return count_ > 13 && plain_[13]; }
    int mark() const { return extended() ? 33 : 14; }    // of FDF
    int header() const { return extended() ? 39 : 19; }  // bits to the end of DLC
    uint32_t number(int from, int width) const {
        uint32_t value = 0;
        for (int i = from; i < from + width; i++) value = value << 1 | plain_[i];
        return value;
    }

    // 1: the ACK slot, 2: its delimiter, 3 to 9: EOF.
    Seen behind_crc(bool bit) {
        const int place = tail_++;
        if (place == 2 && wrong_) return Seen::crc_error;
        if (place == 9) return bit ? Seen::end : Seen::overload;
        if (place > 1 && !bit) return Seen::form_error;
        return place == 8 ? Seen::valid : Seen::more;
    }

    uint8_t plain_[160] = {};
    int count_ = 0, size_ = 0, run_ = 0, tail_ = 0;  // bits of the frame, bytes of its payload, equal bits, place behind the CRC
    bool last_ = false, wrong_ = false;
};

}  // namespace can
