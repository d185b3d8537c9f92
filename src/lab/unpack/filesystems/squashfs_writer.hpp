#pragma once
// Test only: writes SquashFS images of every version in both byte orders, which no tool of today does. Where fields lie is taken
// from the reader's own table, so a test must hold the images against another program's reading (7zz) as well.

#include <gtest/gtest.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "unpack/collecting_sink.hpp"
#include "unpack/filesystems/squashfs_layout.hpp"

namespace shirushi::unpack {

/// One block compressed.
using Compress = std::function<Buffer(Bytes)>;

inline Buffer with_zlib(Bytes content) {
    Buffer out(compressBound(content.size()));
    uLongf size = out.size();
    EXPECT_EQ(Z_OK, compress2(out.data(), &size, content.data(), content.size(), 9));
    out.resize(size);
    return out;
}

inline Buffer with_bare_deflate(Bytes content) {
    const Buffer whole = with_zlib(content);
    return {whole.begin() + 2, whole.end() - 4};
}

/// LZMA's stream without any header, behind a copy of `prefix`, with an end mark or without.
inline Buffer with_bare_lzma(Bytes content, std::uint32_t lc, std::uint32_t lp, std::uint32_t pb, const Buffer& prefix = {}, bool end_mark = false) {
    lzma_options_lzma options{};
    EXPECT_FALSE(lzma_lzma_preset(&options, 6));
    options.dict_size = 1 << 20;
    options.lc = lc;
    options.lp = lp;
    options.pb = pb;
    const std::array<lzma_filter, 2> filters{{{end_mark ? LZMA_FILTER_LZMA1 : LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
    Buffer out(prefix.size() + content.size() * 2 + 4096);
    std::ranges::copy(prefix, out.begin());
    std::size_t size = prefix.size();
    EXPECT_EQ(LZMA_OK, lzma_raw_buffer_encode(filters.data(), nullptr, content.data(), content.size(), out.data(), &size, out.size()));
    out.resize(size);
    return out;
}

/// LZMA behind the first `header` bytes of its usual header: properties, dictionary, and up to eight bytes of size.
inline Buffer with_headed_lzma(Bytes content, std::size_t header) {
    Buffer prefix{0x5d, 0, 0, 0x10, 0};
    for (unsigned i = 0; i < 8; ++i)
        prefix.push_back(static_cast<std::uint8_t>(std::uint64_t{content.size()} >> 8 * i));
    prefix.resize(header);
    return with_bare_lzma(content, 3, 0, 2, prefix);
}

struct SquashfsPlan {
    unsigned major = 3;
    unsigned minor = 0;
    Endian endian = Endian::little;
    std::string magic;  ///< empty: the byte order's own
    std::uint32_t block_size = 4096;
    Compress compress = with_zlib;
    std::uint16_t compression = 1;  ///< as version 4 states it
    bool compress_metadata = true;
    bool check_data = false;
    std::uint32_t made = 1577836800;
};

class SquashfsWriter {
public:
    explicit SquashfsWriter(const SquashfsPlan& plan) : plan_(plan), layout_(squashfs_layout(plan.major)) {}

    /// `tree`: as tree_on_disk() gives it.
    Buffer write(const std::map<std::string, CollectedEntry>& tree) {
        image_.assign(plan_.major == 4 ? 96 : 119, 0);
        for (const auto& [path, entry] : tree) {
            index_of(users_, entry.info.uid);
            if (plan_.major == 4 || entry.info.gid != entry.info.uid)
                index_of(plan_.major == 4 ? users_ : groups_, entry.info.gid);
        }
        index_of(users_, 0);
        CollectedEntry root;
        root.info = {.kind = FileKind::directory, .mode = 0755, .modified = plan_.made};
        root_ = directory(tree, "", root).reference;
        flush_fragment();
        write_tables();
        return std::move(image_);
    }

private:
    struct Metadata {
        Buffer pending;
        Buffer out;
    };
    struct Written {
        std::uint64_t reference = 0;
        std::uint32_t number = 0;
        unsigned type = 0;
    };

    static std::size_t index_of(std::vector<std::uint32_t>& list, std::uint32_t id) {
        const auto at = std::ranges::find(list, id);
        if (at != list.end())
            return static_cast<std::size_t>(at - list.begin());
        list.push_back(id);
        return list.size() - 1;
    }

    /// Bit by bit, from the lowest or from the highest.
    void set(Buffer& record, SquashfsField field, std::uint64_t value) const {
        for (unsigned i = 0; i < field.width; ++i) {
            const bool bit = ((value >> (plan_.endian == Endian::little ? i : field.width - 1U - i)) & 1U) != 0;
            const unsigned at = field.at + i;
            if (bit)
                record[at / 8] |= static_cast<std::uint8_t>(1U << (plan_.endian == Endian::little ? at % 8 : 7 - at % 8));
        }
    }
    void number(Buffer& to, std::uint64_t value, unsigned bytes) const {
        Buffer record(bytes);
        set(record, {0, static_cast<std::uint8_t>(bytes * 8)}, value);
        to.insert(to.end(), record.begin(), record.end());
    }

    void flush(Metadata& table, std::size_t size) {
        const Bytes content = Bytes(table.pending).first(size);
        Buffer packed = plan_.compress_metadata ? plan_.compress(content) : Buffer();
        const bool stored = packed.empty() || packed.size() >= size;
        if (stored)
            packed.assign(content.begin(), content.end());
        number(table.out, packed.size() | (stored ? 0x8000U : 0), 2);
        if (plan_.check_data)
            table.out.push_back(0xff);
        table.out.insert(table.out.end(), packed.begin(), packed.end());
        table.pending.erase(table.pending.begin(), table.pending.begin() + static_cast<std::ptrdiff_t>(size));
    }
    std::uint64_t append(Metadata& table, const Buffer& record) {
        const std::uint64_t place = std::uint64_t{table.out.size()} << 16 | table.pending.size();
        table.pending.insert(table.pending.end(), record.begin(), record.end());
        while (table.pending.size() >= 8192)
            flush(table, 8192);
        return place;
    }

    /// A block of content in the image; returns its size word.
    std::uint32_t block(Bytes content) {
        const Buffer packed = plan_.compress(content);
        const bool stored = packed.size() >= content.size();
        const Bytes put = stored ? content : Bytes(packed);
        image_.insert(image_.end(), put.begin(), put.end());
        if (plan_.major == 1)
            return put.size() == 0x8000 ? 0x8000U : static_cast<std::uint32_t>(put.size()) | (stored ? 0x8000U : 0);
        return static_cast<std::uint32_t>(put.size()) | (stored ? 1U << 24 : 0);
    }
    void flush_fragment() {
        if (fragment_.empty())
            return;
        Buffer entry(layout_.fragment_entry);
        set(entry, layout_.fragment_start, image_.size());
        set(entry, layout_.fragment_size, block(fragment_));
        if (fragments_ % (8192 / layout_.fragment_entry) == 0)
            fragment_places_.push_back(fragment_table_.out.size());
        append(fragment_table_, entry);
        ++fragments_;
        fragment_.clear();
    }

    Written inode(const CollectedEntry& entry, unsigned type, Buffer record, const Buffer& behind) {
        const std::uint32_t this_number = ++inodes_;
        std::size_t user = index_of(users_, entry.info.uid);
        const std::size_t group = plan_.major == 4                         ? index_of(users_, entry.info.gid)
                                  : entry.info.gid == entry.info.uid ? layout_.gid_as_uid
                                                                     : index_of(groups_, entry.info.gid);
        unsigned stored_type = type;
        if (plan_.major == 1) {
            stored_type = type > 5 ? 0 : type + static_cast<unsigned>(user / 16) * 5;
            if (type > 5) {
                set(record, {24, 4}, type);
                set(record, {28, 4}, user / 16);
            }
            user %= 16;
        }
        set(record, layout_.type, stored_type);
        set(record, layout_.mode, entry.info.mode);
        set(record, layout_.uid, user);
        set(record, layout_.gid, group);
        set(record, layout_.modified, static_cast<std::uint64_t>(entry.info.modified));
        set(record, layout_.inodes[type - 1].modified, static_cast<std::uint64_t>(entry.info.modified));
        set(record, layout_.number, this_number);
        record.insert(record.end(), behind.begin(), behind.end());
        return {append(inode_table_, record), this_number, type};
    }

    Written file(const CollectedEntry& entry) {
        const unsigned type = plan_.major >= 3 && entry.content.size() % 2 == 1 ? 9 : 2;  // both kinds of inode
        const SquashfsInodeLayout& fields = layout_.inodes[type - 1];
        Buffer record(fields.bytes);
        Buffer words;
        const Bytes content = as_bytes(entry.content);
        const std::size_t tail = plan_.major == 1 ? 0 : content.size() % plan_.block_size;
        set(record, fields.start, image_.size());
        for (std::size_t at = 0; at < content.size() - tail; at += plan_.block_size) {
            const Bytes piece = clipped(content, at, std::min<std::size_t>(plan_.block_size, content.size() - tail - at));
            const bool hole = plan_.major >= 3 && std::ranges::all_of(piece, [](std::uint8_t byte) { return byte == 0; });
            number(words, hole ? 0 : block(piece), layout_.size_word);
        }
        set(record, fields.size, content.size());
        if (tail == 0) {
            set(record, fields.fragment, UINT32_MAX);
        } else {
            if (fragment_.size() + tail > plan_.block_size)
                flush_fragment();
            set(record, fields.fragment, fragments_);
            set(record, fields.offset, fragment_.size());
            fragment_.insert(fragment_.end(), content.end() - static_cast<std::ptrdiff_t>(tail), content.end());
        }
        return inode(entry, type, std::move(record), words);
    }

    Written other(const CollectedEntry& entry) {
        const FileKind kind = entry.info.kind;
        if (kind == FileKind::regular)
            return file(entry);
        const auto at = std::ranges::find(layout_.inodes, kind, &SquashfsInodeLayout::kind);
        Buffer record(at->bytes);
        set(record, at->size, entry.info.target.size());
        const Bytes target = as_bytes(entry.info.target);
        return inode(entry, static_cast<unsigned>(at - layout_.inodes.begin()) + 1, std::move(record), {target.begin(), target.end()});
    }

    Written directory(const std::map<std::string, CollectedEntry>& tree, const std::string& path, const CollectedEntry& self) {
        const std::string below = path.empty() ? "" : path + "/";
        std::vector<std::pair<std::string, Written>> children;
        for (auto it = tree.lower_bound(below); it != tree.end() && it->first.starts_with(below); ++it) {
            const std::string name = it->first.substr(below.size());
            if (name.empty() || name.find('/') != std::string::npos)
                continue;
            children.emplace_back(name, it->second.info.kind == FileKind::directory ? directory(tree, it->first, it->second) : other(it->second));
        }
        const Buffer content = listing(children);
        const bool indexed = children.size() > 100 && plan_.major * 10 + plan_.minor >= 21;
        const unsigned type = indexed ? 8 : 1;
        const SquashfsInodeLayout& fields = layout_.inodes[type - 1];
        Buffer record(fields.bytes);
        const std::uint64_t place = append(directory_table_, content);
        set(record, fields.start, place >> 16);
        set(record, fields.offset, place & 0xffff);
        set(record, fields.size, content.size() + layout_.uncounted);
        const Buffer behind = indexed ? index(record, children.back().first) : Buffer();
        return inode(self, type, std::move(record), behind);
    }

    /// One entry, for the last name; Linux skips from there, all others skip the index.
    Buffer index(Buffer& record, const std::string& name) const {
        const bool packed = plan_.major == 2;
        set(record, {static_cast<std::uint16_t>(packed ? 128 : plan_.major == 3 ? 200 : 256), 16}, 1);
        Buffer entry(packed ? 8 : plan_.major == 3 ? 9 : 12);
        set(entry, {static_cast<std::uint16_t>(packed ? 56 : 64), static_cast<std::uint8_t>(plan_.major == 4 ? 32 : 8)}, name.size() - 1);
        entry.insert(entry.end(), name.begin(), name.end());
        return entry;
    }

    /// A header for each run of at most 256 entries whose inodes lie in one block, and whose numbers are near.
    Buffer listing(const std::vector<std::pair<std::string, Written>>& children) const {
        Buffer out;
        for (std::size_t i = 0; i < children.size();) {
            std::size_t end = i + 1;
            while (end < children.size() && end - i < 256 && children[end].second.reference >> 16 == children[i].second.reference >> 16)
                ++end;
            Buffer header(layout_.listing_header);
            set(header, layout_.entries, end - i - 1);
            set(header, layout_.block, children[i].second.reference >> 16);
            if (plan_.major >= 3)
                set(header, {static_cast<std::uint16_t>(plan_.major == 3 ? 40 : 64), 32}, children[i].second.number);
            out.insert(out.end(), header.begin(), header.end());
            for (const std::uint32_t first = children[i].second.number; i < end; ++i) {
                const auto& [name, written] = children[i];
                Buffer entry(layout_.listing_entry);
                set(entry, layout_.offset, written.reference & 0xffff);
                set(entry, layout_.kind, written.type > 7 ? written.type - 7 : written.type > 5 && plan_.major == 1 ? 0 : written.type);
                set(entry, layout_.name, name.size() - 1);
                if (plan_.major >= 3)
                    set(entry, {static_cast<std::uint16_t>(plan_.major == 3 ? 24 : 16), 16}, written.number - first);
                out.insert(out.end(), entry.begin(), entry.end());
                out.insert(out.end(), name.begin(), name.end());
            }
        }
        return out;
    }

    std::uint64_t place(Metadata& table) {
        if (!table.pending.empty())
            flush(table, table.pending.size());
        const std::uint64_t at = image_.size();
        image_.insert(image_.end(), table.out.begin(), table.out.end());
        return at;
    }
    std::uint64_t place_numbers(const std::vector<std::uint32_t>& numbers) {
        const std::uint64_t at = image_.size();
        for (const std::uint32_t value : numbers)
            number(image_, value, 4);
        return at;
    }

    void write_tables() {
        const std::uint64_t inodes = place(inode_table_);
        const std::uint64_t directories = place(directory_table_);
        std::uint64_t fragments = place(fragment_table_);
        std::vector<std::uint64_t> pointers;
        for (const std::uint64_t at : fragment_places_)
            pointers.push_back(fragments + at);
        fragments = image_.size();
        for (const std::uint64_t at : pointers)
            number(image_, at, layout_.pointer);
        if (plan_.major == 4) {
            Metadata ids;
            for (const std::uint32_t id : users_)
                number(ids.pending, id, 4);
            const std::uint64_t block_of_ids = place(ids);
            const std::uint64_t table = image_.size();
            number(image_, block_of_ids, 8);
            superblock_4({image_.size(), table, UINT64_MAX, inodes, directories, fragments_ == 0 ? UINT64_MAX : fragments, UINT64_MAX});
        } else {
            const std::uint64_t users = place_numbers(users_);
            const std::uint64_t groups = place_numbers(groups_);
            superblock_1_to_3({users, groups_.empty() ? 0 : groups, inodes, directories}, fragments);
        }
    }

    Buffer start() const {
        const std::string magic = !plan_.magic.empty() ? plan_.magic : plan_.endian == Endian::little ? "hsqs" : "sqsh";
        Buffer out(magic.begin(), magic.end());
        number(out, inodes_, 4);
        return out;
    }
    unsigned block_log() const { return static_cast<unsigned>(std::countr_zero(plan_.block_size)); }

    void superblock_4(const std::vector<std::uint64_t>& size_and_tables) {
        Buffer out = start();
        for (const std::uint32_t value : {plan_.made, plan_.block_size, fragments_})
            number(out, value, 4);
        for (const std::size_t value : std::initializer_list<std::size_t>{plan_.compression, block_log(), 0, users_.size(), 4, 0})
            number(out, value, 2);
        number(out, root_, 8);
        for (const std::uint64_t value : size_and_tables)
            number(out, value, 8);
        std::ranges::copy(out, image_.begin());
    }

    void superblock_1_to_3(const std::vector<std::uint64_t>& tables, std::uint64_t fragments) {
        const bool large = plan_.major == 3;
        Buffer out = start();
        number(out, large ? 0 : image_.size(), 4);
        for (const std::uint64_t table : tables)
            number(out, large ? 0 : table, 4);
        for (const std::uint32_t value : {plan_.major, plan_.minor, plan_.block_size & 0xffff, block_log()})
            number(out, value, 2);
        for (const std::size_t value : {std::size_t{plan_.check_data ? 4U : 0U}, users_.size(), groups_.size()})
            number(out, value, 1);
        number(out, plan_.made, 4);
        number(out, root_, 8);
        if (plan_.major > 1)
            for (const std::uint64_t value : {std::uint64_t{plan_.block_size}, std::uint64_t{fragments_}, large ? 0 : fragments})
                number(out, value, 4);
        if (large) {
            number(out, image_.size(), 8);
            for (const std::uint64_t table : tables)
                number(out, table, 8);
            number(out, fragments, 8);
            number(out, UINT64_MAX, 8);
        }
        std::ranges::copy(out, image_.begin());
    }

    SquashfsPlan plan_;
    const SquashfsLayout& layout_;
    Buffer image_;
    Metadata inode_table_;
    Metadata directory_table_;
    Metadata fragment_table_;
    std::vector<std::uint64_t> fragment_places_;
    Buffer fragment_;
    std::uint32_t fragments_ = 0;
    std::uint32_t inodes_ = 0;
    std::uint64_t root_ = 0;
    std::vector<std::uint32_t> users_;
    std::vector<std::uint32_t> groups_;
};

}  // namespace shirushi::unpack
