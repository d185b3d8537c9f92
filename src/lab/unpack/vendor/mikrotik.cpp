// MikroTik's packages (NPK): magic, size of all that follows, parts of type, size and data, little endian. Types and the items inside a
// part of files (a zlib stream): npkpy (botlabsDev/npkpy), npk.c of Sergey Ryazanov, elseif's MikroTikPatch.

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/vendor/decoded_images.hpp"
#include "unpack/vendor/vendor_image.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 8;
constexpr std::uint64_t kPartHeader = 6;
constexpr std::size_t kMostParts = 1024;
constexpr unsigned kPackage = 1;
constexpr unsigned kFiles = 4;
constexpr unsigned kArchitecture = 16;
constexpr unsigned kLargestType = 64;
constexpr std::uint64_t kItemHeader = 30;
constexpr std::uint64_t kMostInflated = std::uint64_t{256} << 20;  // packages have a few megabytes of files outside of SquashFS

struct NpkPart {
    unsigned type = 0;
    Bytes data;
};

std::string name_of(unsigned type) {
    constexpr std::array<std::string_view, 26> kNames{"",
                                                      "package",
                                                      "description",
                                                      "dependencies",
                                                      "files",
                                                      "install-script",
                                                      "uninstall-script",
                                                      "",
                                                      "",
                                                      "signature",
                                                      "",
                                                      "",
                                                      "",
                                                      "",
                                                      "",
                                                      "",
                                                      "architecture",
                                                      "conflicts",
                                                      "package-info",
                                                      "part-features",
                                                      "package-features",
                                                      "squashfs",
                                                      "padding",
                                                      "commit",
                                                      "channel",
                                                      "header"};
    return type < kNames.size() && !kNames.at(type).empty() ? std::string(kNames.at(type)) : fmt::format("part-type{}", type);
}

/// All parts up to the end, or to where the bytes end; nothing when they do not fit one another.
std::optional<std::vector<NpkPart>> parts_of(Bytes bytes) {
    const std::uint64_t end = kHeader + std::uint64_t{le32(bytes, 4)};
    std::vector<NpkPart> parts;
    for (std::uint64_t at = kHeader; at < end && at < bytes.size();) {
        const std::uint64_t size = le32(bytes, at + 2);
        if (bytes.size() - at < kPartHeader)
            break;
        if (end - at < kPartHeader + size || le16(bytes, at) > kLargestType || parts.size() == kMostParts)
            return std::nullopt;
        parts.push_back({le16(bytes, at), clipped(bytes, at + kPartHeader, size)});
        at += kPartHeader + size;
    }
    return parts;
}

Result<Buffer> inflated(Bytes from) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK)
        return fail(Errc::internal, "zlib could not start");
    Buffer to;
    stream.next_in = const_cast<Bytef*>(from.data());
    stream.avail_in = static_cast<uInt>(from.size());
    int state = Z_OK;
    while (state == Z_OK && to.size() < kMostInflated) {
        const std::size_t before = to.size();
        to.resize(before + kStreamChunk);
        stream.next_out = to.data() + before;
        stream.avail_out = static_cast<uInt>(kStreamChunk);
        state = inflate(&stream, Z_NO_FLUSH);
        to.resize(to.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    if (state == Z_OK)
        return fail(Errc::limit, "its files are larger than any package has");
    if (to.empty())
        return fail(Errc::bad_input, "its files are no zlib stream");
    return to;
}

EntryInfo info_of(Bytes item, Bytes content) {
    constexpr unsigned kKind = 0170000;
    const unsigned mode = le16(item, 0);
    EntryInfo info{.mode = mode & 07777U, .modified = le32(item, 8)};
    if ((mode & kKind) == 0040000)
        info.kind = FileKind::directory;
    if ((mode & kKind) == 0120000) {
        info.kind = FileKind::symlink;
        info.target = printable(as_text(content));
    }
    return info;
}

/// Items: mode, owner, time, version, time, sizes of data and name; then name and data.
Result<void> hand_out_files(Bytes files, Sink& sink) {
    std::uint64_t at = 0;
    while (files.size() - at >= kItemHeader) {
        const Bytes item = files.subspan(at, kItemHeader);
        const std::uint64_t size = le32(item, 24);
        const std::uint64_t length = le16(item, 28);
        const Bytes name = clipped(files, at + kItemHeader, length);
        const Bytes content = clipped(files, at + kItemHeader + length, size);
        if (name.size() < length || length == 0)
            break;
        EntryInfo info = info_of(item, content);
        const bool with_content = info.kind == FileKind::regular;
        TRY(sink.begin(as_text(name), info));
        TRY(sink.write(with_content ? content : Bytes()));
        TRY(sink.end(content.size() < size ? cut_off(content.size(), size) : ""));
        at += kItemHeader + length + size;
        if (at > files.size())
            return {};
    }
    return at == files.size() ? Result<void>()
                              : fail(Errc::bad_input, fmt::format("the list of files ends after {} of {} bytes", at, files.size()));
}

}  // namespace

std::optional<FoundContainer> identify_npk(Bytes bytes) {
    const auto parts = stands_at(bytes, 0, "\x1e\xf1\xd0\xba") ? parts_of(bytes) : std::nullopt;
    if (!parts || parts->empty())
        return std::nullopt;
    VendorImage image{
        .size = kHeader + std::uint64_t{le32(bytes, 4)}, .description = fmt::format("MikroTik, {} parts", parts->size()), .checked = true};
    for (const NpkPart& part : *parts) {
        if (part.type == kPackage && part.data.size() >= 20)
            image.description += fmt::format(", {} {}.{}.{}", field_text(part.data, 0, 16), part.data[19], part.data[18], part.data[16]);
        if (part.type == kArchitecture)
            image.description += ", for " + field_text(part.data, 0, 32);
    }
    return identify_vendor_image(std::move(image), bytes.size());
}

Result<void> read_npk(Bytes bytes, Share share, Sink& sink) {
    const auto parts = share.index == 0 ? parts_of(bytes) : std::nullopt;
    std::uint64_t stated = kHeader;
    std::string faults;
    for (std::size_t i = 0; parts && i < parts->size(); ++i) {
        const NpkPart& part = (*parts)[i];
        const std::uint64_t size = le32(bytes, stated + 2);
        stated += kPartHeader + size;
        if (part.type == kFiles) {
            const auto files = inflated(part.data);
            const auto read = files ? hand_out_files(*files, sink) : Result<void>(std::unexpected(files.error()));
            if (!read && read.error().code == Errc::limit)
                return read;
            if (!read)
                add_fault(faults, read.error().message);
            if (files)
                continue;
        }
        const bool doubled = std::ranges::any_of(std::span(*parts).first(i), [&](const NpkPart& other) { return other.type == part.type; });
        TRY(sink.begin_stream(doubled ? fmt::format("{}-{}", name_of(part.type), i) : name_of(part.type), ""));
        TRY(sink.write(part.data));
        TRY(sink.end(part.data.size() < size ? cut_off(part.data.size(), size) : ""));
    }
    return faults.empty() ? Result<void>() : fail(Errc::bad_input, faults);
}

}  // namespace shirushi::unpack
