#include "vuln/snapshot.hpp"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "crypto/sha256.hpp"
#include "vuln/snapshot_format.hpp"

namespace shirushi::vuln {
namespace {

constexpr std::uint32_t kZstdMagic = 0xfd2fb528;

std::unexpected<Error> broken(std::string_view what) {
    return fail(Errc::bad_input, fmt::format("{}: cut, too long or pointing outside", what));
}

bool is_packed(Bytes file) { return file.size() >= 4 && load_le<std::uint32_t>(file.data()) == kZstdMagic; }

/// The bytes of a file as words, unpacked if it is packed.
Result<std::vector<std::uint64_t>> own(Bytes file, std::size_t& size) {
    size = file.size();
    if (is_packed(file)) {
        // The frame names its own size, which bounds what is taken.
        const auto claimed = ZSTD_getFrameContentSize(file.data(), file.size());
        if (claimed == ZSTD_CONTENTSIZE_UNKNOWN || claimed == ZSTD_CONTENTSIZE_ERROR)
            return fail(Errc::bad_input, "damaged: its frame does not say how long it is");
        if (claimed > largest_snapshot)
            return fail(Errc::limit, fmt::format("{} bytes, more than {}", claimed, largest_snapshot));
        size = claimed;
    }
    std::vector<std::uint64_t> words((size + 7) / 8);
    auto* const to = reinterpret_cast<std::uint8_t*>(words.data());
    if (!is_packed(file)) {
        if (!file.empty())
            std::memcpy(to, file.data(), file.size());
        return words;
    }
    const std::size_t made = ZSTD_decompress(to, size, file.data(), file.size());
    if (ZSTD_isError(made) != 0 || made != size)
        return fail(Errc::bad_input, fmt::format("damaged: {}", ZSTD_isError(made) != 0 ? ZSTD_getErrorName(made) : "it ends early"));
    return words;
}

}  // namespace

/// Finds the sections of a file and checks once whatever points somewhere, so that nobody need do so later.
class SnapshotOpener {
public:
    SnapshotOpener(Bytes file, Snapshot& snapshot) : file_(file), snapshot_(snapshot) {}

    Result<void> open() {
        TRY(read_head());
        TRY(find_sections());
        TRY(check_texts());
        TRY(check_advisories());
        TRY(check_products());
        TRY(check_platforms());
        TRY(check_names());
        snapshot_.info_.advisories = snapshot_.advisories_.size();
        return {};
    }

private:
    Result<void> read_head() {
        if (file_.size() > largest_snapshot)
            return fail(Errc::limit, fmt::format("{} bytes, more than {}", file_.size(), largest_snapshot));
        if (file_.size() < sizeof(FileHead) || as_text(file_.first(snapshot_magic.size())) != snapshot_magic)
            return fail(Errc::bad_input, "not an advisory snapshot");
        std::memcpy(&head_, file_.data(), sizeof head_);
        if (head_.format != snapshot_format)
            return fail(Errc::unsupported, fmt::format("format {} where this program reads {}: import the feeds again", head_.format, snapshot_format));
        if (head_.size != file_.size())
            return fail(Errc::bad_input, fmt::format("{} of {} bytes are there", file_.size(), head_.size));
        Digest& digest = snapshot_.info_.sha256;
        std::ranges::copy(head_.sha256, digest.bytes.begin());
        if (snapshot_digest(file_) != digest)
            return fail(Errc::bad_input, "damaged: its digest does not fit its content");
        return {};
    }

    template <class Row>
    Result<void> take(const SectionHead& section, std::span<const Row>& to) const {
        const bool fits = section.offset <= file_.size() && section.rows <= (file_.size() - section.offset) / sizeof(Row) && section.rows <= UINT32_MAX;
        if (section.row_size != sizeof(Row) || section.offset % 8 != 0 || !fits)
            return broken(fmt::format("section {:08x}", section.tag));
        to = {reinterpret_cast<const Row*>(file_.data() + section.offset), section.rows};
        return {};
    }

    Result<void> find_sections() {
        if (head_.sections > most_sections || file_.size() - sizeof(FileHead) < head_.sections * sizeof(SectionHead))
            return broken("table of sections");
        for (std::uint32_t i = 0; i < head_.sections; ++i) {
            SectionHead section{};
            std::memcpy(&section, file_.data() + sizeof(FileHead) + i * sizeof section, sizeof section);
            TRY(find_section(section));
        }
        return {};
    }

    Result<void> find_section(const SectionHead& section) {
        switch (static_cast<SectionTag>(section.tag)) {
            case SectionTag::texts: return take(section, texts_);
            case SectionTag::text_ends: return take(section, snapshot_.text_ends_);
            case SectionTag::advisories: return take(section, snapshot_.advisories_);
            case SectionTag::weaknesses: return take(section, snapshot_.cwe_);
            case SectionTag::parts: return take(section, snapshot_.parts_);
            case SectionTag::products: return take(section, snapshot_.products_);
            case SectionTag::criteria: return take(section, snapshot_.criteria_);
            case SectionTag::ranges: return take(section, snapshot_.ranges_);
            case SectionTag::platforms: return take(section, snapshot_.platforms_);
            case SectionTag::groups: return take(section, snapshot_.groups_);
            case SectionTag::operands: return take(section, snapshot_.operands_);
            case SectionTag::feeds: return take(section, snapshot_.feeds_);
            case SectionTag::aliases: return take(section, snapshot_.aliases_);
            case SectionTag::known_weaknesses: return take(section, snapshot_.known_weaknesses_);
        }
        return {};  // of a later edition
    }

    [[nodiscard]] bool is_text(StringId id) const { return id < snapshot_.text_ends_.size(); }
    static bool lies_in(std::uint32_t first, std::uint32_t count, std::size_t all) { return first <= all && count <= all - first; }

    Result<void> check_texts() {
        snapshot_.texts_ = as_text(texts_);
        const auto ends = snapshot_.text_ends_;
        if (ends.empty() || ends[0] != 0 || !std::ranges::is_sorted(ends) || ends.back() > texts_.size())
            return broken("texts");
        const auto all = [this](std::span<const StringId> ids) { return std::ranges::all_of(ids, [this](StringId id) { return is_text(id); }); };
        if (!all(snapshot_.cwe_) || !all(snapshot_.parts_))
            return broken("weaknesses and parts");
        for (const FeedFacts& each : snapshot_.feeds_)
            if (!is_text(each.name) || !is_text(each.date) || !is_text(each.imported) || !is_text(each.sha256))
                return broken("feeds");
        for (const Range& each : snapshot_.ranges_)
            if (!is_text(each.exact) || !is_text(each.update) || !is_text(each.start) || !is_text(each.end) || !is_text(each.edition))
                return broken("ranges");
        return {};
    }

    Result<void> check_advisories() {
        StringId newest = 0;
        StringId last = 0;
        for (const AdvisoryFacts& each : snapshot_.advisories_) {
            const bool texts = is_text(each.id) && is_text(each.published) && is_text(each.modified) && is_text(each.vector) && is_text(each.exploited_since);
            if (!texts || !lies_in(each.first_cwe, each.cwe_count, snapshot_.cwe_.size()) || !lies_in(each.first_part, each.part_count, snapshot_.parts_.size()))
                return broken("advisories");
            if (each.id <= last)  // texts are sorted, so numbers are in the order of the texts
                return fail(Errc::bad_input, "advisories: not sorted");
            last = each.id;
            newest = std::max({newest, each.published, each.modified});
        }
        snapshot_.info_.date = snapshot_.text(newest);
        if (const StringId day = day_of_most())
            snapshot_.info_.date = snapshot_.text(day);
        StringId epss = 0;
        for (const FeedFacts& each : snapshot_.feeds_)
            if (snapshot_.text(each.name).starts_with("epss"))
                epss = std::max(epss, each.date);
        snapshot_.info_.epss_date = snapshot_.text(epss);
        return {};
    }

    /// One small feed of today would make old data look new: NVD's, which most of the others only add to, say how old it is; without
    /// them the kind of feed that gave most (in however many files).
    [[nodiscard]] StringId day_of_most() const {
        struct Kind {
            std::uint64_t records = 0;
            StringId newest = 0;
        };
        std::map<std::string_view, Kind> kinds;
        for (const FeedFacts& each : snapshot_.feeds_) {
            const std::string_view name = snapshot_.text(each.name);
            if (name.starts_with("cwe"))  // a list of words, no advisories
                continue;
            Kind& kind = kinds[name.substr(0, name.find(' '))];
            kind.records += name.starts_with("nvd-") ? UINT32_MAX : each.records;
            kind.newest = std::max(kind.newest, each.date);
        }
        Kind most;
        for (const auto& [name, kind] : kinds)
            if (kind.newest != 0 && std::pair(kind.records, kind.newest) > std::pair(most.records, most.newest))
                most = kind;
        return most.newest;
    }

    Result<void> check_products() {
        StringId last = 0;
        for (const ProductCriteria& each : snapshot_.products_) {
            if (!is_text(each.product) || each.scheme_number > static_cast<std::uint32_t>(last_scheme) ||
                !lies_in(each.first, each.count, snapshot_.criteria_.size()))
                return broken("products");
            if (each.product <= last)
                return fail(Errc::bad_input, "products: not sorted");
            last = each.product;
        }
        for (const Criterion& each : snapshot_.criteria_)
            if (each.advisory >= snapshot_.advisories_.size() || each.range >= snapshot_.ranges_.size() || each.platform > snapshot_.platforms_.size() ||
                each.origin_number > std::to_underlying(last_origin) || each.status_number > std::to_underlying(Status::undecided))
                return broken("criteria");
        return {};
    }

    Result<void> check_platforms() {
        for (const Platform& each : snapshot_.platforms_)
            if (!lies_in(each.first_group, each.groups, snapshot_.groups_.size()))
                return broken("platforms");
        for (const PlatformGroup& each : snapshot_.groups_)
            if (!lies_in(each.first_operand, each.operands, snapshot_.operands_.size()))
                return broken("groups");
        for (const PlatformOperand& each : snapshot_.operands_)
            if (!is_text(each.product) || each.range >= snapshot_.ranges_.size())
                return broken("operands");
        return {};
    }

    Result<void> check_names() {
        for (const Alias& each : snapshot_.aliases_)
            if (each.advisory >= snapshot_.advisories_.size() || !is_text(each.id) || !is_text(each.title))
                return broken("aliases");
        for (const Weakness& each : snapshot_.known_weaknesses_)
            if (!is_text(each.id) || !is_text(each.name) || !is_text(each.parents))
                return broken("names of weaknesses");
        if (!std::ranges::is_sorted(snapshot_.aliases_) || !std::ranges::is_sorted(snapshot_.known_weaknesses_))
            return fail(Errc::bad_input, "aliases or names of weaknesses: not sorted");
        return {};
    }

    Bytes file_;
    Snapshot& snapshot_;
    FileHead head_{};
    std::span<const std::uint8_t> texts_;
};

Digest snapshot_digest(Bytes file) {
    crypto::Sha256 sum;
    sum.update(file.subspan(offsetof(FileHead, format), offsetof(FileHead, sha256) - offsetof(FileHead, format)));
    sum.update(file.subspan(offsetof(FileHead, size)));
    return sum.finish();
}

std::string_view origin_name(Origin origin) {
    constexpr std::array<std::string_view, 9> names = {"cve", "nvd", "jvn", "csaf", "kernel", "osv", "debian", "alpine", "override"};
    return names[std::to_underlying(origin)];
}

Result<Snapshot> Snapshot::read(Bytes file) {
    Snapshot snapshot;
    std::size_t size = 0;
    snapshot.owned_ = TRY_WITHIN("advisory snapshot", own(file, size));
    const Bytes copy(reinterpret_cast<const std::uint8_t*>(snapshot.owned_.data()), size);
    TRY_WITHIN("advisory snapshot", SnapshotOpener(copy, snapshot).open());
    return snapshot;
}

Result<Snapshot> Snapshot::view(Bytes file) {
    if (is_packed(file) || reinterpret_cast<std::uintptr_t>(file.data()) % 8 != 0)
        return read(file);
    Snapshot snapshot;
    TRY_WITHIN("advisory snapshot", SnapshotOpener(file, snapshot).open());
    return snapshot;
}

FeedRecord Snapshot::feed(const FeedFacts& facts) const {
    return {.name = std::string(text(facts.name)), .date = std::string(text(facts.date)), .imported = std::string(text(facts.imported)),
            .sha256 = std::string(text(facts.sha256)), .records = facts.records, .refused = facts.refused};
}

VersionRange Snapshot::versions(std::uint32_t index) const {
    const Range& range = ranges_[index];
    const auto copy = [this](StringId id) { return std::string(text(id)); };
    return {.exact = copy(range.exact), .update = copy(range.update), .start = copy(range.start), .end = copy(range.end), .start_excluded = range.start_excluded(),
            .end_included = range.end_included(), .edition = copy(range.edition)};
}

const ProductCriteria* Snapshot::product(std::string_view name) const {
    const auto found = std::ranges::lower_bound(products_, name, {}, [this](const ProductCriteria& each) { return text(each.product); });
    return found != products_.end() && text(found->product) == name ? &*found : nullptr;
}

bool Snapshot::covers(std::string_view beginning) const {
    const auto found = std::ranges::lower_bound(products_, beginning, {}, [this](const ProductCriteria& each) { return text(each.product); });
    return found != products_.end() && text(found->product).starts_with(beginning);
}

const AdvisoryFacts* Snapshot::advisory(std::string_view id) const {
    const auto found = std::ranges::lower_bound(advisories_, id, {}, [this](const AdvisoryFacts& each) { return text(each.id); });
    return found != advisories_.end() && text(found->id) == id ? &*found : nullptr;
}

std::span<const Criterion> Snapshot::criteria(const ProductCriteria& product) const { return criteria_.subspan(product.first, product.count); }

std::span<const StringId> Snapshot::weaknesses(const AdvisoryFacts& advisory) const { return cwe_.subspan(advisory.first_cwe, advisory.cwe_count); }

std::span<const StringId> Snapshot::parts(const AdvisoryFacts& advisory) const { return parts_.subspan(advisory.first_part, advisory.part_count); }

std::span<const Alias> Snapshot::aliases(const AdvisoryFacts& advisory) const {
    const auto number = static_cast<std::uint32_t>(&advisory - advisories_.data());
    const auto found = std::ranges::equal_range(aliases_, number, {}, &Alias::advisory);
    return {found.begin(), found.end()};
}

const Weakness* Snapshot::weakness(std::string_view id) const {
    const auto found = std::ranges::lower_bound(known_weaknesses_, id, {}, [this](const Weakness& each) { return text(each.id); });
    return found != known_weaknesses_.end() && text(found->id) == id ? &*found : nullptr;
}

std::span<const PlatformGroup> Snapshot::platform(std::uint32_t index_plus_one) const {
    const Platform& platform = platforms_[index_plus_one - 1];
    return groups_.subspan(platform.first_group, platform.groups);
}

std::span<const PlatformOperand> Snapshot::operands(const PlatformGroup& group) const { return operands_.subspan(group.first_operand, group.operands); }

std::string_view Snapshot::text(StringId id) const {
    const std::uint32_t begin = id == 0 ? 0 : text_ends_[id - 1];
    return texts_.substr(begin, text_ends_[id] - begin);
}

}  // namespace shirushi::vuln
