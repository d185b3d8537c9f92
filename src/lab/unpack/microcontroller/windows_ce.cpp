// Windows CE's image as its boot loader takes it ("B000FF"): memory contents in records with a sum each. Source: Microsoft's Platform Builder,
// "Binary image data format (.bin)".

#include <fmt/format.h>

#include <numeric>

#include "unpack/microcontroller/memory_map.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 15;
constexpr std::uint64_t kRecord = 12;

struct Record {
    std::uint32_t address = 0;
    std::uint32_t size = 0;
    Bytes content;
    bool right = false;  // whole, and its sum matches
};

std::optional<Record> record_at(Bytes bytes, std::uint64_t at) {
    const Bytes header = clipped(bytes, at, kRecord);
    if (header.size() < kRecord)
        return std::nullopt;
    Record record{.address = load_le<std::uint32_t>(header.data()), .size = load_le<std::uint32_t>(header.data() + 4)};
    record.content = clipped(bytes, at + kRecord, record.size);
    const auto sum = std::accumulate(record.content.begin(), record.content.end(), std::uint32_t{0});
    record.right = record.content.size() == record.size && sum == load_le<std::uint32_t>(header.data() + 8);
    return record;
}

struct Image {
    std::uint32_t start = 0;
    std::uint32_t size = 0;
    std::uint32_t entry = 0;
    std::uint64_t extent = 0;
    std::uint64_t records = 0;
    std::string damage;
};

/// Calls `visit` with every record up to the last one, which has no address and tells where to start.
template <class Visit>
std::optional<Image> walk(Bytes bytes, const Visit& visit) {
    if (bytes.size() < kHeader || as_text(bytes.first(7)) != "B000FF\n")
        return std::nullopt;
    Image image{.start = load_le<std::uint32_t>(bytes.data() + 7), .size = load_le<std::uint32_t>(bytes.data() + 11), .extent = kHeader};
    while (true) {
        const auto record = record_at(bytes, image.extent);
        if (record && record->address == 0) {
            image.entry = record->size;
            image.extent += kRecord;
            return image;
        }
        const bool inside = record && record->size != 0 && record->address >= image.start && std::uint64_t{record->address} + record->size <= std::uint64_t{image.start} + image.size;
        if (!inside || (!record->right && image.records == 0))
            break;
        if (!record->right)
            image.damage = fmt::format("the record at 0x{:x} is damaged or cut off", image.extent);
        visit(*record);
        ++image.records;
        image.extent += kRecord + record->content.size();
    }
    if (image.records == 0)
        return std::nullopt;
    image.damage = fmt::format("its records break off at 0x{:x}", image.extent);
    return image;
}

}  // namespace

std::optional<FoundContainer> identify_windows_ce(Bytes bytes) {
    const auto image = walk(bytes, [](const Record&) {});
    if (!image)
        return std::nullopt;
    return FoundContainer{.size = image->extent, .description = fmt::format("Windows CE, {} records, memory 0x{:08x} to 0x{:08x}, entry 0x{:08x}", image->records, image->start,
                                                                            std::uint64_t{image->start} + image->size, image->entry), .checked = true};
}

Result<void> read_windows_ce(Bytes bytes, Share /*share*/, Sink& sink) {
    MemoryMap map;
    const auto image = walk(bytes, [&](const Record& record) { map.add(record.address, record.content); });
    if (!image)
        return fail(Errc::bad_input, "its first record is damaged");
    return hand_out_segments(map.take_segments(), "", image->damage, sink);
}

}  // namespace shirushi::unpack
