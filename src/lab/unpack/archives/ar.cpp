#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/archives/archives.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::string_view kMagic = "!<arch>\n";
constexpr std::uint64_t kHeader = 60;

struct Member {
    std::string_view name;  // as it stands in the header, without blanks behind
    EntryInfo info;
    std::uint64_t stated_size = 0;
    Bytes content;
    std::uint64_t next = 0;
};

std::optional<Member> member_at(Bytes bytes, std::uint64_t at) {
    const Bytes header = clipped(bytes, at, kHeader);
    if (header.size() < kHeader || as_text(header.last(2)) != "`\n")
        return std::nullopt;
    const auto field = [&](std::size_t offset, std::size_t size) { return trimmed(as_text(header.subspan(offset, size))); };
    const auto size = to_integer<std::uint64_t>(field(48, 10));
    if (!size)
        return std::nullopt;
    Member member{.name = field(0, 16), .stated_size = *size, .content = clipped(bytes, at + kHeader, *size), .next = at + kHeader + *size + *size % 2};
    member.info.modified = to_integer<std::int64_t>(field(16, 12)).value_or(0);
    member.info.uid = to_integer<std::uint32_t>(field(28, 6)).value_or(0);
    member.info.gid = to_integer<std::uint32_t>(field(34, 6)).value_or(0);
    member.info.mode = to_integer<std::uint32_t>(field(40, 8), 8).value_or(0644) & 07777U;
    return member;
}

/// GNU: "/123" points into the member "//"; BSD: "#1/8" means that the first 8 bytes of the content are the name.
std::string_view full_name(Member& member, std::string_view long_names) {
    const std::string_view name = member.name;
    if (name.starts_with("#1/")) {
        const std::uint64_t size = std::min<std::uint64_t>(to_integer<std::uint64_t>(name.substr(3)).value_or(0), member.content.size());
        const std::string_view real = as_text(member.content.first(size));
        member.content = member.content.subspan(size);
        member.stated_size -= size;
        return real.substr(0, real.find('\0'));
    }
    if (name.size() > 1 && name[0] == '/' && to_integer<std::uint64_t>(name.substr(1))) {
        const std::uint64_t offset = *to_integer<std::uint64_t>(name.substr(1));
        const std::string_view rest = offset < long_names.size() ? long_names.substr(offset) : std::string_view();
        const std::string_view line = rest.substr(0, std::min(rest.find('\n'), std::size_t{4096}));
        return line.ends_with('/') ? line.substr(0, line.size() - 1) : line;
    }
    return name.size() > 1 && name.ends_with('/') ? name.substr(0, name.size() - 1) : name;
}

}  // namespace

std::optional<FoundContainer> identify_ar(Bytes bytes) {
    std::uint64_t at = kMagic.size();
    std::uint64_t members = 0;
    bool debian = false;
    bool cut_off = false;
    while (const auto member = member_at(bytes, at)) {
        debian = debian || (members == 0 && member->name.starts_with("debian-binary"));
        ++members;
        cut_off = member->content.size() < member->stated_size;
        at = std::min<std::uint64_t>(member->next, bytes.size());
    }
    if (members == 0)
        return std::nullopt;
    return FoundContainer{.size = at, .description = fmt::format("{}{} members{}", debian ? "Debian package, " : "", members, cut_off ? ", cut off" : ""), .checked = !cut_off};
}

Result<void> read_ar(Bytes bytes, Share /*share*/, Sink& sink) {
    std::string_view long_names;
    std::uint64_t at = kMagic.size();
    while (auto member = member_at(bytes, at)) {
        at = member->next;
        if (member->name == "//") {
            long_names = as_text(member->content);
            continue;
        }
        if (member->name == "/" || member->name == "/SYM64/")
            continue;  // symbol tables for the linker
        const std::string_view name = full_name(*member, long_names);
        TRY(sink.begin(name.empty() ? "unnamed" : name, member->info));
        TRY(sink.write(member->content));
        const bool whole = member->content.size() == member->stated_size;
        TRY(sink.end(whole ? "" : cut_off(member->content.size(), member->stated_size)));
    }
    if (at < bytes.size())
        return fail(Errc::bad_input, fmt::format("the ar archive breaks off at 0x{:x}", at));
    return {};
}

}  // namespace shirushi::unpack
