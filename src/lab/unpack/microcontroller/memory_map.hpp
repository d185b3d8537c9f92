#pragma once
// Memory contents that come in records of an address and some bytes, in any order: gathered, put in order, holes kept apart.
// What is held is what the records hold, never the address space between them.

#include <string>
#include <vector>

#include "unpack/decoder.hpp"

namespace shirushi::unpack {

struct MemorySegment {
    std::uint64_t address = 0;
    Buffer content;       ///< not empty
    std::string overlap;  ///< that several records gave the same address different bytes (the last is kept); empty otherwise
};

class MemoryMap {
public:
    /// Copies the bytes; a record that goes on where the last one ended costs nothing more.
    void add(std::uint64_t address, Bytes content);
    [[nodiscard]] bool empty() const { return records_.empty(); }
    /// In order of address; neighbours that touch are one. Leaves the map empty.
    std::vector<MemorySegment> take_segments();

private:
    struct Record {
        std::uint64_t address = 0;
        std::size_t from = 0;  // in bytes_
        std::size_t size = 0;
    };
    static void fill(MemorySegment& segment, const std::vector<Record>& records, const Buffer& bytes);

    Buffer bytes_;
    std::vector<Record> records_;
};

/// "0x08000000", with more digits where there are more.
std::string address_name(std::uint64_t address);

/// Each segment as a stream named by its address, with `prefix` before it. `damage` belongs to the records as a whole, so that every
/// stream carries it: a lost record may have been part of any. Errors: limit, when there are more segments than kMostSegments.
Result<void> hand_out_segments(std::vector<MemorySegment> segments, std::string_view prefix, std::string_view damage, Sink& sink);

/// A real program has a handful of them; records that are all apart would otherwise become a node each.
constexpr std::size_t kMostSegments = 4096;

}  // namespace shirushi::unpack
