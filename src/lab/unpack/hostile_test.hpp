#pragma once
// Test only: a writer of binary headers, and what every parser of a small image must stand: being cut at every length, and bytes that
// change. Each input has its own memory, so that the sanitizers see every step beyond it.

#include <gtest/gtest.h>

#include <random>

#include "unpack/collecting_sink.hpp"
#include "unpack/formats.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {

/// Numbers and text, one after the other.
class Writer {
public:
    explicit Writer(Endian endian = Endian::little) : endian_(endian) {}

    Writer& number(std::uint64_t value, int size) {
        for (int i = 0; i < size; ++i)
            bytes_.push_back(static_cast<std::uint8_t>(value >> 8 * (endian_ == Endian::little ? i : size - 1 - i)));
        return *this;
    }
    Writer& u8(std::uint64_t value) { return number(value, 1); }
    Writer& u16(std::uint64_t value) { return number(value, 2); }
    Writer& u32(std::uint64_t value) { return number(value, 4); }
    Writer& u64(std::uint64_t value) { return number(value, 8); }
    Writer& bytes(Bytes content) {
        bytes_.insert(bytes_.end(), content.begin(), content.end());
        return *this;
    }
    Writer& text(std::string_view content) { return bytes(as_bytes(content)); }
    /// The text in a field of this size.
    Writer& field(std::string_view content, std::size_t size) { return text(content).fill(0, size - content.size()); }
    Writer& fill(std::uint8_t value, std::size_t count) {
        bytes_.insert(bytes_.end(), count, value);
        return *this;
    }
    Writer& to(std::size_t position, std::uint8_t value = 0) { return fill(value, position > bytes_.size() ? position - bytes_.size() : 0); }
    void put_at(std::size_t at, std::uint64_t value, int size) {
        for (int i = 0; i < size; ++i)
            bytes_.at(at + static_cast<std::size_t>(i)) = static_cast<std::uint8_t>(value >> 8 * (endian_ == Endian::little ? i : size - 1 - i));
    }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] const Buffer& made() const { return bytes_; }

private:
    Endian endian_;
    Buffer bytes_;
};

/// Everything a parser does with these bytes; true when they were taken for its format.
struct Parser {
    Identify identify = nullptr;
    Decoder decode = nullptr;
    Splitter split = nullptr;

    bool run(Bytes bytes, CollectingSink& sink) const {
        const auto found = identify(bytes);
        EXPECT_LE(found ? found->size : 0, bytes.size());
        if (decode != nullptr)
            (void)decode(bytes, {}, sink);
        if (split != nullptr && found)
            if (const auto parts = split(clipped(bytes, 0, found->size)))
                for (const Part& part : parts->parts)
                    (void)clipped(bytes, part.offset, part.size);
        EXPECT_EQ(0, sink.misuses);
        return found.has_value();
    }
};

/// Cut at every length: nothing breaks out, and what is handed out without damage is right.
inline void cut_everywhere(const Buffer& image, const Parser& parser, std::size_t step = 1) {
    CollectingSink whole;
    ASSERT_TRUE(parser.run(image, whole));
    for (std::size_t size = 0; size < image.size(); size += step) {
        const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));
        CollectingSink sink(std::uint64_t{64} << 20);
        parser.run(part, sink);
        expect_part(whole.entries, sink);
    }
}

/// One to four changed bytes, many times. `checked`: the format can tell, so what has no damage must be right.
inline void change_bytes(const Buffer& image, const Parser& parser, int rounds, bool checked) {
    CollectingSink whole;
    ASSERT_TRUE(parser.run(image, whole));
    std::mt19937 random(7);
    for (int round = 0; round < rounds; ++round) {
        Buffer changed = image;
        for (unsigned i = checked ? 0 : random() % 4; i < 4; i += checked ? 4 : 1)
            changed[random() % changed.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
        CollectingSink sink(std::uint64_t{64} << 20);
        parser.run(changed, sink);
        if (checked)
            expect_part(whole.entries, sink);
    }
}

}  // namespace shirushi::unpack
