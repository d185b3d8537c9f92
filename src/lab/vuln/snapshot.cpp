#include "vuln/snapshot.hpp"

#include <zstd.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/civil_time.hpp"
#include "crypto/sha256.hpp"
#include "vuln/snapshot_format.hpp"

namespace shirushi::vuln {
namespace {

struct Header {
    std::string date;
    std::uint32_t advisories = 0;
    std::uint32_t products = 0;
    std::uint32_t criteria = 0;
    std::uint64_t payload_size = 0;
    Bytes frame;
};

Result<Header> read_header(Bytes file) {
    Reader reader(file);
    if (as_text(TRY(reader.take(snapshot_magic.size()))) != snapshot_magic)
        return fail(Errc::bad_input, "not an advisory snapshot");
    if (const auto format = TRY(reader.u32()); format != snapshot_format)
        return fail(Errc::unsupported, fmt::format("format {} where this program reads {}", format, snapshot_format));
    const Bytes digest = TRY(reader.take(sizeof(Digest::bytes)));
    if (!std::ranges::equal(digest, crypto::sha256(file.subspan(reader.position())).bytes))
        return fail(Errc::bad_input, "damaged: its digest does not fit its content");
    Header header;
    header.date = std::string(as_text(TRY(reader.take(date_length))));
    TRY_WITHIN("date", Date::from_text(header.date));
    header.advisories = TRY(reader.u32());
    header.products = TRY(reader.u32());
    header.criteria = TRY(reader.u32());
    header.payload_size = TRY(reader.u64());
    header.frame = TRY(reader.take(reader.remaining()));
    if (header.payload_size > largest_payload)
        return fail(Errc::limit, fmt::format("payload of {} bytes, more than {}", header.payload_size, largest_payload));
    return header;
}

Result<Buffer> decompress(const Header& header) {
    // The frame names its own size; only when both agree is memory taken, and never more than the ceiling.
    if (ZSTD_getFrameContentSize(header.frame.data(), header.frame.size()) != header.payload_size)
        return fail(Errc::bad_input, "payload's size is not the frame's");
    Buffer payload(header.payload_size);
    const std::size_t size = ZSTD_decompress(payload.data(), payload.size(), header.frame.data(), header.frame.size());
    if (ZSTD_isError(size) || size != payload.size())
        return fail(Errc::bad_input, fmt::format("payload: {}", ZSTD_isError(size) ? ZSTD_getErrorName(size) : "ends early"));
    return payload;
}

/// A section's numbers, taken one by one. The first error sticks and every later number is 0, so that a column is read in one
/// plain loop and asked once; counts are held against the bytes that are left before memory is taken.
class Column {
public:
    explicit Column(Bytes bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    std::uint32_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            if (at_ == end_)
                break;
            const std::uint8_t byte = *at_++;
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0 && value <= 0xffffffffU)
                return static_cast<std::uint32_t>(value);
        }
        return broken();
    }
    /// A number below `limit`.
    std::uint32_t index(std::size_t limit) {
        const std::uint32_t value = number();
        return value < limit ? value : broken();
    }
    /// How many things follow, each of at least one byte.
    std::uint32_t count() {
        const std::uint32_t value = number();
        return value <= left() ? value : broken();
    }
    std::uint8_t byte() { return at_ == end_ ? static_cast<std::uint8_t>(broken()) : *at_++; }
    Bytes take(std::size_t size) {
        if (size > left()) {
            broken();
            return {};
        }
        const Bytes taken(at_, size);
        at_ += size;
        return taken;
    }
    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] Result<void> finished(std::string_view what) const {
        if (!good_ || at_ != end_)
            return fail(Errc::bad_input, fmt::format("{}: cut, too long or pointing outside", what));
        return {};
    }
    [[nodiscard]] bool good() const { return good_; }

private:
    std::uint32_t broken() {
        good_ = false;
        at_ = end_;
        return 0;
    }
    const std::uint8_t* at_;
    const std::uint8_t* end_;
    bool good_ = true;
};

}  // namespace

/// Fills a snapshot section by section. Order matters: later sections point into earlier ones.
class SnapshotDecoder {
public:
    static Result<Snapshot> decode(Bytes payload, const Header& header) {
        SnapshotDecoder decoder;
        TRY(decoder.find_sections(payload));
        TRY(decoder.read_strings());
        TRY(decoder.read_advisories());
        TRY(decoder.read_platforms());
        TRY(decoder.read_products());
        TRY(decoder.read_criteria());
        const Snapshot& done = decoder.snapshot_;
        if (done.advisories_.size() != header.advisories || done.products_.size() != header.products ||
            done.criteria_.size() != header.criteria)
            return fail(Errc::bad_input, "holds other numbers of records than its header says");
        return std::move(decoder.snapshot_);
    }

private:
    Result<void> find_sections(Bytes payload) {
        Reader reader(payload);
        while (!reader.at_end()) {
            const auto tag = static_cast<SectionTag>(TRY_WITHIN("section", reader.u32()));
            const auto length = TRY_WITHIN("section", reader.u64());
            const Bytes content = TRY_WITHIN("section", reader.take(length));
            switch (tag) {
                case SectionTag::strings:
                    strings_ = content;
                    break;
                case SectionTag::advisories:
                    advisories_ = content;
                    break;
                case SectionTag::platforms:
                    platforms_ = content;
                    break;
                case SectionTag::products:
                    products_ = content;
                    break;
                case SectionTag::criteria:
                    criteria_ = content;
                    break;
                default:
                    break;
            }
        }
        return {};
    }

    Result<void> read_strings() {
        Column column(strings_);
        auto& ends = snapshot_.text_ends_;
        ends.resize(column.count());
        std::uint32_t end = 0;
        for (std::uint32_t& each : ends)
            each = end += column.index(longest_text + 1);
        const std::string_view texts = as_text(column.take(end));
        snapshot_.texts_ = std::string(texts);
        TRY(column.finished("strings"));
        if (ends.empty() || ends[0] != 0)
            return fail(Errc::bad_input, "strings: the first is not the empty one");
        return {};
    }

    StringId string(Column& column) const { return column.index(snapshot_.text_ends_.size()); }

    Result<void> read_advisories() {
        Column column(advisories_);
        snapshot_.advisories_.resize(column.count());
        for (AdvisoryFacts& each : snapshot_.advisories_) {
            each.id = string(column);
            each.published = string(column);
            each.vector = string(column);
            each.exploited_since = string(column);
            each.tenths = static_cast<std::int32_t>(column.index(102)) - 1;
            each.first_cwe = static_cast<std::uint32_t>(snapshot_.cwe_.size());
            each.cwe_count = column.count();
            for (std::uint32_t i = 0; i < each.cwe_count && column.good(); ++i)
                snapshot_.cwe_.push_back(string(column));
        }
        return column.finished("advisories");
    }

    PlatformOperand read_operand(Column& column) const {
        PlatformOperand operand;
        const std::uint8_t flags = column.byte();
        operand.start_excluded = (flags & operand_start_excluded) != 0;
        operand.end_included = (flags & operand_end_included) != 0;
        operand.vulnerable = (flags & operand_vulnerable) != 0;
        operand.product = string(column);
        operand.exact = string(column);
        operand.start = string(column);
        operand.end = string(column);
        return operand;
    }

    Result<void> read_platforms() {
        Column column(platforms_);
        snapshot_.platforms_.resize(column.count());
        for (Platform& platform : snapshot_.platforms_) {
            platform.resize(column.count());
            for (auto& group : platform) {
                const std::uint32_t count = column.count();
                for (std::uint32_t i = 0; i < count && column.good(); ++i)
                    group.push_back(read_operand(column));
            }
            if (!column.good())
                break;
        }
        return column.finished("platforms");
    }

    Result<void> read_products() {
        Column column(products_);
        snapshot_.products_.resize(column.count());
        std::uint64_t first = 0;
        for (ProductCriteria& each : snapshot_.products_) {
            each.product = string(column);
            each.scheme = static_cast<VersionScheme>(column.index(std::to_underlying(VersionScheme::apk) + 1U));
            each.count = column.number();
            each.first = static_cast<std::uint32_t>(first);
            first += each.count;
        }
        TRY(column.finished("products"));
        const auto by_name = [this](const ProductCriteria& each) { return snapshot_.text(each.product); };
        if (!std::ranges::is_sorted(snapshot_.products_, {}, by_name))
            return fail(Errc::bad_input, "products: not sorted");
        if (first > criteria_.size())  // a criterion takes at least one byte
            return fail(Errc::bad_input, "products: more criteria than there are");
        snapshot_.criteria_.resize(first);
        return {};
    }

    template <class Set>
    void read_column(Column& column, Bytes flags, std::uint8_t flag, std::size_t limit, const Set& set) {
        for (std::size_t i = 0; i < flags.size(); ++i)
            if ((flags[i] & flag) != 0)
                set(snapshot_.criteria_[i], column.index(limit));
    }

    Result<void> read_criteria() {
        auto& criteria = snapshot_.criteria_;
        const std::size_t texts = snapshot_.text_ends_.size();
        Column column(criteria_);
        const Bytes flags = column.take(criteria.size());
        if (!column.good())
            return column.finished("criteria");
        for (const ProductCriteria& product : snapshot_.products_) {
            std::uint64_t advisory = 0;  // within a product they only go up, so that differences are stored
            for (Criterion& each : std::span(criteria).subspan(product.first, product.count)) {
                advisory += column.number();
                if (advisory >= snapshot_.advisories_.size())
                    return fail(Errc::bad_input, "criteria: an advisory that is not there");
                each.advisory = static_cast<std::uint32_t>(advisory);
            }
        }
        for (std::size_t i = 0; i < criteria.size(); ++i) {
            criteria[i].start_excluded = (flags[i] & start_is_excluded) != 0;
            criteria[i].end_included = (flags[i] & end_is_included) != 0;
        }
        read_column(column, flags, has_exact, texts, [](Criterion& c, StringId id) { c.exact = id; });
        read_column(column, flags, has_update, texts, [](Criterion& c, StringId id) { c.update = id; });
        read_column(column, flags, has_start, texts, [](Criterion& c, StringId id) { c.start = id; });
        read_column(column, flags, has_end, texts, [](Criterion& c, StringId id) { c.end = id; });
        read_column(column, flags, has_edition, texts, [](Criterion& c, StringId id) { c.edition = id; });
        read_column(column, flags, has_platform, snapshot_.platforms_.size() + 1, [](Criterion& c, std::uint32_t at) { c.platform = at; });
        return column.finished("criteria");
    }

    Bytes strings_;
    Bytes advisories_;
    Bytes platforms_;
    Bytes products_;
    Bytes criteria_;
    Snapshot snapshot_;
};

Result<Snapshot> Snapshot::read(Bytes file) {
    const Header header = TRY_WITHIN("advisory snapshot", read_header(file));
    const Buffer payload = TRY_WITHIN("advisory snapshot", decompress(header));
    Snapshot snapshot = TRY_WITHIN("advisory snapshot", SnapshotDecoder::decode(payload, header));
    snapshot.info_ = {.date = header.date, .sha256 = crypto::sha256(file), .advisories = header.advisories};
    return snapshot;
}

const ProductCriteria* Snapshot::product(std::string_view name) const {
    const auto found = std::ranges::lower_bound(products_, name, {}, [this](const ProductCriteria& each) { return text(each.product); });
    return found != products_.end() && text(found->product) == name ? &*found : nullptr;
}

std::span<const Criterion> Snapshot::criteria(const ProductCriteria& product) const {
    return std::span(criteria_).subspan(product.first, product.count);
}

std::span<const StringId> Snapshot::weaknesses(const AdvisoryFacts& advisory) const {
    return std::span(cwe_).subspan(advisory.first_cwe, advisory.cwe_count);
}

std::string_view Snapshot::text(StringId id) const {
    const std::uint32_t begin = id == 0 ? 0 : text_ends_[id - 1];
    return std::string_view(texts_).substr(begin, text_ends_[id] - begin);
}

}  // namespace shirushi::vuln
