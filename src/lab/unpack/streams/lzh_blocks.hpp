#pragma once
// LZ77 with Huffman codes in blocks, as ar002 began it: LZH's methods 4 to 7, ARJ's 1 to 3, and UEFI's compression are this with windows of their
// own. Source: UEFI Specification 2.10, 19 (Compression Algorithm Specification). Own code, safe on any input, linear in both sizes.

#include <array>
#include <span>

#include "unpack/streams/high_bits.hpp"

namespace shirushi::unpack {

/// A canonical Huffman code, or one symbol that takes no bits.
class LzhCode {
public:
    static constexpr std::size_t most_symbols = 510;
    static constexpr std::size_t longest = 16;
    static constexpr std::size_t none = SIZE_MAX;

    void set_only(std::size_t symbol);
    /// False when the lengths are no complete code.
    bool set(std::span<const std::uint8_t> lengths);
    /// none: no code begins so.
    std::size_t read(HighBits& bits) const;

private:
    std::size_t only_ = 0;
    std::array<std::uint32_t, longest + 1> counts_{};
    std::array<std::uint16_t, most_symbols> symbols_{};
};

class LzhBlocks {
public:
    /// `position_bits`: of the number of codes for positions, which the window's size decides: 4 or 5.
    LzhBlocks(Bytes bytes, unsigned position_bits) : bits_(bytes), position_bits_(position_bits) {}

    /// Adds to `output` until it holds `size` bytes. Between two calls its beginning may be dropped, as far as no window reaches back.
    /// Errors: bad_input; what was made before it stays.
    Result<void> run(Buffer& output, std::uint64_t size);

private:
    bool read_codes();
    bool read_short(LzhCode& code, std::size_t symbols, unsigned width, std::size_t special);
    bool read_characters();
    bool read_symbol(Buffer& output);
    bool copy(Buffer& output, std::uint64_t size);

    HighBits bits_;
    unsigned position_bits_;
    std::uint32_t left_ = 0;         // symbols of the block
    std::size_t copy_left_ = 0;      // bytes of a copy that the last call did not reach
    std::size_t copy_distance_ = 0;
    LzhCode extras_;
    LzhCode characters_;
    LzhCode positions_;
};

}  // namespace shirushi::unpack
