#include "unpack/filesystems/squashfs_content.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace shirushi::unpack {

namespace {
constexpr std::uint64_t most_hole_bytes = std::uint64_t{256} << 20;  // of one file: holes cost the image four bytes a block
constexpr std::uint64_t most_kept = std::uint64_t{16} << 20;         // larger files are decompressed again for each link
constexpr std::size_t piece_size = std::size_t{1} << 20;             // a file's largest block
constexpr std::size_t block_batch = 1024;                            // size words read at a time
}  // namespace

void SquashfsContent::note(std::string damage) {
    if (damage_.empty())
        damage_ = std::move(damage);
}

Result<void> SquashfsContent::give(Bytes content) {
    TRY(sink_.write(content));
    if (keeping_)
        kept_.insert(kept_.end(), content.begin(), content.end());
    done_ += content.size();
    return {};
}

Result<std::size_t> SquashfsContent::unpack_block(const SquashfsBlock& block, std::span<std::uint8_t> output, SquashfsFill fill) {
    const Bytes stored = TRY(slice(image_.bytes(), block.offset, block.size));
    if (block.compressed)
        return image_.codec().decompress(stored, output, fill);
    if (stored.size() > output.size())
        return fail(Errc::bad_input, fmt::format("{} bytes are stored where {} belong", stored.size(), output.size()));
    copy_bytes(stored, output);
    return stored.size();
}

Result<void> SquashfsContent::one_block(const SquashfsBlock& block, std::size_t size) {
    const std::span<std::uint8_t> room = TRY(sink_.reserve(size)).first(size);
    std::size_t came_out = 0;
    if (block.size != 0) {
        auto unpacked = unpack_block(block, room, SquashfsFill::exactly);
        if (unpacked && *unpacked != size)
            unpacked = fail(Errc::bad_input, fmt::format("yields {} of {} bytes", *unpacked, size));
        if (unpacked)
            came_out = size;
        else
            note(fmt::format("zeros stand for bytes {} to {}: block at {:#x}: {}", done_, done_ + size - 1, block.offset,
                             unpacked.error().message));
    }
    std::ranges::fill(room.subspan(came_out), std::uint8_t{0});
    if (keeping_)
        kept_.insert(kept_.end(), room.begin(), room.end());
    sink_.commit(size);
    done_ += size;
    return {};
}

Result<void> SquashfsContent::blocks(const SquashfsFile& file) {
    const std::uint64_t block_size = image_.superblock().block_size;
    const std::uint64_t in_blocks = file.fragment == no_squashfs_fragment ? file.size : file.size - file.size % block_size;
    std::uint64_t offset = file.start;
    for (MetadataPlace place = file.block_sizes; done_ < in_blocks;) {
        const std::uint64_t left = (in_blocks - done_ + block_size - 1) / block_size;
        const auto words = image_.size_words(place, std::min<std::uint64_t>(left, block_batch));
        if (!words) {
            note(words.error().message);
            stopped_ = true;
            return {};
        }
        for (const std::uint32_t word : *words) {
            const SquashfsBlock block = squashfs_block(offset, word);
            const std::size_t size = std::min(block_size, in_blocks - done_);
            holes_ += block.size == 0 ? size : 0;
            const bool beyond = offset > image_.bytes().size() || block.size > image_.bytes().size() - offset;
            if (beyond || holes_ > most_hole_bytes) {
                note(beyond ? fmt::format("ends after {} of {} bytes: its blocks lie beyond the end of the image", done_, file.size)
                            : fmt::format("ends after {} of {} bytes: holes without end", done_, file.size));
                stopped_ = true;
                return {};
            }
            TRY(one_block(block, size));
            offset += block.size;
        }
    }
    return {};
}

Result<void> SquashfsContent::load(std::uint32_t index, Buffer& into) {
    const SquashfsBlock block = TRY(image_.fragment(index));
    into.resize(image_.superblock().block_size);
    const auto unpacked = unpack_block(block, into, SquashfsFill::at_most);
    into.resize(unpacked.value_or(0));
    if (!unpacked)
        return fail(unpacked.error().code, fmt::format("block at {:#x}: {}", block.offset, unpacked.error().message));
    return {};
}

/// The fragment block, damaged or not, in place of the one used longest ago.
const SquashfsContent::FragmentBlock& SquashfsContent::fragment(std::uint32_t index) {
    auto found = std::ranges::find(fragments_, index, &FragmentBlock::index);
    if (found == fragments_.end()) {
        found = std::ranges::min_element(fragments_, {}, &FragmentBlock::used);
        found->index = index;
        const auto loaded = load(index, found->content);
        found->damage = loaded ? std::string() : loaded.error().message;
    }
    found->used = ++uses_;
    return *found;
}

Result<void> SquashfsContent::tail(const SquashfsFile& file) {
    const std::uint64_t size = file.size - done_;
    const FragmentBlock& from = fragment(file.fragment);
    if (const auto content = slice(from.content, file.fragment_offset, size)) {
        TRY(give(*content));
        return {};
    }
    note(fmt::format("ends after {} of {} bytes: its tail is missing: {}", done_, file.size,
                     from.damage.empty() ? "its fragment is too short" : from.damage));
    return {};
}

Result<void> SquashfsContent::hand_out(const SquashfsFile& file, bool linked_next) {
    TRY(sink_.begin(walk_.path(file.name), file.info));
    if (kept_of_ != nullptr && kept_of_->same_content(file)) {
        for (std::size_t at = 0; at < kept_.size(); at += piece_size)  // no sink need find room for a whole file at once
            TRY(sink_.write(clipped(kept_, at, piece_size)));
        return sink_.end(damage_);
    }
    done_ = holes_ = 0;
    damage_.clear();
    stopped_ = false;
    kept_.clear();
    keeping_ = linked_next && file.size <= most_kept;
    kept_of_ = keeping_ ? &file : nullptr;
    TRY(blocks(file));
    if (!stopped_ && done_ < file.size)
        TRY(tail(file));
    return sink_.end(damage_);
}

}  // namespace shirushi::unpack
