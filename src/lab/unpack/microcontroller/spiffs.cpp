#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "unpack/microcontroller/small_file_systems.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kPageHeader = 5;   // number, span, flags
constexpr std::uint64_t kIndexName = 13;   // in an index page: behind the header, three bytes of padding, size and type
constexpr std::uint64_t kNameSize = 32;
constexpr std::uint64_t kLeastBlocks = 3;  // whose marks must fit
constexpr std::uint16_t kIndexBit = 0x8000;
constexpr std::size_t kMostFiles = 32768;  // numbers have 15 bits

// Flags count where they are zero.
constexpr std::uint8_t kUsed = 1, kFinal = 2, kIndex = 4, kIndexDeleted = 64, kDeleted = 128;

struct Layout {
    std::uint64_t page = 0;
    std::uint64_t block = 0;
    std::uint64_t blocks = 0;

    [[nodiscard]] std::uint64_t pages() const { return block / page; }
    /// Pages at a block's start that list which number each of its pages has.
    [[nodiscard]] std::uint64_t lookup_pages() const { return std::max<std::uint64_t>(1, pages() * 2 / page); }
    /// The mark of a block says how many blocks there are from it on.
    [[nodiscard]] std::uint64_t mark_at(std::uint64_t number) const { return number * block + lookup_pages() * page - 4; }
};

/// All blocks that are there must carry the mark of this layout.
std::optional<Layout> layout_of(Bytes bytes) {
    for (const std::uint64_t page : {256U, 512U, 1024U, 128U})
        for (const std::uint64_t block : {4096U, 8192U, 16384U, 32768U, 65536U}) {
            Layout layout{.page = page, .block = block};
            const Bytes first = clipped(bytes, layout.mark_at(0), 2);
            if (first.size() < 2 || block / page < 4)
                continue;
            const auto key = static_cast<std::uint16_t>(0x20140529U ^ page);
            layout.blocks = std::uint64_t{load_le<std::uint16_t>(first.data())} ^ key;
            const std::uint64_t there = std::min(layout.blocks, bytes.size() / block);
            bool fits = there >= kLeastBlocks;
            for (std::uint64_t i = 0; i < there && fits; ++i)
                fits = (std::uint64_t{load_le<std::uint16_t>(bytes.data() + layout.mark_at(i))} ^ key) == layout.blocks - i;
            if (fits)
                return layout;
        }
    return std::nullopt;
}

struct Object {
    std::string name;
    std::uint32_t size = 0;
    bool named = false;
    std::map<std::uint16_t, Bytes> pages;  // content by span
};

class SpiffsReader {
public:
    SpiffsReader(Bytes bytes, const Layout& layout) : bytes_(bytes), layout_(layout) {}

    Result<void> read(Sink& sink) {
        for (std::uint64_t block = 0; block < layout_.blocks && block * layout_.block < bytes_.size(); ++block)
            read_block(clipped(bytes_, block * layout_.block, layout_.block));
        std::uint64_t nameless = 0;
        for (const auto& [number, object] : objects_) {
            if (object.named)
                TRY(hand_out(object, sink));
            else
                ++nameless;
        }
        sink.describe(fmt::format("{} files{}", objects_.size() - nameless, nameless == 0 ? "" : fmt::format(", parts of {} files without a name", nameless)));
        if (nameless != 0)
            return fail(Errc::bad_input, fmt::format("the names and sizes of {} files are lost", nameless));
        return {};
    }

private:
    void read_block(Bytes block) {
        for (std::uint64_t i = layout_.lookup_pages(); i < layout_.pages(); ++i) {
            const Bytes entry = clipped(block, (i - layout_.lookup_pages()) * 2, 2);
            const Bytes page = clipped(block, i * layout_.page, layout_.page);
            if (entry.size() < 2 || page.size() < layout_.page)
                return;
            const auto number = load_le<std::uint16_t>(entry.data());
            if (number != 0 && number != 0xffff && number == load_le<std::uint16_t>(page.data()))
                read_page(number, page);
        }
    }

    void read_page(std::uint16_t number, Bytes page) {
        const auto span = load_le<std::uint16_t>(page.data() + 2);
        const std::uint8_t flags = page[4];
        const auto own = static_cast<std::uint16_t>(number & ~kIndexBit);
        if (!objects_.contains(own) && objects_.size() >= kMostFiles)
            return;
        if ((flags & (kUsed | kDeleted)) != kDeleted)
            return;
        if ((number & kIndexBit) == 0) {
            if ((flags & kIndex) != 0)
                objects_[own].pages[span] = page.subspan(kPageHeader);
        } else if (span == 0 && (flags & (kIndex | kIndexDeleted | kFinal)) == kIndexDeleted) {
            Object& object = objects_[own];
            const std::string_view name = as_text(page.subspan(kIndexName, kNameSize));
            object.name = name.substr(0, name.find('\0'));
            object.size = load_le<std::uint32_t>(page.data() + 8);
            object.named = !object.name.empty();
        }
    }

    Result<void> hand_out(const Object& object, Sink& sink) const {
        TRY(sink.begin(object.name, {.mode = 0644}));
        const std::uint64_t room = layout_.page - kPageHeader;
        // A file that was never closed has no size: then all its pages count.
        const bool closed = object.size != 0xffffffff;
        const std::uint64_t size = closed ? object.size : object.pages.size() * room;
        std::uint64_t written = 0;
        for (std::uint64_t span = 0; written < size; ++span) {
            const auto page = span > 0xffff ? object.pages.end() : object.pages.find(static_cast<std::uint16_t>(span));
            if (page == object.pages.end())
                return sink.end(cut_off(written, size));
            const Bytes content = clipped(page->second, 0, size - written);
            TRY(sink.write(content));
            written += content.size();
        }
        return sink.end(closed ? "" : "it was never closed: its last bytes may not belong to it");
    }

    Bytes bytes_;
    Layout layout_;
    std::map<std::uint16_t, Object> objects_;
};

}  // namespace

std::optional<FoundContainer> identify_spiffs(Bytes bytes) {
    const auto layout = layout_of(bytes);
    if (!layout)
        return std::nullopt;
    const std::uint64_t size = layout->block * layout->blocks;
    FoundContainer found{.size = std::min<std::uint64_t>(size, bytes.size()), .checked = true};
    found.description = fmt::format("{} blocks of {} bytes, pages of {}", layout->blocks, layout->block, layout->page);
    if (size > bytes.size())
        found.description += ", " + cut_off(bytes.size(), size);
    return found;
}

Result<void> read_spiffs(Bytes bytes, Share share, Sink& sink) {
    const auto layout = layout_of(bytes);
    if (!layout)
        return fail(Errc::bad_input, "not a SPIFFS after all");
    if (share.index != 0)
        return {};
    return SpiffsReader(bytes, *layout).read(sink);
}

}  // namespace shirushi::unpack
