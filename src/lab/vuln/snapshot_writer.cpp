#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "crypto/sha256.hpp"
#include "vuln/snapshot.hpp"
#include "vuln/snapshot_format.hpp"

namespace shirushi::vuln {
namespace {

void put_u32(Buffer& out, std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8)
        out.push_back(static_cast<std::uint8_t>(value >> shift));
}
void put_u64(Buffer& out, std::uint64_t value) {
    put_u32(out, static_cast<std::uint32_t>(value));
    put_u32(out, static_cast<std::uint32_t>(value >> 32));
}
void put_number(Buffer& out, std::uint32_t value) {
    for (; value >= 0x80; value >>= 7)
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
}
void put_text(Buffer& out, std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
}
void put_section(Buffer& out, SectionTag tag, const Buffer& content) {
    put_u32(out, static_cast<std::uint32_t>(tag));
    put_u64(out, content.size());
    out.insert(out.end(), content.begin(), content.end());
}

/// A criterion with its texts still as texts, in the order the file has them.
struct WrittenCriterion {
    std::uint32_t advisory = 0;
    VersionRange range;
    std::uint32_t platform = 0;
    auto operator<=>(const WrittenCriterion&) const = default;
};

using OperandGroups = std::vector<std::vector<Operand>>;

class SnapshotWriter {
public:
    explicit SnapshotWriter(SnapshotRecords records) : records_(std::move(records)) {}

    Result<Buffer> write() && {
        std::ranges::stable_sort(records_.advisories, {}, &AdvisoryRecord::id);
        for (const ProductRecord& product : records_.products)
            products_[product.product].scheme = product.scheme;
        collect_platforms();
        collect_criteria();
        TRY(number_texts());
        Buffer payload;
        put_section(payload, SectionTag::strings, strings());
        put_section(payload, SectionTag::advisories, advisories());
        put_section(payload, SectionTag::platforms, platforms());
        put_section(payload, SectionTag::products, products());
        put_section(payload, SectionTag::criteria, criteria());
        const SnapshotInfo info{.date = records_.date, .sha256 = {}, .advisories = records_.advisories.size()};
        return seal_snapshot(payload, info, static_cast<std::uint32_t>(products_.size()), static_cast<std::uint32_t>(criteria_count_));
    }

private:
    struct Product {
        VersionScheme scheme = VersionScheme::generic;
        std::vector<WrittenCriterion> criteria;
    };

    /// CPE part h is a device, not the software in it.
    [[nodiscard]] bool is_ours(const Operand& operand) const {
        return operand.vulnerable && operand.part != 'h' && products_.contains(operand.product);
    }

    /// The groups other than number `own`, in an order that does not depend on the source's.
    static OperandGroups other_groups(const Configuration& configuration, std::size_t own) {
        OperandGroups others;
        for (std::size_t i = 0; i < configuration.groups.size(); ++i) {
            if (i == own)
                continue;
            const std::set<Operand> sorted(configuration.groups[i].begin(), configuration.groups[i].end());
            others.emplace_back(sorted.begin(), sorted.end());
        }
        std::ranges::sort(others);
        return others;
    }

    template <class Visit>
    void each_group(const Visit& visit) {
        for (std::uint32_t at = 0; at < records_.advisories.size(); ++at)
            for (const Configuration& configuration : records_.advisories[at].configurations)
                for (std::size_t own = 0; own < configuration.groups.size(); ++own)
                    if (std::ranges::any_of(configuration.groups[own], [this](const Operand& each) { return is_ours(each); }))
                        visit(at, configuration.groups[own], other_groups(configuration, own));
    }

    void collect_platforms() {
        each_group([this](std::uint32_t, const std::vector<Operand>&, const OperandGroups& others) {
            if (!others.empty())
                platforms_.try_emplace(others, 0);
        });
        std::uint32_t number = 0;
        for (auto& [groups, at] : platforms_)
            at = ++number;
    }

    void collect_criteria() {
        each_group([this](std::uint32_t advisory, const std::vector<Operand>& group, const OperandGroups& others) {
            const std::uint32_t platform = others.empty() ? 0 : platforms_.at(others);
            for (const Operand& operand : group)
                if (is_ours(operand))
                    products_.at(operand.product).criteria.push_back({advisory, operand.range, platform});
        });
        for (auto& [name, product] : products_) {
            std::ranges::sort(product.criteria);
            const auto twice = std::ranges::unique(product.criteria);
            product.criteria.erase(twice.begin(), twice.end());
            criteria_count_ += product.criteria.size();
        }
    }

    void note_texts(const VersionRange& range) {
        for (const auto& each : {range.exact, range.update, range.start, range.end, range.edition})
            texts_.try_emplace(each, 0);
    }

    static std::string platform_name(const Operand& operand) { return fmt::format("{}:{}", operand.part, operand.product); }

    Result<void> number_texts() {
        texts_.try_emplace("", 0);
        for (const AdvisoryRecord& each : records_.advisories) {
            for (const auto& text : {each.id, each.published, each.vector, each.exploited_since})
                texts_.try_emplace(text, 0);
            for (const std::string& cwe : each.cwe)
                texts_.try_emplace(cwe, 0);
        }
        for (const auto& [groups, at] : platforms_)
            for (const auto& group : groups)
                for (const Operand& operand : group) {
                    texts_.try_emplace(platform_name(operand), 0);
                    note_texts(operand.range);
                }
        for (const auto& [name, product] : products_) {
            texts_.try_emplace(name, 0);
            for (const WrittenCriterion& each : product.criteria)
                note_texts(each.range);
        }
        StringId next = 0;
        for (auto& [text, id] : texts_) {
            if (text.size() > longest_text)
                return fail(Errc::limit, fmt::format("a text of {} bytes", text.size()));
            id = next++;
        }
        return {};
    }

    [[nodiscard]] StringId id_of(const std::string& text) const { return texts_.find(text)->second; }

    [[nodiscard]] Buffer strings() const {
        Buffer out;
        put_number(out, static_cast<std::uint32_t>(texts_.size()));
        for (const auto& [text, id] : texts_)
            put_number(out, static_cast<std::uint32_t>(text.size()));
        for (const auto& [text, id] : texts_)
            put_text(out, text);
        return out;
    }

    [[nodiscard]] Buffer advisories() const {
        Buffer out;
        put_number(out, static_cast<std::uint32_t>(records_.advisories.size()));
        for (const AdvisoryRecord& each : records_.advisories) {
            put_number(out, id_of(each.id));
            put_number(out, id_of(each.published));
            put_number(out, id_of(each.vector));
            put_number(out, id_of(each.exploited_since));
            const double score = std::clamp(each.score.value_or(-0.1), -0.1, 10.0);
            put_number(out, static_cast<std::uint32_t>(std::lround(score * 10) + 1));
            put_number(out, static_cast<std::uint32_t>(each.cwe.size()));
            for (const std::string& cwe : each.cwe)
                put_number(out, id_of(cwe));
        }
        return out;
    }

    [[nodiscard]] Buffer platforms() const {
        Buffer out;
        put_number(out, static_cast<std::uint32_t>(platforms_.size()));
        for (const auto& [groups, at] : platforms_) {
            put_number(out, static_cast<std::uint32_t>(groups.size()));
            for (const auto& group : groups) {
                put_number(out, static_cast<std::uint32_t>(group.size()));
                for (const Operand& operand : group) {
                    const VersionRange& range = operand.range;
                    out.push_back(static_cast<std::uint8_t>((range.start_excluded ? operand_start_excluded : 0) |
                                                            (range.end_included ? operand_end_included : 0) |
                                                            (operand.vulnerable ? operand_vulnerable : 0)));
                    put_number(out, id_of(platform_name(operand)));
                    put_number(out, id_of(range.exact));
                    put_number(out, id_of(range.start));
                    put_number(out, id_of(range.end));
                }
            }
        }
        return out;
    }

    [[nodiscard]] Buffer products() const {
        Buffer out;
        put_number(out, static_cast<std::uint32_t>(products_.size()));
        for (const auto& [name, product] : products_) {
            put_number(out, id_of(name));
            put_number(out, static_cast<std::uint32_t>(product.scheme));
            put_number(out, static_cast<std::uint32_t>(product.criteria.size()));
        }
        return out;
    }

    static std::uint8_t flags_of(const WrittenCriterion& each) {
        const VersionRange& range = each.range;
        return static_cast<std::uint8_t>((range.exact.empty() ? 0 : has_exact) | (range.update.empty() ? 0 : has_update) |
                                         (range.start.empty() ? 0 : has_start) | (range.end.empty() ? 0 : has_end) |
                                         (range.edition.empty() ? 0 : has_edition) | (each.platform == 0 ? 0 : has_platform) |
                                         (range.start_excluded ? start_is_excluded : 0) | (range.end_included ? end_is_included : 0));
    }

    template <class Visit>
    void each_criterion(const Visit& visit) const {
        for (const auto& [name, product] : products_)
            for (const WrittenCriterion& each : product.criteria)
                visit(each);
    }

    [[nodiscard]] Buffer criteria() const {
        Buffer out;
        each_criterion([&](const WrittenCriterion& each) { out.push_back(flags_of(each)); });
        for (const auto& [name, product] : products_) {
            std::uint32_t last = 0;
            for (const WrittenCriterion& each : product.criteria) {
                put_number(out, each.advisory - last);
                last = each.advisory;
            }
        }
        for (const auto member :
             {&VersionRange::exact, &VersionRange::update, &VersionRange::start, &VersionRange::end, &VersionRange::edition})
            each_criterion([&](const WrittenCriterion& each) {
                if (!(each.range.*member).empty())
                    put_number(out, id_of(each.range.*member));
            });
        each_criterion([&](const WrittenCriterion& each) {
            if (each.platform != 0)
                put_number(out, each.platform);
        });
        return out;
    }

    SnapshotRecords records_;
    std::map<std::string, Product> products_;
    std::map<OperandGroups, std::uint32_t> platforms_;
    std::map<std::string, StringId> texts_;
    std::size_t criteria_count_ = 0;
};

}  // namespace

Result<Buffer> write_snapshot(SnapshotRecords records) {
    return SnapshotWriter(std::move(records)).write();
}

Result<Buffer> seal_snapshot(Bytes payload, const SnapshotInfo& info, std::uint32_t products, std::uint32_t criteria) {
    constexpr int thorough = 19;  // written once, read at every start; decompression does not get slower
    if (info.date.size() != date_length)
        return fail(Errc::bad_input, "a snapshot's date is YYYY-MM-DD");
    Buffer frame(ZSTD_compressBound(payload.size()));
    const std::size_t size = ZSTD_compress(frame.data(), frame.size(), payload.data(), payload.size(), thorough);
    if (ZSTD_isError(size))
        return fail(Errc::internal, ZSTD_getErrorName(size));
    Buffer covered;
    put_text(covered, info.date);
    put_u32(covered, static_cast<std::uint32_t>(info.advisories));
    put_u32(covered, products);
    put_u32(covered, criteria);
    put_u64(covered, payload.size());
    covered.insert(covered.end(), frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    Buffer file;
    put_text(file, snapshot_magic);
    put_u32(file, snapshot_format);
    const Digest digest = crypto::sha256(covered);
    file.insert(file.end(), digest.bytes.begin(), digest.bytes.end());
    file.insert(file.end(), covered.begin(), covered.end());
    return file;
}

}  // namespace shirushi::vuln
