#include "unpack/filesystems/yaffs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "unpack/filesystems/inode_tree.hpp"
#include "unpack/filesystems/yaffs_layout.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint32_t root_object = 1;
constexpr std::uint32_t lost_and_found = 2;  // a directory that need not have a header
constexpr std::uint32_t unlinked = 3;        // parents of what is deleted
constexpr std::uint32_t deleted = 4;
constexpr std::uint64_t most_hole_bytes = std::uint64_t{256} << 20;  // of one file, beyond what the image could hold
constexpr std::uint64_t smallest_dump = std::uint64_t{128} << 10;    // an erase block: 64 pages of 2048 bytes
constexpr std::uint64_t piece_pages = 256;                           // asked of the sink at a time

/// Pages are ordered by their block's sequence number, and in a block by place.
struct Page {
    std::uint32_t object = 0;
    std::uint32_t chunk = 0;
    std::uint64_t age = 0;  // greater is newer
    std::uint64_t at = 0;
    std::uint32_t size = 0;
    auto operator<=>(const Page&) const = default;
};

struct Cut {
    std::uint64_t age = 0;
    std::uint64_t size = 0;  // after settle(): the smallest of this and all newer ones
};

struct Object {
    std::uint64_t at = 0;  // of its newest header
    std::uint64_t age = 0;
    std::uint32_t parent = 0;
};

struct Child {
    std::uint32_t parent = 0;
    std::string name;
    std::uint32_t object = 0;
    auto operator<=>(const Child&) const = default;
};

class YaffsReader : public InodeSource {
public:
    YaffsReader(Bytes bytes, const YaffsLayout& layout) : bytes_(bytes), layout_(layout) {}

    Result<void> run(Sink& sink);

    InodeFacts inode(std::uint64_t number) override;
    std::vector<NamedInode> list(std::uint64_t number, std::string& damage) override;
    Result<void> content(std::uint64_t number, Sink& sink, std::string& damage) override;

private:
    void collect();
    void add_header(const YaffsTags& tags, const YaffsHeader& header, std::uint64_t age, std::uint64_t at);
    void settle();
    void name_objects();
    [[nodiscard]] bool is_deleted(std::uint32_t object) const;
    [[nodiscard]] std::optional<YaffsHeader> header_of(std::uint64_t number) const;
    [[nodiscard]] std::uint64_t resolved(std::uint64_t number) const;
    [[nodiscard]] std::span<const Page> pages_of(std::uint64_t number) const;
    [[nodiscard]] std::uint64_t size_of(std::uint64_t number, std::span<const Page> pages) const;
    Result<void> hand_out_lost(InodeTree& tree);

    Bytes bytes_;
    YaffsLayout layout_;
    std::vector<Page> pages_;
    std::unordered_map<std::uint32_t, Object> objects_;
    std::unordered_map<std::uint32_t, std::vector<Cut>> cuts_;
    std::vector<Child> children_;
    std::uint64_t foreign_ = 0;
    std::uint64_t deleted_ = 0;
};

void YaffsReader::add_header(const YaffsTags& tags, const YaffsHeader& header, std::uint64_t age, std::uint64_t at) {
    const auto [known, fresh] = objects_.try_emplace(tags.object, Object{at, age, header.parent});
    if (!fresh && age > known->second.age)
        known->second = {at, age, header.parent};
    if (header.shrinks)
        cuts_[tags.object].push_back({age, header.size});
}

void YaffsReader::collect() {
    std::uint64_t number = 0;
    for (std::uint64_t at = 0; at < bytes_.size(); at += layout_.stride(), ++number) {
        const Bytes chunk = clipped(bytes_, at, layout_.stride());
        const auto tags = yaffs_tags(chunk, layout_);
        if (!tags) {
            foreign_ += yaffs_erased(chunk) ? 0 : 1;
            continue;
        }
        if (tags->checkpoint || tags->deleted)
            continue;
        const std::uint64_t age = std::uint64_t{tags->sequence} << 32U | number;
        if (tags->chunk != 0)
            pages_.push_back({tags->object, tags->chunk, age, at, tags->size});
        else if (const auto header = yaffs_header(chunk, layout_.endian))
            add_header(*tags, *header, age, at);
    }
    settle();
    name_objects();
}

void YaffsReader::settle() {
    for (auto& [object, cuts] : cuts_) {
        std::ranges::sort(cuts, std::greater{}, &Cut::age);
        for (std::size_t i = 1; i < cuts.size(); ++i)
            cuts[i].size = std::min(cuts[i].size, cuts[i - 1].size);
    }
    const auto is_cut = [&](const Page& page) {
        const auto cuts = cuts_.find(page.object);
        if (cuts == cuts_.end())
            return false;
        const auto older = std::ranges::lower_bound(cuts->second, page.age, std::greater{}, &Cut::age);
        return older != cuts->second.begin() && std::prev(older)->size <= (std::uint64_t{page.chunk} - 1) * layout_.page;
    };
    std::ranges::sort(pages_);
    std::vector<Page> newest;
    for (std::size_t i = 0; i < pages_.size(); ++i) {
        const bool superseded = i + 1 < pages_.size() && pages_[i + 1].object == pages_[i].object && pages_[i + 1].chunk == pages_[i].chunk;
        if (!superseded && !is_cut(pages_[i]))
            newest.push_back(pages_[i]);
    }
    pages_ = std::move(newest);
}

/// By its own parent; what lies in a deleted directory was deleted before it.
bool YaffsReader::is_deleted(std::uint32_t object) const {
    const auto known = objects_.find(object);
    return known != objects_.end() && (known->second.parent == unlinked || known->second.parent == deleted);
}

void YaffsReader::name_objects() {
    for (const auto& [number, object] : objects_) {
        if (number == root_object)
            continue;
        if (is_deleted(number)) {
            ++deleted_;
            continue;
        }
        if (const auto header = header_of(number))
            children_.push_back({object.parent, number == lost_and_found && header->name.empty() ? "lost+found" : header->name, number});
    }
    std::ranges::sort(children_);
    const bool has_lost = std::ranges::binary_search(children_, lost_and_found, {}, &Child::parent) && !objects_.contains(lost_and_found);
    if (has_lost)
        children_.insert(std::ranges::upper_bound(children_, Child{root_object, "lost+found", lost_and_found}), {root_object, "lost+found", lost_and_found});
}

std::optional<YaffsHeader> YaffsReader::header_of(std::uint64_t number) const {
    const auto object = objects_.find(static_cast<std::uint32_t>(number));
    return object == objects_.end() ? std::nullopt : yaffs_header(bytes_.subspan(object->second.at), layout_.endian);
}

/// What a hard link stands for; links to links are not made.
std::uint64_t YaffsReader::resolved(std::uint64_t number) const {
    const auto header = header_of(number);
    return header && header->type == YaffsType::hard_link ? header->same_as : number;
}

InodeFacts YaffsReader::inode(std::uint64_t number) {
    InodeFacts facts;
    const std::uint64_t object = resolved(number);
    const auto header = header_of(object);
    if (!header || header->type == YaffsType::hard_link) {
        const bool directory = std::ranges::binary_search(children_, object, {}, [](const Child& child) { return std::uint64_t{child.parent}; });
        facts.info.kind = directory ? FileKind::directory : FileKind::regular;
        facts.info.mode = object == lost_and_found ? 0700 : 0;
        if (object != lost_and_found)
            note_damage(facts.damage, fmt::format("object {} has no header", object));
        return facts;
    }
    facts.info = {.kind = kind_of_mode(header->mode), .mode = header->mode & 07777U, .uid = header->uid, .gid = header->gid, .modified = header->modified};
    if (header->type == YaffsType::directory)
        facts.info.kind = FileKind::directory;
    else if (header->type == YaffsType::file)
        facts.info.kind = FileKind::regular;
    else if (header->type == YaffsType::symlink)
        facts.info.kind = FileKind::symlink;
    facts.info.target = printable(header->target);
    return facts;
}

std::vector<NamedInode> YaffsReader::list(std::uint64_t number, std::string& damage) {
    const auto [first, last] = std::ranges::equal_range(children_, number, {}, [](const Child& child) { return std::uint64_t{child.parent}; });
    std::vector<NamedInode> listed;
    for (const Child& child : std::ranges::subrange(first, last)) {
        if (!listed.empty() && listed.back().name == child.name) {
            note_damage(damage, fmt::format("two objects are named \"{}\"", excerpt(child.name, 60)));
            listed.push_back({fmt::format("{}.object-{}", child.name, child.object), child.object});
        } else {
            listed.push_back({child.name, child.object});
        }
    }
    return listed;
}

std::span<const Page> YaffsReader::pages_of(std::uint64_t number) const {
    const auto [first, last] = std::ranges::equal_range(pages_, number, {}, [](const Page& page) { return std::uint64_t{page.object}; });
    return {first, last};
}

/// What the newest header says, and what was written behind it.
std::uint64_t YaffsReader::size_of(std::uint64_t number, std::span<const Page> pages) const {
    const auto object = objects_.find(static_cast<std::uint32_t>(number));
    const auto header = header_of(number);
    std::uint64_t size = header ? header->size : 0;
    for (const Page& page : pages)
        if (!header || page.age > object->second.age)
            size = std::max(size, (std::uint64_t{page.chunk} - 1) * layout_.page + page.size);
    return size;
}

Result<void> YaffsReader::content(std::uint64_t number, Sink& sink, std::string& damage) {
    const std::uint64_t object = resolved(number);
    const auto pages = pages_of(object);
    std::uint64_t size = size_of(object, pages);
    if (const std::uint64_t most = bytes_.size() + most_hole_bytes; size > most) {
        note_damage(damage, fmt::format("ends after {} of {} bytes: the file system could not hold more", most, size));
        size = most;
    }
    auto page = pages.begin();
    const std::uint64_t piece_size = piece_pages * layout_.page;
    for (std::uint64_t done = 0; done < size;) {
        const std::uint64_t piece = std::min(size - done, piece_size);
        const auto room = TRY(sink.reserve(piece)).first(piece);
        std::ranges::fill(room, std::uint8_t{0});
        for (std::uint64_t at = 0; at < piece; at += layout_.page) {
            const std::uint64_t wanted = std::min<std::uint64_t>(layout_.page, piece - at);
            const std::uint64_t chunk = (done + at) / layout_.page + 1;
            const bool here = page != pages.end() && page->chunk == chunk;
            if (here)
                std::ranges::copy(clipped(bytes_, page->at, std::min<std::uint64_t>(wanted, page->size)), room.begin() + static_cast<std::ptrdiff_t>(at));
            if (!here)
                note_damage(damage, fmt::format("zeros stand for what begins at byte {}: a hole, or lost", done + at));
            page += here ? 1 : 0;
        }
        sink.commit(piece);
        done += piece;
    }
    return {};
}

Result<void> YaffsReader::hand_out_lost(InodeTree& tree) {
    constexpr std::string_view why = "its directory is not here: deleted, or lost";
    for (const bool even_listed : {false, true})  // directories in a circle come last
        for (std::size_t i = 0; i < children_.size(); ++i)
            if ((i == 0 || children_[i].parent != children_[i - 1].parent) && (even_listed || !objects_.contains(children_[i].parent)) &&
                !is_deleted(children_[i].parent))
                TRY(tree.hand_out_lost(children_[i].parent, why));
    for (std::size_t i = 0; i < pages_.size(); ++i)
        if ((i == 0 || pages_[i].object != pages_[i - 1].object) && !objects_.contains(pages_[i].object))
            TRY(tree.hand_out_lost(pages_[i].object, "it has no header: deleted, or lost"));
    return {};
}

Result<void> YaffsReader::run(Sink& sink) {
    collect();
    InodeTree tree(*this, sink);
    TRY(tree.hand_out(root_object));
    TRY(hand_out_lost(tree));
    sink.describe(fmt::format("{} objects, {} deleted", with_commas(objects_.size()), with_commas(deleted_)));
    if (!tree.root_damage().empty())
        return fail(Errc::bad_input, "root directory: " + tree.root_damage());
    if (foreign_ != 0)
        return fail(Errc::bad_input, fmt::format("{} pages make no sense and are left out", with_commas(foreign_)));
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_yaffs(Bytes bytes) {
    const auto layout = yaffs_layout(bytes);
    if (!layout)
        return std::nullopt;
    const YaffsExtent extent = measure_yaffs(bytes, *layout);
    std::string description = fmt::format("{}, {} headers", describe(*layout), with_commas(extent.headers));
    if (layout->spare != 0)
        description += fmt::format(", {} pages of data", with_commas(extent.pages - extent.headers));
    return FoundContainer{.size = extent.end, .description = std::move(description), .checked = true, .encrypted = {}};
}

std::optional<FoundContainer> identify_yaffs_dump(Bytes bytes) { return bytes.size() < smallest_dump ? std::nullopt : identify_yaffs(bytes); }

Result<void> read_yaffs(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto layout = yaffs_layout(bytes);
    if (!layout)
        return fail(Errc::bad_input, "no YAFFS starts here");
    if (layout->spare == 0)
        return fail(Errc::unsupported, "the dump has no spare areas: only they say which file a page belongs to");
    return YaffsReader(bytes, *layout).run(sink);
}

}  // namespace shirushi::unpack
