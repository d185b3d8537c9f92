#pragma once
// Bits from the most significant of each byte on, as LZH and its relatives write them.

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// Behind the end come zeros; past_end() tells that some of them were taken. Borrows its bytes.
class HighBits {
public:
    explicit HighBits(Bytes bytes) : bytes_(bytes) {}

    /// At most 32.
    std::uint32_t take(unsigned count) {
        while (held_ < count) {
            const bool there = at_ < bytes_.size();
            word_ = word_ << 8U | (there ? bytes_[at_++] : 0U);
            missing_ += there ? 0 : 8;
            held_ += 8;
        }
        held_ -= count;
        return static_cast<std::uint32_t>(word_ >> held_ & ((std::uint64_t{1} << count) - 1));
    }
    /// More bits were taken than there are.
    [[nodiscard]] bool past_end() const { return missing_ > held_; }

private:
    Bytes bytes_;
    std::size_t at_ = 0;
    std::uint64_t word_ = 0;
    unsigned held_ = 0;
    std::uint64_t missing_ = 0;
};

}  // namespace shirushi::unpack
