#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kEntry = 32;
constexpr std::uint64_t kFirstEntry = 64;  // behind the header and the bitmap of states
constexpr unsigned kEntries = 126;
constexpr std::uint64_t kMostPages = 65536;  // 256 MiB of settings

constexpr unsigned kWritten = 2;  // two bits: 3 empty, 2 written, 0 erased

enum Type : std::uint8_t { kText = 0x21, kBlob = 0x41, kBlobPiece = 0x42, kBlobIndex = 0x48 };

std::uint32_t sum(Bytes bytes) { return static_cast<std::uint32_t>(crc32(0xffffffff, bytes.data(), static_cast<uInt>(bytes.size()))); }

/// States of a page that holds entries: active, full, being freed.
bool has_entries(std::uint32_t state) { return state == 0xfffffffe || state == 0xfffffffc || state == 0xfffffff8; }

bool is_page(Bytes page) {
    if (page.size() < kFirstEntry || !has_entries(load_le<std::uint32_t>(page.data())) || (page[8] != 0xfe && page[8] != 0xff))
        return false;
    return sum(page.subspan(4, 24)) == load_le<std::uint32_t>(page.data() + 28);
}

bool is_erased(Bytes page) {
    return std::ranges::all_of(page, [](std::uint8_t byte) { return byte == 0xff; });
}

/// How many pages stand here one after the other, erased ones between them included.
std::uint64_t pages_of(Bytes bytes) {
    std::uint64_t known = 0;
    for (std::uint64_t i = 0; i < kMostPages && i * kPage < bytes.size(); ++i) {
        const Bytes page = clipped(bytes, i * kPage, kPage);
        if (is_page(page) || (page.size() == kPage && is_erased(page)))
            known = i + 1;
        else if (page.size() < kPage || !has_entries(load_le<std::uint32_t>(page.data())))
            break;
    }
    return known;
}

struct Entry {
    std::uint8_t name_space = 0;
    std::uint8_t type = 0;
    std::uint8_t span = 0;
    std::uint8_t chunk = 0;
    std::string key;
    std::array<std::uint8_t, 8> data{};
    Bytes content;  // of texts and blobs
    std::string damage;
};

std::string number_text(const Entry& entry) {
    const unsigned bytes = entry.type & 0xfU;
    std::uint64_t value = load_le<std::uint64_t>(entry.data.data());
    if (bytes < 8)
        value &= (std::uint64_t{1} << 8 * bytes) - 1;
    if ((entry.type & 0x10U) == 0)
        return fmt::format("{}", value);
    const unsigned shift = 64 - 8 * bytes;
    return fmt::format("{}", static_cast<std::int64_t>(value << shift) >> shift);
}

bool is_number(std::uint8_t type) {
    const unsigned bytes = type & 0xfU;
    return (type & 0xe0U) == 0 && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
}

class NvsReader {
public:
    Result<void> read(Bytes bytes, Sink& sink) {
        order_pages(bytes);
        for (const auto& [sequence, page] : pages_)
            read_page(page);
        if (!namespaces_.empty() || !values_.empty())
            sink.describe(fmt::format("{} values in {} namespaces{}", values_.size(), namespaces_.size(), erased_ == 0 ? "" : fmt::format(", {} erased entries", erased_)));
        if (values_.empty() && namespaces_.empty())
            return {};  // empty, or encrypted, as identify says of it
        for (auto& [key, value] : values_)
            TRY(hand_out(key, value, sink));
        if (wrong_ != 0)
            return fail(Errc::bad_input, fmt::format("the checksums of {} entries do not match; they are left out", wrong_));
        return {};
    }

private:
    using Key = std::pair<std::uint8_t, std::string>;
    struct Value {
        Entry entry;
        std::map<std::uint8_t, Entry> pieces;
    };

    void order_pages(Bytes bytes) {
        for (std::uint64_t i = 0; i < kMostPages && i * kPage < bytes.size(); ++i)
            if (const Bytes page = clipped(bytes, i * kPage, kPage); is_page(page))
                pages_.emplace(load_le<std::uint32_t>(page.data() + 4), page);
    }

    void read_page(Bytes page) {
        for (unsigned i = 0; i < kEntries;) {
            const unsigned state = page[32 + i / 4] >> 2 * (i % 4) & 3U;
            erased_ += state == 0 ? 1 : 0;
            i += state == kWritten ? read_entry(page, i) : 1;
        }
    }

    /// Returns how many entries it takes.
    unsigned read_entry(Bytes page, unsigned index) {
        const Bytes raw = clipped(page, kFirstEntry + index * kEntry, kEntry);
        if (raw.size() < kEntry) {
            ++wrong_;
            return 1;
        }
        std::array<std::uint8_t, 28> covered{};
        std::ranges::copy(raw.first(4), covered.begin());
        std::ranges::copy(raw.subspan(8), covered.begin() + 4);
        if (sum(covered) != load_le<std::uint32_t>(raw.data() + 4) || raw[2] == 0) {
            ++wrong_;
            return 1;
        }
        const std::string_view key = as_text(raw.subspan(8, 16));
        Entry entry{.name_space = raw[0], .type = raw[1], .span = raw[2], .chunk = raw[3], .key = std::string(key.substr(0, key.find('\0')))};
        std::ranges::copy(raw.subspan(24), entry.data.begin());
        if (entry.type == kText || entry.type == kBlob || entry.type == kBlobPiece) {
            const auto size = load_le<std::uint16_t>(entry.data.data());
            entry.content = clipped(page, kFirstEntry + (index + 1) * kEntry, std::min<std::uint64_t>(size, (entry.span - 1U) * kEntry));
            if (entry.content.size() < size)
                entry.damage = cut_off(entry.content.size(), size);
            else if (sum(entry.content) != load_le<std::uint32_t>(entry.data.data() + 4))
                entry.damage = "the checksum of its content does not match";
        }
        const unsigned span = entry.span;
        keep(std::move(entry));
        return span;
    }

    void keep(Entry entry) {
        if (entry.name_space == 0) {
            namespaces_[entry.data[0]] = entry.key;
            return;
        }
        Value& value = values_[{entry.name_space, entry.key}];
        if (entry.type == kBlobPiece)
            value.pieces[entry.chunk] = std::move(entry);
        else
            value.entry = std::move(entry);
    }

    [[nodiscard]] std::string path_of(const Key& key) const {
        const auto name = namespaces_.find(key.first);
        return fmt::format("{}/{}", name == namespaces_.end() ? fmt::format("namespace {}", key.first) : name->second, key.second);
    }

    Result<void> hand_out(const Key& key, const Value& value, Sink& sink) const {
        const Entry& entry = value.entry;
        TRY(sink.begin(path_of(key), {.mode = 0600}));
        std::string damage = entry.damage;
        if (is_number(entry.type)) {
            TRY(sink.write(as_bytes(number_text(entry))));
        } else if (entry.type == kText) {
            const bool ended = !entry.content.empty() && entry.content.back() == 0;
            TRY(sink.write(entry.content.first(entry.content.size() - (ended ? 1 : 0))));
        } else if (entry.type == kBlob) {
            TRY(sink.write(entry.content));
        } else {
            damage = TRY(write_pieces(value, sink));
        }
        if (damage.empty() && !namespaces_.contains(key.first))
            damage = "the name of its namespace is missing";
        return sink.end(damage);
    }

    /// A blob of version 2: an index that says how many pieces there are, and the pieces, which may lie in several pages. Returns what is
    /// damaged.
    static Result<std::string> write_pieces(const Value& value, Sink& sink) {
        const Entry& index = value.entry;
        if (index.type != kBlobIndex) {
            for (const auto& [chunk, piece] : value.pieces)
                TRY(sink.write(piece.content));
            return value.pieces.empty() ? fmt::format("values of type 0x{:02x} are not known", index.type) : "the blob's index is missing";
        }
        const auto size = load_le<std::uint32_t>(index.data.data());
        std::uint64_t written = 0;
        std::string damage;
        for (unsigned i = 0; i < index.data[4]; ++i) {
            const auto piece = value.pieces.find(static_cast<std::uint8_t>(index.data[5] + i));
            if (piece == value.pieces.end()) {
                damage = fmt::format("piece {} of {} is missing", i + 1, index.data[4]);
                continue;
            }
            TRY(sink.write(piece->second.content));
            written += piece->second.content.size();
            if (!piece->second.damage.empty())
                damage = piece->second.damage;
        }
        if (damage.empty() && written != size)
            damage = fmt::format("{} of {} bytes are there", written, size);
        return damage;
    }

    std::multimap<std::uint32_t, Bytes> pages_;  // by sequence number
    std::map<std::uint8_t, std::string> namespaces_;
    std::map<Key, Value> values_;
    std::uint64_t wrong_ = 0;
    std::uint64_t erased_ = 0;
};

/// Whether the first page with entries has none whose checksum fits, although some are written.
bool looks_encrypted(Bytes bytes, std::uint64_t pages) {
    std::uint64_t written = 0;
    for (std::uint64_t p = 0; p < pages; ++p) {
        const Bytes page = clipped(bytes, p * kPage, kPage);
        if (page.size() < kPage || !is_page(page))
            continue;
        for (unsigned i = 0; i < kEntries; ++i) {
            if ((page[32 + i / 4] >> 2 * (i % 4) & 3U) != kWritten)
                continue;
            ++written;
            const Bytes raw = page.subspan(kFirstEntry + i * kEntry, kEntry);
            std::array<std::uint8_t, 28> covered{};
            std::ranges::copy(raw.first(4), covered.begin());
            std::ranges::copy(raw.subspan(8), covered.begin() + 4);
            if (sum(covered) == load_le<std::uint32_t>(raw.data() + 4))
                return false;
        }
    }
    return written != 0;
}

}  // namespace

std::optional<FoundContainer> identify_esp_nvs(Bytes bytes) {
    if (!is_page(clipped(bytes, 0, kPage)))
        return std::nullopt;
    const std::uint64_t pages = std::max<std::uint64_t>(pages_of(bytes), 1);
    FoundContainer found{.size = std::min<std::uint64_t>(pages * kPage, bytes.size()), .description = fmt::format("{} pages, version {}", pages, bytes[8] == 0xfe ? 2 : 1), .checked = true};
    if (found.size < pages * kPage)
        found.description += ", " + cut_off(found.size, pages * kPage);
    if (looks_encrypted(bytes, pages))
        found.encrypted = "NVS encryption (AES-XTS): the pages are whole, and none of their entries can be read";
    return found;
}

Result<void> read_esp_nvs(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    return NvsReader().read(clipped(bytes, 0, pages_of(bytes) * kPage), sink);
}

}  // namespace shirushi::unpack
