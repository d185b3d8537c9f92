// rpm's own database of packages, "ndb" (rpm, lib/backend/ndb/rpmpkg.c): pages of 4096 bytes of slots, each of which says where a blob lies in
// blocks of 16 bytes. Little-endian.

#include <fmt/format.h>

#include "base/text.hpp"
#include "sbom/packages/rpm_header.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kSlot = 16;
constexpr std::uint64_t kBlock = 16;
constexpr std::uint64_t kBlobHead = 16;
constexpr std::uint32_t kDatabase = 0x506D7052;  // "RpmP"
constexpr std::uint32_t kSlotMark = 0x746F6C53;  // "Slot"
constexpr std::uint32_t kBlobMark = 0x53626C42;  // "BlbS"

/// The header that the slot's blob holds.
Result<Bytes> blob_of(Bytes file, std::uint64_t offset, std::uint32_t index) {
    Reader head(TRY(slice(file, offset, kBlobHead)));
    const std::uint32_t mark = TRY(head.u32());
    const std::uint32_t owner = TRY(head.u32());
    TRY(head.u32());  // generation
    const std::uint32_t size = TRY(head.u32());
    if (mark != kBlobMark || owner != index)
        return fail(Errc::bad_input, "its blob is another's");
    return slice(file, offset + kBlobHead, size);
}

}  // namespace

PackageList read_rpm_ndb(Bytes content) {
    PackageList list;
    Reader head(clipped(content, 0, 32));
    const auto mark = head.u32();
    const auto version = head.u32();
    const auto generation = head.u32();
    const auto pages = head.u32();
    if (!pages || !generation || *mark != kDatabase || *version != 0) {
        list.gaps.emplace_back("is not an rpm database of this kind (ndb, version 0)");
        return list;
    }
    const std::uint64_t end = std::min<std::uint64_t>(*pages * kPage, content.size());
    for (std::uint64_t at = 2 * kSlot; at + kSlot <= end; at += kSlot) {
        const std::uint8_t* slot = content.data() + at;
        const auto index = load_le<std::uint32_t>(slot + 4);
        if (load_le<std::uint32_t>(slot) != kSlotMark || index == 0)
            continue;
        const std::uint64_t offset = std::uint64_t{load_le<std::uint32_t>(slot + 8)} * kBlock;
        const auto blob = blob_of(content, offset, index);
        if (!blob) {
            if (list.gaps.size() < 16)
                list.gaps.push_back(fmt::format("slot at {}: {}", at, blob.error().message));
            continue;
        }
        if (!add_rpm_header(list, *blob, offset))
            break;
    }
    return list;
}

}  // namespace shirushi::sbom
