#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/plain_tree.hpp"
#include "unpack/filesystems/small_filesystems.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::string_view magic = "-rom1fs-";
constexpr std::uint64_t alignment = 16;
constexpr std::uint64_t summed_at_start = 512;
constexpr std::uint64_t longest_text = 4096;      // of a name or a link's target: Linux would not follow a longer one
constexpr unsigned most_hops = 16;                // hard links lead to a file; links to links are hostile
constexpr std::size_t piece_size = std::size_t{1} << 20;

struct Superblock {
    std::uint64_t size = 0;
    std::string volume;
    std::uint64_t root = 0;  ///< the first header
};

/// romfs's check sum: 32-bit words that add up to zero.
bool adds_up(Bytes bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4)
        sum += load_be<std::uint32_t>(bytes.data() + i);
    return sum == 0;
}

std::uint64_t aligned(std::uint64_t offset) { return (offset + alignment - 1) / alignment * alignment; }

/// Text up to its NUL.
Result<std::string_view> text_at(Bytes image, std::uint64_t at) {
    const std::string_view text = as_text(clipped(image, at, longest_text));
    const std::size_t end = text.find('\0');
    if (end == std::string_view::npos)
        return fail(Errc::bad_input, fmt::format("a name at {:#x} does not end", at));
    return text.substr(0, end);
}

Result<Superblock> read_superblock(Bytes image) {
    Superblock block;
    const Bytes raw = TRY(slice(image, 0, 32));
    if (as_text(raw.first(8)) != magic)
        return fail(Errc::bad_input, "no romfs magic");
    block.size = load_be<std::uint32_t>(raw.data() + 8);
    const std::string_view volume = TRY(text_at(image, 16));
    block.volume = volume;
    block.root = aligned(16 + volume.size() + 1);
    if (block.size < block.root + alignment)
        return fail(Errc::bad_input, "the size cannot be");
    return block;
}

/// A file's header. What `info` means depends on the type.
struct Header {
    std::uint64_t at = 0;
    unsigned type = 0;
    bool executable = false;
    std::uint64_t next = 0;
    std::uint32_t info = 0;
    std::uint32_t size = 0;
    std::string_view name;  ///< borrowed from the image
    std::uint64_t data = 0;
    bool whole = false;  ///< the check sum holds
};

class Romfs : public PlainTree {
public:
    explicit Romfs(Bytes image) : image_(image) {}

    Result<Node> node(std::uint64_t number) override;
    Result<void> listing(std::uint64_t number, const std::function<bool(std::string_view, std::uint64_t)>& each) override;
    Result<std::string> content(std::uint64_t number, Sink& sink) override;

private:
    Result<Header> header(std::uint64_t at);
    Result<Header> linked(std::uint64_t at);

    Bytes image_;
    std::size_t headers_left_ = most_entries * 2;  ///< in listings: chains of many directories may run through the same headers
};

Result<Header> Romfs::header(std::uint64_t at) {
    const Bytes raw = TRY_WITHIN("header", slice(image_, at, alignment));
    const std::uint32_t next = load_be<std::uint32_t>(raw.data());
    Header header{.at = at, .type = next & 7U, .executable = (next & 8U) != 0, .next = next & ~15U, .info = load_be<std::uint32_t>(raw.data() + 4),
                  .size = load_be<std::uint32_t>(raw.data() + 8)};
    header.name = TRY_WITHIN("header", text_at(image_, at + alignment));
    header.data = aligned(at + alignment + header.name.size() + 1);
    header.whole = adds_up(clipped(image_, at, header.data - at));
    return header;
}

/// The header that a hard link leads to.
Result<Header> Romfs::linked(std::uint64_t at) {
    constexpr unsigned hard_link = 0;
    Header found = TRY(header(at));
    for (unsigned hop = 0; found.type == hard_link; ++hop) {
        if (hop == most_hops)
            return fail(Errc::bad_input, "a hard link that leads to hard links only");
        found = TRY_WITHIN("where a hard link leads", header(found.info & ~15U));
    }
    return found;
}

Result<PlainTree::Node> Romfs::node(std::uint64_t number) {
    const Header at = TRY(linked(number));
    Node node;
    const std::uint32_t execution = at.executable ? 0111 : 0;
    // The modes that Linux gives them.
    switch (at.type) {
        case 1: node.info = {.kind = FileKind::directory, .mode = 0644 | execution}; break;
        case 2: node.info = {.kind = FileKind::regular, .mode = 0644 | execution}; break;
        case 3: node.info = {.kind = FileKind::symlink, .mode = 0777}; break;
        case 4: node.info = {.kind = FileKind::block_device, .mode = 0600}; break;
        case 5: node.info = {.kind = FileKind::character_device, .mode = 0600}; break;
        case 6: node.info = {.kind = FileKind::socket, .mode = 0644}; break;
        default: node.info = {.kind = FileKind::fifo, .mode = 0644}; break;
    }
    if (!at.whole)
        node.damage = fmt::format("the check sum of its header at {:#x} does not hold", at.at);
    if (node.info.kind == FileKind::symlink) {
        const auto target = slice(image_, at.data, at.size);
        if (target && at.size <= longest_text)
            node.info.target = printable(as_text(*target));
        else if (node.damage.empty())
            node.damage = target ? fmt::format("its target is {} bytes long", at.size) : target.error().message;
    }
    return node;
}

Result<void> Romfs::listing(std::uint64_t number, const std::function<bool(std::string_view, std::uint64_t)>& each) {
    const Header directory = TRY(linked(number));
    std::uint64_t at = directory.info & ~15U;
    // Headers lie on their own 16 bytes each: a chain with more of them runs in a circle.
    for (std::uint64_t left = image_.size() / alignment; at != 0; --left, --headers_left_) {
        if (left == 0 || headers_left_ == 0)
            return fail(Errc::bad_input, "its chain of entries has no end");
        const Header entry = TRY(header(at));
        if (entry.name != "." && entry.name != ".." && !each(entry.name, at))
            return {};
        at = entry.next;
    }
    return {};
}

Result<std::string> Romfs::content(std::uint64_t number, Sink& sink) {
    const auto file = linked(number);
    if (!file)
        return file.error().message;
    const Bytes there = clipped(image_, file->data, file->size);
    for (std::size_t done = 0; done < there.size(); done += piece_size)
        TRY(sink.write(clipped(there, done, piece_size)));
    if (there.size() < file->size)
        return fmt::format("ends after {} of {} bytes: the rest lies beyond the end of the image", there.size(), file->size);
    return std::string();
}

}  // namespace

std::optional<FoundContainer> identify_romfs(Bytes at) {
    const auto block = read_superblock(at);
    if (!block)
        return std::nullopt;
    const std::uint64_t summed = std::min(block->size, summed_at_start);
    const bool complete = at.size() >= summed;
    if (complete && !adds_up(at.first(summed)))
        return std::nullopt;
    FoundContainer found{.size = std::min<std::uint64_t>(block->size, at.size()), .description = "romfs", .checked = complete};
    if (!block->volume.empty())
        found.description += fmt::format(", volume \"{}\"", excerpt(block->volume, 60));
    if (block->size > at.size())
        found.description += ", " + cut_off(at.size(), block->size);
    return found;
}

Result<void> read_romfs(Bytes bytes, Share share, Sink& sink) {
    const Superblock block = TRY_WITHIN("romfs superblock", read_superblock(bytes));
    if (share.index != 0)
        return {};
    Romfs image(clipped(bytes, 0, block.size));
    return hand_out_tree(image, block.root, sink);
}

}  // namespace shirushi::unpack
