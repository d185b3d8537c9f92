#include "unpack/boot/redboot_fis.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kRow = 256;
constexpr std::uint64_t kName = 16;
constexpr std::uint64_t kMostRows = 256;  // a directory is one erase block
constexpr std::uint64_t kLargest = std::uint64_t{256} << 20;

enum class RowKind { none, deleted, used };

/// A name, then zeros up to sixteen bytes.
bool is_name(Bytes row) {
    const std::string_view text = as_text(row.first(kName));
    const std::size_t end = text.find('\0');
    if (end == 0 || end == std::string_view::npos || text.find_first_not_of('\0', end) != std::string_view::npos)
        return false;
    return std::ranges::all_of(text.substr(0, end), [](char byte) { return byte >= 0x20 && byte < 0x7f; });
}

RowKind kind_of(Bytes row) {
    if (row.size() < kRow)
        return RowKind::none;
    if (row[0] == 0xff)  // erased, or deleted: RedBoot sets the first bytes
        return row[1] == 0xff && !std::ranges::all_of(row, [](std::uint8_t byte) { return byte == 0xff; }) ? RowKind::deleted : RowKind::none;
    return is_name(row) ? RowKind::used : RowKind::none;
}

FisEntry entry_of(Bytes row, Endian endian) {
    Reader reader(row.subspan(kName), endian);
    const auto number = [&] { return reader.u32().value_or(0); };
    FisEntry entry{.name = std::string(as_text(row.first(kName)).substr(0, as_text(row.first(kName)).find('\0')))};
    entry.flash_base = number();
    (void)number();  // where it is loaded to
    entry.size = number();
    (void)number();  // where it starts
    entry.data_size = number();
    return entry;
}

struct Directory {
    std::uint64_t rows = 0;
    Endian endian = Endian::little;
    std::vector<FisEntry> entries;
};

/// In the wrong byte order, addresses are not aligned.
bool plausible(const FisEntry& entry) { return entry.flash_base % kRow == 0 && entry.size % kRow == 0 && entry.size != 0 && entry.size <= kLargest && entry.data_size <= entry.size && entry.flash_base + entry.size <= std::uint64_t{1} << 32U; }

std::optional<Directory> directory_of(Bytes bytes) {
    std::vector<Bytes> used;
    Directory directory;
    while (directory.rows < kMostRows) {
        const Bytes row = clipped(bytes, directory.rows * kRow, kRow);
        const RowKind kind = kind_of(row);
        if (kind == RowKind::none)
            break;
        ++directory.rows;
        if (kind == RowKind::used)
            used.push_back(row);
    }
    for (const Endian endian : {Endian::little, Endian::big}) {
        directory.endian = endian;
        directory.entries.clear();
        bool names_itself = false;
        for (const Bytes row : used) {
            directory.entries.push_back(entry_of(row, endian));
            names_itself = names_itself || directory.entries.back().name == "FIS directory";
        }
        if (names_itself && std::ranges::all_of(directory.entries, plausible))
            return directory;
    }
    return std::nullopt;
}

}  // namespace

std::vector<FisEntry> fis_entries(Bytes bytes) {
    auto directory = directory_of(bytes);
    return directory ? std::move(directory->entries) : std::vector<FisEntry>();
}

std::optional<FoundContainer> identify_fis(Bytes bytes) {
    const auto directory = directory_of(bytes);
    if (!directory)
        return std::nullopt;
    std::string description = fmt::format("RedBoot flash directory, {} endian", directory->endian == Endian::little ? "little" : "big");
    for (const FisEntry& entry : directory->entries)
        description += fmt::format("; {}: 0x{:x} bytes at 0x{:x}", printable(entry.name), entry.size, entry.flash_base);
    return FoundContainer{.size = directory->rows * kRow, .description = excerpt(description, 2000), .checked = directory->entries.size() > 1};
}

void locate_fis(Bytes bytes, std::uint64_t at, std::vector<std::uint64_t>& starts) {
    std::uint64_t start = at;
    while (start >= kRow && at - (start - kRow) <= kLocateReach && kind_of(bytes.subspan(start - kRow, kRow)) != RowKind::none)
        start -= kRow;
    starts.push_back(start);
}

}  // namespace shirushi::unpack
