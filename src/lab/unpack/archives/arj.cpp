// ARJ: a main header, then a header and the content of each member; every header and every content has its checksum.

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "unpack/archives/archives.hpp"
#include "unpack/filesystems/dos_time.hpp"
#include "unpack/streams/lzh_blocks.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint16_t kId = 0xea60;
constexpr std::uint64_t kLeastHeader = 30;   // the fixed fields
constexpr std::uint64_t kMostHeader = 2600;  // ARJ's own ceiling
constexpr unsigned kMostExtensions = 64;     // of one header; today's writers make none
constexpr std::size_t kWindow = 32768;       // methods 1 to 4 reach back 26,624 bytes

enum Flag : std::uint8_t { garbled = 1, goes_on = 4, began_before = 8, slashes = 16 };
enum class Type : std::uint8_t { binary, text, main, directory, label, chapter, special };
enum class Special : std::uint8_t { fifo, hard_link, symlink, block_device, character_device };  // what Unix has besides

/// A header as it stands; the main one, too.
struct Header {
    std::uint8_t system = 0;
    std::uint8_t flags = 0;
    std::uint8_t method = 0;
    Type type = Type::binary;
    std::uint32_t modified = 0;
    std::uint32_t packed = 0;
    std::uint32_t size = 0;
    std::uint32_t checksum = 0;
    std::uint16_t mode = 0;
    std::string_view name;
    Bytes special;             // of type special: the block that says what it is
    std::uint64_t extent = 0;  // of the header with what extends it: there the content begins
};

std::uint32_t checksum(std::uint32_t before, Bytes bytes) { return static_cast<std::uint32_t>(crc32_z(before, bytes.data(), bytes.size())); }

/// What extends a header, each with its checksum; a size of 0 ends them. False when one does not fit.
bool add_extensions(Header& header, Bytes bytes) {
    for (unsigned i = 0; i < kMostExtensions; ++i) {
        const Bytes field = clipped(bytes, header.extent, 2);
        if (field.size() < 2)
            return false;
        const std::uint64_t size = load_le<std::uint16_t>(field.data());
        header.extent += 2;
        if (size == 0)
            return true;
        const Bytes extension = clipped(bytes, header.extent, size);
        const Bytes sum = clipped(bytes, header.extent + size, 4);
        if (sum.size() < 4 || load_le<std::uint32_t>(sum.data()) != checksum(0, extension))
            return false;
        if (size > 2 && extension[0] == 'U')  // then a byte that says whether it goes on in the next volume
            header.special = extension.subspan(2);
        header.extent += size + 4;
    }
    return false;
}

/// Size, fields, CRC-32; nothing where the checksum does not fit, which also goes for what extends the header.
std::optional<Header> header_at(Bytes bytes, std::uint64_t at) {
    bytes = clipped(bytes, at, bytes.size());
    if (bytes.size() < 4 + kLeastHeader + 6 || load_le<std::uint16_t>(bytes.data()) != kId)
        return std::nullopt;
    const std::uint64_t size = load_le<std::uint16_t>(bytes.data() + 2);
    const Bytes body = clipped(bytes, 4, size);
    const std::uint64_t fixed = body[0];
    if (size < kLeastHeader || size > kMostHeader || bytes.size() < 4 + size + 6 || fixed < kLeastHeader || fixed > size || load_le<std::uint32_t>(bytes.data() + 4 + size) != checksum(0, body))
        return std::nullopt;
    Header header{.system = body[3], .flags = body[4], .method = body[5], .type = Type{body[6]}};
    header.modified = load_le<std::uint32_t>(body.data() + 8);
    header.packed = load_le<std::uint32_t>(body.data() + 12);
    header.size = load_le<std::uint32_t>(body.data() + 16);
    header.checksum = load_le<std::uint32_t>(body.data() + 20);
    header.mode = load_le<std::uint16_t>(body.data() + 26);
    const std::string_view texts = as_text(body.subspan(fixed));
    header.name = texts.substr(0, texts.find('\0'));
    header.extent = 4 + size + 4;
    return add_extensions(header, bytes) ? std::optional(header) : std::nullopt;
}

bool ends_at(Bytes bytes, std::uint64_t at) {
    const Bytes mark = clipped(bytes, at, 4);
    return mark.size() == 4 && load_le<std::uint32_t>(mark.data()) == kId;  // a header of size 0
}

bool is_file(const Header& header) { return header.type == Type::binary || header.type == Type::text; }

/// The time is that of the system the archive was made on.
std::int64_t time_of(const Header& header) {
    constexpr std::uint8_t kUnix = 2;
    constexpr std::uint8_t kNext = 8;
    if (header.system == kUnix || header.system == kNext)
        return header.modified;
    return seconds_of_dos_time(static_cast<std::uint16_t>(header.modified >> 16U), static_cast<std::uint16_t>(header.modified));
}

std::string path_of(const Header& header) {
    std::string path(header.name);
    if ((header.flags & slashes) == 0)
        std::ranges::replace(path, '\\', '/');
    return path.empty() ? "unnamed" : path;
}

/// Method 4: each number is a width in unary, then so many bits.
std::uint32_t stepped_number(HighBits& bits, unsigned least, unsigned most) {
    std::uint32_t base = 0;
    unsigned width = least;
    for (; width < most && bits.take(1) != 0; ++width)
        base += std::uint32_t{1} << width;
    return base + bits.take(width);
}

class FastestMethod {
public:
    explicit FastestMethod(Bytes bytes) : bits_(bytes) {}

    /// As LzhBlocks::run().
    Result<void> run(Buffer& output, std::uint64_t size) {
        while (output.size() < size) {
            for (; left_ != 0 && output.size() < size; --left_)
                output.push_back(output[output.size() - distance_]);
            if (output.size() >= size)
                break;
            const std::uint32_t length = stepped_number(bits_, 0, 7);
            if (length == 0) {
                output.push_back(static_cast<std::uint8_t>(bits_.take(8)));
            } else {
                left_ = length + 2;
                distance_ = stepped_number(bits_, 9, 13) + 1;
            }
            if (bits_.past_end() || (left_ != 0 && distance_ > output.size()))
                return fail(Errc::bad_input, "it is damaged or cut off");
        }
        return {};
    }

private:
    HighBits bits_;
    std::uint32_t left_ = 0;
    std::size_t distance_ = 0;
};

/// Hands out the member in steps, with no more of it in memory than the window and a step. What is wrong with it, or nothing.
template <class Method>
Result<std::string> unpack_member(const Header& header, Method method, Sink& sink) {
    Buffer output;
    std::uint32_t sum = 0;
    for (std::uint64_t done = 0; done < header.size;) {
        const std::size_t before = output.size();
        const auto made = method.run(output, before + std::min<std::uint64_t>(kStreamChunk, header.size - done));
        const Bytes fresh = Bytes(output).subspan(before);
        TRY(sink.write(fresh));
        sum = checksum(sum, fresh);
        done += fresh.size();
        if (!made)
            return fmt::format("{} after {} of {} bytes", made.error().message, done, header.size);
        if (output.size() > kWindow)
            output.erase(output.begin(), output.end() - static_cast<std::ptrdiff_t>(kWindow));
    }
    return sum == header.checksum ? "" : "its checksum does not match";
}

Result<std::string> write_content(const Header& header, Bytes content, Sink& sink) {
    if ((header.flags & garbled) != 0)
        return "it is encrypted (garbled, as ARJ calls it)";
    std::string damage;
    if (header.method == 0) {
        TRY(sink.write(content));
        damage = content.size() < header.packed ? cut_off(content.size(), header.packed) : checksum(0, content) != header.checksum ? "its checksum does not match" : "";
    } else if (header.method <= 3) {
        damage = TRY(unpack_member(header, LzhBlocks(content, 5), sink));
    } else if (header.method == 4) {
        damage = TRY(unpack_member(header, FastestMethod(content), sink));
    } else {
        return fmt::format("its method {} is not known", header.method);
    }
    if (damage.empty() && (header.flags & (goes_on | began_before)) != 0)
        return "it is a piece of a file that is split over several archives";
    return damage;
}

class Reading {
public:
    Reading(Bytes bytes, Sink& sink) : bytes_(bytes), sink_(sink) {}

    Result<void> run(std::uint64_t at) {
        while (const auto header = header_at(bytes_, at)) {
            if (header->type == Type::main)
                break;
            TRY(member(*header, clipped(bytes_, at + header->extent, header->packed)));
            at += header->extent + header->packed;
        }
        if (!ends_at(bytes_, at))
            return fail(Errc::bad_input, fmt::format("the archive breaks off at 0x{:x}", std::min<std::uint64_t>(at, bytes_.size())));
        return {};
    }

private:
    struct Member {
        Header header;
        Bytes content;
    };

    Result<void> member(const Header& header, Bytes content) {
        EntryInfo info{.mode = header.mode & 07777U, .modified = time_of(header)};
        if (header.type == Type::special)
            return special(header, info);
        if (header.type == Type::directory) {
            info.kind = FileKind::directory;
            TRY(sink_.begin(path_of(header), info));
            return sink_.end("");
        }
        if (!is_file(header))
            return {};  // a volume's label and marks of chapters
        files_.insert_or_assign(path_of(header), Member{header, content});
        TRY(sink_.begin(path_of(header), info));
        const std::string damage = TRY(write_content(header, content, sink_));
        return sink_.end(damage);
    }

    /// A byte with kind and size, or the size behind it where that is longer; then where a link leads.
    Result<void> special(const Header& header, EntryInfo& info) {
        constexpr std::array kKinds{FileKind::fifo, FileKind::regular, FileKind::symlink, FileKind::block_device, FileKind::character_device};
        const Bytes block = header.special;
        const std::size_t kind = block.empty() ? kKinds.size() : block[0] >> 5U;
        const bool longer = !block.empty() && (block[0] & 31U) == 31 && block.size() >= 3;
        const std::string target(as_text(longer ? clipped(block, 3, load_le<std::uint16_t>(block.data() + 1)) : clipped(block, 1, block.empty() ? 0 : block[0] & 31U)));
        if (kind < kKinds.size())
            info.kind = kKinds.at(kind);
        if (info.kind == FileKind::symlink)
            info.target = target;
        TRY(sink_.begin(path_of(header), info));
        if (kind >= kKinds.size())
            return sink_.end("it is a special file of an unknown kind");
        if (Special{static_cast<std::uint8_t>(kind)} != Special::hard_link)
            return sink_.end("");
        const auto original = files_.find(target.starts_with("./") ? target.substr(2) : target);
        if (original == files_.end())
            return sink_.end("it is a hard link to something that is not in the archive");
        const std::string damage = TRY(write_content(original->second.header, original->second.content, sink_));
        return sink_.end(damage);
    }

    Bytes bytes_;
    Sink& sink_;
    std::unordered_map<std::string, Member> files_;
};

}  // namespace

std::optional<FoundContainer> identify_arj(Bytes bytes) {
    const auto main = header_at(bytes, 0);
    if (!main || main->type != Type::main)
        return std::nullopt;
    FoundContainer found{.size = main->extent, .checked = true};
    std::uint64_t files = 0;
    std::uint64_t filled = 0;
    std::uint64_t secret = 0;
    bool cut = false;
    while (!cut) {
        const auto header = header_at(bytes, found.size);
        if (!header || header->type == Type::main)
            break;
        files += is_file(*header) ? 1 : 0;
        filled += header->packed != 0 ? 1 : 0;
        secret += header->packed != 0 && (header->flags & garbled) != 0 ? 1 : 0;
        cut = header->packed > bytes.size() - found.size - header->extent;
        found.size = cut ? bytes.size() : found.size + header->extent + header->packed;
    }
    const bool ended = !cut && ends_at(bytes, found.size);
    found.size += ended ? 4 : 0;
    found.description = fmt::format("{} files{}{}", files, (main->flags & goes_on) != 0 ? ", one volume of several" : "", ended ? "" : ", cut off or without an end mark");
    if (secret != 0 && secret == filled)
        found.encrypted = "every file is garbled, as ARJ's headers say";
    else if (secret != 0)
        found.description += fmt::format(", {} encrypted", secret);
    return found;
}

Result<void> read_arj(Bytes bytes, Share /*share*/, Sink& sink) {
    const auto main = header_at(bytes, 0);
    if (!main)
        return fail(Errc::bad_input, "the archive's first header is damaged");
    return Reading(bytes, sink).run(main->extent);
}

}  // namespace shirushi::unpack
