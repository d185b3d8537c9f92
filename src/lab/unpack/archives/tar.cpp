#include <archive.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/archives/archives.hpp"
#include "unpack/archives/bundle_facts.hpp"
#include "unpack/archives/forwarding_sink.hpp"
#include "unpack/archives/libarchive_reader.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kRecord = 20 * kBlock;  // tar writes in records of 20 blocks, filled up with zeros

/// A numeric field: octal digits with blanks around, or (GNU) base-256 with the top bit set.
std::optional<std::uint64_t> number(Bytes field) {
    if ((field[0] & 0x80U) != 0) {
        std::uint64_t value = field[0] & 0x3fU;
        for (const std::uint8_t byte : field.subspan(1)) {
            if (value >> 55U != 0)
                return std::nullopt;
            value = value << 8U | byte;
        }
        return value;
    }
    std::uint64_t value = 0;
    bool digits = false;
    for (const std::uint8_t byte : field) {
        if (byte >= '0' && byte <= '7') {
            value = value << 3U | (byte - '0');
            digits = true;
        } else if (byte != ' ' && byte != 0) {
            return std::nullopt;
        } else if (digits) {
            break;
        }
    }
    return value;
}

bool is_zero(Bytes block) {
    return std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; });
}

struct Member {
    std::uint8_t type = 0;
    std::string name;
    Bytes content;  // as much as is there
    std::uint64_t next = 0;  // from its header; may lie beyond the end
};

bool checksum_fits(Bytes header) {
    constexpr std::size_t kChecksum = 148;
    const auto stated = number(header.subspan(kChecksum, 8));
    std::uint64_t sum = 8 * std::uint64_t{' '};  // the checksum field counts as blanks
    for (std::size_t i = 0; i < kBlock; ++i)
        if (i < kChecksum || i >= kChecksum + 8)
            sum += header[i];
    return stated && *stated == sum;
}

std::string_view until_nul(Bytes field) {
    const std::string_view text = as_text(field);
    return text.substr(0, std::min(text.find('\0'), text.size()));
}

/// Old GNU sparse files: the map of what is there goes on in blocks behind the header, as long as each says so.
std::uint64_t sparse_map_blocks(Bytes member) {
    std::uint64_t blocks = 0;
    bool more = member[482] != 0;
    while (more) {
        const Bytes block = clipped(member, (1 + blocks++) * kBlock, kBlock);
        more = block.size() == kBlock && block[504] != 0;
    }
    return blocks;
}

/// pax: "<length> size=<number>" counts instead of the header's field, which cannot hold more than 8 GiB.
std::optional<std::uint64_t> pax_size(Bytes content) {
    constexpr std::uint64_t kMostPax = 65536;
    for (const std::string_view line : lines_of(as_text(clipped(content, 0, kMostPax))))
        if (const std::size_t at = line.find(" size="); at != std::string_view::npos && line.substr(0, at).find_first_not_of("0123456789") == std::string_view::npos)
            return to_integer<std::uint64_t>(line.substr(at + 6));
    return std::nullopt;
}

/// The member at the start; nothing when there is no header. `size` overrides the header's.
std::optional<Member> member_of(Bytes bytes, std::optional<std::uint64_t> size) {
    const Bytes header = bytes.first(kBlock);
    if (!size)
        size = number(header.subspan(124, 12));
    if (!checksum_fits(header) || !size || *size > std::uint64_t{1} << 50U)
        return std::nullopt;
    Member member{.type = header[156], .name = std::string(until_nul(header.first(100)))};
    if (as_text(header.subspan(257, 6)) == std::string_view("ustar\0", 6) && header[345] != 0)
        member.name = fmt::format("{}/{}", until_nul(header.subspan(345, 155)), member.name);
    const std::string_view without_content = "123456";
    const std::uint64_t stored = without_content.contains(static_cast<char>(member.type)) ? 0 : *size;
    const std::uint64_t start = kBlock + (member.type == 'S' ? sparse_map_blocks(bytes) * kBlock : 0);
    member.content = clipped(bytes, start, stored);
    member.next = start + (stored + kBlock - 1) / kBlock * kBlock;
    return member;
}

}  // namespace

std::optional<FoundContainer> identify_tar(Bytes bytes) {
    std::uint64_t at = 0;
    std::uint64_t members = 0;
    bool ended = false;
    std::optional<std::uint64_t> size;
    BundleFacts facts;
    while (bytes.size() - at >= kBlock) {
        const Bytes block = bytes.subspan(at, kBlock);
        if (block[0] == 0 && is_zero(block)) {
            ended = true;
            break;
        }
        const auto member = member_of(bytes.subspan(at), size);
        if (!member)
            break;
        ++members;
        size = member->type == 'x' ? pax_size(member->content) : std::nullopt;
        if (!std::string_view("xgLK").contains(static_cast<char>(member->type)))
            facts.member(member->name, member->content);
        at = member->next > bytes.size() - at ? bytes.size() : at + member->next;
    }
    if (members == 0)
        return std::nullopt;
    // The end mark is two blocks, and then the record is filled up.
    for (std::uint64_t mark = 0; ended && (mark < 2 || at % kRecord != 0) && bytes.size() - at >= kBlock && is_zero(bytes.subspan(at, kBlock)); ++mark)
        at += kBlock;
    std::string description = facts.text();
    description += fmt::format("{}{} members{}", description.empty() ? "" : ", ", members, ended ? "" : ", cut off or without an end mark");
    return FoundContainer{.size = at, .description = std::move(description), .checked = true};
}

std::optional<FoundContainer> identify_old_tar(Bytes bytes) {
    // Without a magic the checksum is all there is. Some writers fill in the device fields behind the place where it would be.
    if (bytes.size() < kBlock || bytes[0] == 0 || !is_zero(bytes.subspan(257, 8)))
        return std::nullopt;
    return identify_tar(bytes);
}

namespace {

/// A Mender artifact's facts lie in an archive inside.
class MenderSink : public ForwardingSink {
public:
    using ForwardingSink::ForwardingSink;

    Result<void> begin(std::string_view path, const EntryInfo& info) override {
        header_ = path.starts_with("header.tar") || path.starts_with("./header.tar");
        return ForwardingSink::begin(path, info);
    }
    void commit(std::uint64_t size) override {
        constexpr std::uint64_t kMostHeader = std::uint64_t{16} << 20;
        if (header_ && content_.size() + size <= kMostHeader)
            content_.insert(content_.end(), room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(size));
        ForwardingSink::commit(size);
    }
    Result<void> end(std::string_view damage) override {
        if (header_)
            describe(mender_header(content_));
        header_ = false;
        return ForwardingSink::end(damage);
    }

private:
    bool header_ = false;
    Buffer content_;
};

bool is_mender(Bytes bytes) {
    const auto first = bytes.size() >= kBlock ? member_of(bytes, std::nullopt) : std::nullopt;
    BundleFacts facts;
    if (first)
        facts.member(first->name, first->content);
    return facts.text().starts_with("Mender");
}

}  // namespace

Result<void> read_tar(Bytes bytes, Share /*share*/, Sink& sink) {
    if (!is_mender(bytes))
        return read_with_libarchive(bytes, archive_read_support_format_tar, sink);
    MenderSink mender(sink);
    return read_with_libarchive(bytes, archive_read_support_format_tar, mender);
}

}  // namespace shirushi::unpack
