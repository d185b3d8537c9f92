#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "unpack/archives/archives.hpp"
#include "unpack/archives/bundle_facts.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kMaxName = 4096;  // PATH_MAX, with the NUL
constexpr std::string_view kTrailer = "TRAILER!!!";

struct Member {
    std::string_view name;
    EntryInfo info;
    std::uint32_t links = 0;
    std::pair<std::uint64_t, std::uint64_t> file;  // device and inode
    std::uint64_t stated_size = 0;
    std::uint32_t checksum = 0;
    Bytes content;           // what is there of it
    std::uint64_t next = 0;  // where the next header starts; may lie beyond the end
    std::string_view variant;
};

std::optional<FileKind> kind_of(std::uint32_t mode) {
    switch (mode >> 12U) {
        case 010: return FileKind::regular;
        case 004: return FileKind::directory;
        case 012: return FileKind::symlink;
        case 006: return FileKind::block_device;
        case 002: return FileKind::character_device;
        case 001: return FileKind::fifo;
        case 014: return FileKind::socket;
        default: return std::nullopt;
    }
}

std::uint64_t aligned(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

/// Common to all variants: name and content behind the header, each filled up to `alignment`.
bool place(Bytes bytes, std::uint64_t at, std::uint64_t header, std::uint64_t name_size, std::uint32_t mode, std::uint64_t alignment, Member& member) {
    if (name_size < 2 || name_size > kMaxName)
        return false;
    const Bytes name = clipped(bytes, at + header, name_size);
    if (name.size() < name_size || name.back() != 0 || std::ranges::find(name, std::uint8_t{0}) != name.end() - 1)
        return false;
    member.name = as_text(name.first(name.size() - 1));
    const auto kind = kind_of(mode);
    if (!kind && member.name != kTrailer)
        return false;
    member.info.kind = kind.value_or(FileKind::regular);
    member.info.mode = mode & 07777U;
    const std::uint64_t start = at + aligned(header + name_size, alignment);
    member.content = clipped(bytes, start, member.stated_size);
    member.next = start + aligned(member.stated_size, alignment);
    if (member.info.kind == FileKind::symlink && member.stated_size <= kMaxName)
        member.info.target = as_text(member.content);
    return true;
}

/// Digits of `width` each, one after another.
class Fields {
public:
    Fields(Bytes bytes, std::size_t width, int base) : text_(as_text(bytes)), width_(width), base_(base) {}
    std::uint64_t next(std::size_t width = 0) {
        const std::string_view digits = text_.substr(0, width != 0 ? width : width_);
        text_.remove_prefix(digits.size());
        const auto value = to_integer<std::uint64_t>(digits, base_);
        valid_ = valid_ && value.has_value();
        return value.value_or(0);
    }
    [[nodiscard]] bool valid() const { return valid_; }

private:
    std::string_view text_;
    std::size_t width_;
    int base_;
    bool valid_ = true;
};

std::optional<Member> newc_at(Bytes bytes, std::uint64_t at) {
    constexpr std::uint64_t kHeader = 110;
    const Bytes header = clipped(bytes, at, kHeader);
    if (header.size() < kHeader)
        return std::nullopt;
    Fields fields(header.subspan(6), 8, 16);
    Member member{.variant = header[5] == '1' ? "newc" : "newc with checksums"};
    member.file.second = fields.next();
    const auto mode = static_cast<std::uint32_t>(fields.next());
    member.info.uid = static_cast<std::uint32_t>(fields.next());
    member.info.gid = static_cast<std::uint32_t>(fields.next());
    member.links = static_cast<std::uint32_t>(fields.next());
    member.info.modified = static_cast<std::int64_t>(fields.next());
    member.stated_size = fields.next();
    member.file.first = fields.next() << 32U;
    member.file.first |= fields.next();
    (void)fields.next();
    (void)fields.next();
    const std::uint64_t name_size = fields.next();
    member.checksum = static_cast<std::uint32_t>(fields.next());
    if (!fields.valid() || !place(bytes, at, kHeader, name_size, mode, 4, member))
        return std::nullopt;
    return member;
}

std::optional<Member> odc_at(Bytes bytes, std::uint64_t at) {
    constexpr std::uint64_t kHeader = 76;
    const Bytes header = clipped(bytes, at, kHeader);
    if (header.size() < kHeader)
        return std::nullopt;
    Fields fields(header.subspan(6), 6, 8);
    Member member{.variant = "odc"};
    member.file.first = fields.next();
    member.file.second = fields.next();
    const auto mode = static_cast<std::uint32_t>(fields.next());
    member.info.uid = static_cast<std::uint32_t>(fields.next());
    member.info.gid = static_cast<std::uint32_t>(fields.next());
    member.links = static_cast<std::uint32_t>(fields.next());
    (void)fields.next();
    member.info.modified = static_cast<std::int64_t>(fields.next(11));
    const std::uint64_t name_size = fields.next();
    member.stated_size = fields.next(11);
    if (!fields.valid() || !place(bytes, at, kHeader, name_size, mode, 1, member))
        return std::nullopt;
    return member;
}

std::optional<Member> binary_at(Bytes bytes, std::uint64_t at) {
    constexpr std::uint64_t kHeader = 26;
    const Bytes header = clipped(bytes, at, kHeader);
    if (header.size() < kHeader)
        return std::nullopt;
    const bool little = header[0] == 0xc7;
    const auto half = [&](std::size_t offset) -> std::uint32_t {
        return little ? load_le<std::uint16_t>(header.data() + offset) : load_be<std::uint16_t>(header.data() + offset);
    };
    const auto full = [&](std::size_t offset) { return half(offset) << 16U | half(offset + 2); };  // the upper half first, always
    Member member{.links = half(12), .file = {half(2), half(4)}, .stated_size = full(22), .variant = little ? "old binary, little endian" : "old binary, big endian"};
    member.info.uid = half(8);
    member.info.gid = half(10);
    member.info.modified = full(16);
    if (!place(bytes, at, kHeader, half(20), half(6), 2, member))
        return std::nullopt;
    return member;
}

std::optional<Member> member_at(Bytes bytes, std::uint64_t at) {
    const Bytes magic = clipped(bytes, at, 6);
    if (magic.size() < 6)
        return std::nullopt;
    const std::string_view text = as_text(magic);
    if (text == "070701" || text == "070702")
        return newc_at(bytes, at);
    if (text == "070707")
        return odc_at(bytes, at);
    if ((magic[0] == 0xc7 && magic[1] == 0x71) || (magic[0] == 0x71 && magic[1] == 0xc7))
        return binary_at(bytes, at);
    return std::nullopt;
}

std::optional<FoundContainer> walk(Bytes bytes, bool must_end) {
    constexpr std::uint64_t kBlock = 512;
    std::uint64_t at = 0;
    std::uint64_t members = 0;
    bool ended = false;
    std::string_view variant;
    BundleFacts facts;
    while (at < bytes.size() && !ended) {
        const auto member = member_at(bytes, at);
        if (!member)
            break;
        variant = member->variant;
        ended = member->name == kTrailer;
        members += ended ? 0 : 1;
        if (!ended)
            facts.member(member->name, member->content);
        at = std::min<std::uint64_t>(member->next, bytes.size());
    }
    if ((members == 0 && !ended) || (must_end && !ended))
        return std::nullopt;
    const Bytes fill = clipped(bytes, at, aligned(at, kBlock) - at);
    if (ended && std::ranges::all_of(fill, [](std::uint8_t byte) { return byte == 0; }))
        at += fill.size();
    std::string description = facts.text();
    description += fmt::format("{}{}, {} members{}", description.empty() ? "" : ", ", variant, members, ended ? "" : ", cut off");
    return FoundContainer{.size = at, .description = std::move(description), .checked = ended};
}

/// Contents of files with several names: most writers store them with one name only.
using Linked = std::map<std::pair<std::uint64_t, std::uint64_t>, Bytes>;

Linked linked_contents(Bytes bytes) {
    Linked linked;
    std::uint64_t at = 0;
    while (const auto member = member_at(bytes, at)) {
        if (member->links > 1 && member->info.kind == FileKind::regular && !member->content.empty())
            linked.emplace(member->file, member->content);
        at = member->next;
    }
    return linked;
}

std::string damage_of(const Member& member) {
    if (member.content.size() < member.stated_size)
        return cut_off(member.content.size(), member.stated_size);
    if (!member.variant.ends_with("checksums") || member.info.kind != FileKind::regular)
        return {};
    std::uint32_t sum = 0;
    for (const std::uint8_t byte : member.content)
        sum += byte;
    return sum == member.checksum || member.content.empty() ? std::string() : "its checksum does not match";
}

}  // namespace

std::optional<FoundContainer> identify_cpio(Bytes bytes) { return walk(bytes, false); }
// Two bytes of magic are little: the whole chain of members must lead to the trailer.
std::optional<FoundContainer> identify_cpio_binary(Bytes bytes) { return walk(bytes, true); }

Result<void> read_cpio(Bytes bytes, Share /*share*/, Sink& sink) {
    const Linked linked = linked_contents(bytes);
    std::uint64_t at = 0;
    SwDescription bundle;  // empty unless the first member is one
    if (const auto first = member_at(bytes, 0); first && first->name == "sw-description")
        bundle = read_sw_description(first->content);
    while (const auto member = member_at(bytes, at)) {
        if (member->name == kTrailer)
            return {};
        TRY(sink.begin(member->name, member->info));
        if (member->info.kind == FileKind::regular) {
            const auto shared = member->links > 1 && member->stated_size == 0 ? linked.find(member->file) : linked.end();
            TRY(sink.write(shared != linked.end() ? shared->second : member->content));
        }
        const bool encrypted = std::ranges::find(bundle.encrypted, member->name) != bundle.encrypted.end();
        TRY(sink.end(encrypted ? "it is encrypted, as sw-description says" : damage_of(*member)));
        at = member->next;
    }
    return fail(Errc::bad_input, fmt::format("the cpio archive breaks off at 0x{:x}", std::min<std::uint64_t>(at, bytes.size())));
}

}  // namespace shirushi::unpack
