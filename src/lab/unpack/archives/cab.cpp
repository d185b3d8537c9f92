#include <archive.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/archives/archives.hpp"
#include "unpack/archives/libarchive_reader.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 36;
constexpr std::uint16_t kPrevious = 1;
constexpr std::uint16_t kNext = 2;
constexpr std::uint16_t kReserve = 4;
constexpr std::uint64_t kFolder = 8;  // an entry of the table of folders
constexpr std::uint64_t kLongestName = 256;

struct Cabinet {
    std::uint64_t size = 0;
    std::uint64_t files_at = 0;
    std::uint16_t folders = 0;
    std::uint16_t files = 0;
    std::uint16_t number = 0;
    std::uint64_t folder_reserve = 0;
    std::uint64_t folders_at = kHeader;
    std::string previous;
    std::string next;
};

/// CFHEADER, [MS-CAB] 2.1. The reserved fields must be zero.
Result<Cabinet> read_header(Bytes bytes) {
    Reader reader(bytes);
    const auto magic = TRY(reader.u32());
    const auto zero = TRY(reader.u32());
    Cabinet cabinet{.size = TRY(reader.u32())};
    const auto second_zero = TRY(reader.u32());
    cabinet.files_at = TRY(reader.u32());
    const auto third_zero = TRY(reader.u32());
    const auto version = TRY(reader.u16());
    cabinet.folders = TRY(reader.u16());
    cabinet.files = TRY(reader.u16());
    const auto flags = TRY(reader.u16());
    TRY(reader.skip(2));  // the set's id
    cabinet.number = TRY(reader.u16());
    if (magic != 0x4643534d || (zero | second_zero | third_zero) != 0 || version != 0x0103 || flags > 7 || cabinet.folders == 0 || cabinet.files == 0)
        return fail(Errc::bad_input, "no cabinet header");
    if ((flags & kReserve) != 0) {
        const auto header = TRY(reader.u16());
        cabinet.folder_reserve = TRY(reader.u8());
        TRY(reader.skip(std::uint64_t{1} + header));
    }
    for (const auto& [flag, name] : {std::pair(kPrevious, &cabinet.previous), std::pair(kNext, &cabinet.next)})
        if ((flags & flag) != 0) {
            *name = TRY(reader.c_text(kLongestName));
            (void)TRY(reader.c_text(kLongestName));  // the name of the disk
        }
    cabinet.folders_at = reader.position();
    if (cabinet.files_at < cabinet.folders_at + cabinet.folders * (kFolder + cabinet.folder_reserve) || cabinet.files_at >= cabinet.size)
        return fail(Errc::bad_input, "the cabinet's tables do not fit into it");
    return cabinet;
}

/// CFFOLDER: where the data starts, how many blocks, and the method.
std::string methods(Bytes bytes, const Cabinet& cabinet) {
    constexpr std::array kNames{"stored", "MSZIP", "Quantum", "LZX"};
    std::array<bool, kNames.size()> used{};
    for (std::uint64_t i = 0; i < cabinet.folders; ++i) {
        const Bytes folder = clipped(bytes, cabinet.folders_at + i * (kFolder + cabinet.folder_reserve), kFolder);
        if (folder.size() == kFolder)
            used.at(folder[6] & 3U) = true;
    }
    std::string text;
    for (std::size_t i = 0; i < used.size(); ++i)
        if (used.at(i))
            text += fmt::format(", {}", kNames.at(i));
    return text;
}

}  // namespace

std::optional<FoundContainer> identify_cab(Bytes bytes) {
    const auto cabinet = read_header(bytes);
    if (!cabinet)
        return std::nullopt;
    FoundContainer found{.size = std::min<std::uint64_t>(cabinet->size, bytes.size())};
    found.description = fmt::format("{} files{}", cabinet->files, methods(bytes, *cabinet));
    if (!cabinet->previous.empty() || !cabinet->next.empty())
        found.description += fmt::format(", number {} of a set", cabinet->number + 1);
    if (!cabinet->previous.empty())
        found.description += fmt::format(", begins in {}", excerpt(cabinet->previous));
    if (!cabinet->next.empty())
        found.description += fmt::format(", goes on in {}", excerpt(cabinet->next));
    if (found.size < cabinet->size)
        found.description += ", " + cut_off(found.size, cabinet->size);
    return found;
}

Result<void> read_cab(Bytes bytes, Share /*share*/, Sink& sink) { return read_with_libarchive(bytes, archive_read_support_format_cab, sink); }

}  // namespace shirushi::unpack
