#include "unpack/microcontroller/memory_map.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace shirushi::unpack {

std::string address_name(std::uint64_t address) { return fmt::format("0x{:08x}", address); }

void MemoryMap::add(std::uint64_t address, Bytes content) {
    if (content.empty())
        return;
    if (!records_.empty() && records_.back().address + records_.back().size == address)
        records_.back().size += content.size();
    else
        records_.push_back({address, bytes_.size(), content.size()});
    bytes_.insert(bytes_.end(), content.begin(), content.end());
}

void MemoryMap::fill(MemorySegment& segment, const std::vector<Record>& records, const Buffer& bytes) {
    std::uint64_t sum = 0;
    for (const Record& record : records)
        sum += record.size;
    if (sum == segment.content.size()) {  // nothing overlaps
        for (const Record& record : records)
            std::ranges::copy(Bytes(bytes).subspan(record.from, record.size), segment.content.begin() + static_cast<std::ptrdiff_t>(record.address - segment.address));
        return;
    }
    std::vector<bool> given(segment.content.size());
    std::uint64_t again = 0;
    std::uint64_t first_other = 0;
    std::uint64_t other = 0;
    for (const Record& record : records) {
        const std::uint64_t start = record.address - segment.address;
        for (std::size_t i = 0; i < record.size; ++i) {
            std::uint8_t& to = segment.content[start + i];
            const std::uint8_t byte = bytes[record.from + i];
            if (given[start + i] && ++again != 0 && to != byte && other++ == 0)
                first_other = record.address + i;
            given[start + i] = true;
            to = byte;
        }
    }
    if (other != 0)
        segment.overlap = fmt::format("records overlap: {} bytes are given again, {} of them with another value, the first at {}; the last ones are kept", again,
                                      other, address_name(first_other));
}

std::vector<MemorySegment> MemoryMap::take_segments() {
    const std::vector<Record> in_file = std::move(records_);
    const Buffer bytes = std::move(bytes_);
    records_.clear();
    bytes_.clear();
    std::vector<std::size_t> order(in_file.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return in_file[i].address; });
    std::vector<MemorySegment> segments;
    for (std::size_t i = 0; i < order.size();) {
        // What touches or overlaps is one segment; its records are laid down in the order of the file.
        const std::uint64_t start = in_file[order[i]].address;
        std::uint64_t end = start;
        std::vector<std::size_t> own;
        for (; i < order.size() && in_file[order[i]].address <= end; ++i) {
            end = std::max(end, in_file[order[i]].address + in_file[order[i]].size);
            own.push_back(order[i]);
        }
        std::ranges::sort(own);
        std::vector<Record> records;
        for (const std::size_t index : own)
            records.push_back(in_file[index]);
        segments.push_back({.address = start, .content = Buffer(end - start), .overlap = {}});
        fill(segments.back(), records, bytes);
    }
    return segments;
}

Result<void> hand_out_segments(std::vector<MemorySegment> segments, std::string_view prefix, std::string_view damage, Sink& sink) {
    const std::size_t all = segments.size();
    segments.resize(std::min(all, kMostSegments));
    for (const MemorySegment& segment : segments) {
        const std::uint64_t last = segment.address + segment.content.size() - 1;
        TRY(sink.begin_stream(fmt::format("{}{}", prefix, address_name(segment.address)),
                              fmt::format("memory from {} to {}", address_name(segment.address), address_name(last))));
        TRY(sink.write(segment.content));
        const bool both = !damage.empty() && !segment.overlap.empty();
        TRY(sink.end(fmt::format("{}{}{}", damage, both ? "; " : "", segment.overlap)));
    }
    if (all > kMostSegments)
        return fail(Errc::limit, fmt::format("{} separate pieces of memory, of which the first {} were handed out", all, kMostSegments));
    return {};
}

}  // namespace shirushi::unpack
