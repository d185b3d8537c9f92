#include <malloc.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

#include "vuln/snapshot_builder.hpp"
#include "vuln/snapshot_format.hpp"

namespace shirushi::vuln {

/// Numbers everything anew by its content, so that the file does not depend on the order in which feeds were read.
class SnapshotAssembly {
public:
    explicit SnapshotAssembly(SnapshotBuilder& builder) : builder_(builder) {}

    /// What is no longer needed of the builder goes at each step: else the most memory is taken here, where all is there twice.
    Result<Buffer> write() {
        drop_stale_rows();
        builder_.forget_lookups();
        choose_advisories();
        TRY(number_texts());
        builder_.texts_ = TextPool();
        number_ranges();
        builder_.ranges_ = {};
        number_platforms();
        builder_.platforms_ = {};
        builder_.platform_numbers_ = {};
        place_advisories();
        builder_.advisories_ = {};
        malloc_trim(0);
        place_products();
        place_feeds();
        place_names();
        return file();
    }

private:
    using Row = SnapshotBuilder::Row;
    static constexpr std::uint32_t kUnused = UINT32_MAX;

    void drop_stale_rows() {
        std::erase_if(builder_.rows_, [this](const Row& row) { return !builder_.is_current(row); });
        builder_.rows_.shrink_to_fit();
    }

    void choose_advisories() {
        std::vector<bool> used(builder_.advisories_.size(), !builder_.restricted_);
        for (const Row& row : builder_.rows_)
            used[row.criterion.advisory] = true;
        for (std::uint32_t i = 0; i < used.size(); ++i)
            if (used[i])
                chosen_.push_back(i);
        std::ranges::sort(chosen_, {}, [this](std::uint32_t i) { return builder_.texts_.text(builder_.advisories_[i].facts.id); });
        advisory_numbers_.assign(used.size(), kUnused);
        for (std::uint32_t i = 0; i < chosen_.size(); ++i)
            advisory_numbers_[chosen_[i]] = i;
    }

    void use(StringId text) { text_numbers_[text] = 0; }
    void use_range(std::uint32_t range) {
        range_numbers_[range] = 0;
        const Range& row = builder_.ranges_[range];
        for (const StringId text : {row.exact, row.update, row.start, row.end, row.edition})
            use(text);
    }

    /// Calls `visit` with where each group's operands stand in a platform's words.
    template <class Visit>
    static void each_operand(const SnapshotBuilder::Words& words, const Visit& visit) {
        std::size_t at = 1;
        for (std::uint32_t group = 0; group < words[0]; ++group) {
            const std::uint32_t operands = words[at++];
            for (std::uint32_t i = 0; i < operands; ++i, at += 3)
                visit(group, words[at], words[at + 1], words[at + 2]);
        }
    }

    void mark_used() {
        text_numbers_.assign(builder_.texts_.size(), kUnused);
        range_numbers_.assign(builder_.ranges_.size(), kUnused);
        platform_numbers_.assign(builder_.platforms_.size() + 1, kUnused);
        use(0);
        for (const std::uint32_t i : chosen_) {
            const auto& each = builder_.advisories_[i];
            for (const StringId text : {each.facts.id, each.facts.published, each.facts.modified, each.facts.vector, each.facts.exploited_since})
                use(text);
            std::ranges::for_each(each.cwe, [this](StringId text) { use(text); });
            std::ranges::for_each(each.parts, [this](StringId text) { use(text); });
        }
        for (const std::uint32_t product : builder_.covered_)
            use(product);
        for (const Row& row : builder_.rows_) {
            use(row.product);
            use_range(row.criterion.range);
            platform_numbers_[row.criterion.platform] = 0;
        }
        for (std::uint32_t i = 1; i < platform_numbers_.size(); ++i)
            if (platform_numbers_[i] != kUnused)
                each_operand(*builder_.platforms_[i - 1], [this](std::uint32_t, std::uint32_t product, std::uint32_t range, std::uint32_t) {
                    use(product);
                    use_range(range);
                });
        for (const auto& [key, title] : builder_.alias_titles_) {
            if (advisory_numbers_[key >> 32] == kUnused)
                continue;
            use(static_cast<StringId>(key));
            use(title);
        }
        for (const auto& [id, texts] : builder_.weaknesses_) {
            use(id);
            std::ranges::for_each(texts, [this](StringId text) { use(text); });
        }
        for (const FeedRecord& each : builder_.feeds_)
            for (const std::string& text : {each.name, each.date, each.imported, each.sha256})
                feed_texts_.push_back(text);
    }

    Result<void> number_texts() {
        mark_used();
        std::vector<std::pair<std::string_view, std::uint32_t>> sorted;
        for (std::uint32_t i = 0; i < text_numbers_.size(); ++i)
            if (text_numbers_[i] != kUnused)
                sorted.emplace_back(builder_.texts_.text(i), i);
        for (const std::string& text : feed_texts_)
            sorted.emplace_back(text, kUnused);
        std::ranges::sort(sorted);
        for (const auto& [text, from] : sorted) {
            if (text.size() > longest_text)
                return fail(Errc::limit, fmt::format("a text of {} bytes, where {} are the most: {}...", text.size(), longest_text, text.substr(0, 60)));
            if (text_ends_.empty() || text != last_text_) {
                texts_.insert(texts_.end(), text.begin(), text.end());
                text_ends_.push_back(static_cast<std::uint32_t>(texts_.size()));
                last_text_ = text;
            }
            const auto number = static_cast<std::uint32_t>(text_ends_.size() - 1);
            if (from != kUnused)
                text_numbers_[from] = number;
            else
                feed_text_numbers_[std::string(text)] = number;
        }
        last_text_ = {};
        if (texts_.size() > UINT32_MAX)
            return fail(Errc::limit, "more text than a snapshot holds");
        return {};
    }

    void number_ranges() {
        std::vector<std::pair<Range, std::uint32_t>> sorted;
        for (std::uint32_t i = 0; i < range_numbers_.size(); ++i) {
            if (range_numbers_[i] == kUnused)
                continue;
            Range row = builder_.ranges_[i];
            for (StringId* text : {&row.exact, &row.update, &row.start, &row.end, &row.edition})
                *text = text_numbers_[*text];
            sorted.emplace_back(row, i);
        }
        std::ranges::sort(sorted);
        for (const auto& [row, from] : sorted) {
            range_numbers_[from] = static_cast<std::uint32_t>(ranges_.size());
            ranges_.push_back(row);
        }
    }

    using OrderedPlatform = std::vector<std::vector<PlatformOperand>>;

    [[nodiscard]] OrderedPlatform ordered(const SnapshotBuilder::Words& words) const {
        OrderedPlatform groups(words[0]);
        each_operand(words, [&](std::uint32_t group, std::uint32_t product, std::uint32_t range, std::uint32_t vulnerable) {
            groups[group].push_back({text_numbers_[product], range_numbers_[range], vulnerable});
        });
        for (auto& group : groups)
            std::ranges::sort(group);
        std::ranges::sort(groups);
        return groups;
    }

    void number_platforms() {
        std::vector<std::pair<OrderedPlatform, std::uint32_t>> sorted;
        for (std::uint32_t i = 1; i < platform_numbers_.size(); ++i)
            if (platform_numbers_[i] != kUnused)
                sorted.emplace_back(ordered(*builder_.platforms_[i - 1]), i);
        std::ranges::sort(sorted);
        for (const auto& [groups, from] : sorted) {
            platforms_.push_back({.first_group = static_cast<std::uint32_t>(groups_.size()), .groups = static_cast<std::uint32_t>(groups.size())});
            platform_numbers_[from] = static_cast<std::uint32_t>(platforms_.size());
            for (const auto& group : groups) {
                groups_.push_back({.first_operand = static_cast<std::uint32_t>(operands_.size()), .operands = static_cast<std::uint32_t>(group.size())});
                operands_.insert(operands_.end(), group.begin(), group.end());
            }
        }
        platform_numbers_[0] = 0;
    }

    void place_advisories() {
        const auto place = [this](std::vector<std::uint32_t> from, std::vector<StringId>& to) {
            for (std::uint32_t& text : from)
                text = text_numbers_[text];
            std::ranges::sort(from);
            from.erase(std::unique(from.begin(), from.end()), from.end());
            to.insert(to.end(), from.begin(), from.end());
            return static_cast<std::uint32_t>(from.size());
        };
        for (const std::uint32_t i : chosen_) {
            const auto& each = builder_.advisories_[i];
            AdvisoryFacts facts = each.facts;
            for (StringId* text : {&facts.id, &facts.published, &facts.modified, &facts.vector, &facts.exploited_since})
                *text = text_numbers_[*text];
            facts.first_cwe = static_cast<std::uint32_t>(cwe_.size());
            facts.cwe_count = place(each.cwe, cwe_);
            facts.first_part = static_cast<std::uint32_t>(parts_.size());
            facts.part_count = place(each.parts, parts_);
            facts.flags = (facts.flags & ~(0xffU << advisory_trust_shift)) | std::uint32_t{each.trust} << advisory_trust_shift;
            advisories_.push_back(facts);
        }
    }

    void place_products() {
        std::vector<std::pair<std::uint32_t, Criterion>> sorted;
        sorted.reserve(builder_.rows_.size());
        for (const Row& row : builder_.rows_) {
            Criterion criterion = row.criterion;
            criterion.advisory = advisory_numbers_[criterion.advisory];
            criterion.range = range_numbers_[criterion.range];
            criterion.platform = platform_numbers_[criterion.platform];
            sorted.emplace_back(text_numbers_[row.product], criterion);
        }
        builder_.rows_ = {};
        std::ranges::sort(sorted);
        sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
        criteria_.reserve(sorted.size());
        std::unordered_map<StringId, VersionScheme> schemes;
        for (const auto& [product, scheme] : builder_.schemes_)
            schemes[text_numbers_[product]] = scheme;
        std::vector<StringId> covered;
        for (const std::uint32_t product : builder_.covered_)
            covered.push_back(text_numbers_[product]);
        for (const auto& [product, criterion] : sorted)
            if (covered.empty() || covered.back() != product)
                covered.push_back(product);
        std::ranges::sort(covered);
        covered.erase(std::unique(covered.begin(), covered.end()), covered.end());
        auto row = sorted.begin();
        for (const StringId product : covered) {
            const auto first = static_cast<std::uint32_t>(criteria_.size());
            for (; row != sorted.end() && row->first == product; ++row)
                criteria_.push_back(row->second);
            const auto scheme = schemes.find(product);
            products_.push_back({.product = product, .scheme_number = static_cast<std::uint32_t>(scheme == schemes.end() ? VersionScheme::generic : scheme->second),
                                 .first = first, .count = static_cast<std::uint32_t>(criteria_.size()) - first});
        }
    }

    void place_feeds() {
        std::ranges::sort(builder_.feeds_);
        const auto number = [this](const std::string& text) { return feed_text_numbers_[text]; };
        for (const FeedRecord& each : builder_.feeds_)
            feeds_.push_back({.name = number(each.name), .date = number(each.date), .imported = number(each.imported), .sha256 = number(each.sha256),
                              .records = static_cast<std::uint32_t>(each.records), .refused = static_cast<std::uint32_t>(each.refused)});
    }

    void place_names() {
        for (const auto& [key, title] : builder_.alias_titles_)
            if (const std::uint32_t advisory = advisory_numbers_[key >> 32]; advisory != kUnused)
                aliases_.push_back({.advisory = advisory, .id = text_numbers_[static_cast<StringId>(key)], .title = text_numbers_[title]});
        std::ranges::sort(aliases_);
        for (const auto& [id, texts] : builder_.weaknesses_)
            known_weaknesses_.push_back({.id = text_numbers_[id], .name = text_numbers_[texts[0]], .parents = text_numbers_[texts[1]]});
        std::ranges::sort(known_weaknesses_);
    }

    /// Takes the rows' memory back at once: at this point the builder's and the file's are there, too.
    template <class Row>
    void put(SectionTag tag, std::vector<Row>& rows) {
        out_.resize((out_.size() + 7) / 8 * 8);
        heads_.push_back({.tag = static_cast<std::uint32_t>(tag), .row_size = sizeof(Row), .offset = out_.size(), .rows = rows.size()});
        const std::size_t at = out_.size();
        out_.resize(at + rows.size() * sizeof(Row));
        if (!rows.empty())
            std::memcpy(out_.data() + at, rows.data(), rows.size() * sizeof(Row));
        rows = std::vector<Row>();
    }

    template <class Row>
    static std::size_t room(const std::vector<Row>& rows) { return rows.size() * sizeof(Row) + 8; }

    Result<Buffer> file() {
        const std::size_t sections = 12U + (aliases_.empty() ? 0U : 1U) + (known_weaknesses_.empty() ? 0U : 1U);
        out_.reserve(4096 + room(texts_) + room(text_ends_) + room(advisories_) + room(cwe_) + room(parts_) + room(products_) + room(criteria_) + room(ranges_) +
                     room(platforms_) + room(groups_) + room(operands_) + room(feeds_) + room(aliases_) + room(known_weaknesses_));
        out_.resize(sizeof(FileHead) + sections * sizeof(SectionHead));
        put(SectionTag::texts, texts_);
        put(SectionTag::text_ends, text_ends_);
        put(SectionTag::advisories, advisories_);
        put(SectionTag::weaknesses, cwe_);
        put(SectionTag::parts, parts_);
        put(SectionTag::products, products_);
        put(SectionTag::criteria, criteria_);
        put(SectionTag::ranges, ranges_);
        put(SectionTag::platforms, platforms_);
        put(SectionTag::groups, groups_);
        put(SectionTag::operands, operands_);
        put(SectionTag::feeds, feeds_);
        if (!aliases_.empty())
            put(SectionTag::aliases, aliases_);
        if (!known_weaknesses_.empty())
            put(SectionTag::known_weaknesses, known_weaknesses_);
        if (out_.size() > largest_snapshot)
            return fail(Errc::limit, fmt::format("the snapshot would take {} bytes, more than {}", out_.size(), largest_snapshot));
        FileHead head{.magic = {}, .format = snapshot_format, .sections = static_cast<std::uint32_t>(heads_.size()), .sha256 = {}, .size = out_.size()};
        std::ranges::copy(snapshot_magic, head.magic);
        std::memcpy(out_.data() + sizeof head, heads_.data(), heads_.size() * sizeof(SectionHead));
        std::memcpy(out_.data(), &head, sizeof head);
        const Digest digest = snapshot_digest(out_);
        std::ranges::copy(digest.bytes, out_.begin() + offsetof(FileHead, sha256));
        return std::move(out_);
    }

    SnapshotBuilder& builder_;
    std::vector<std::uint32_t> chosen_;            // advisories, in the order of their ids
    std::vector<std::uint32_t> advisory_numbers_;  // in the file, by the builder's
    std::vector<std::uint32_t> text_numbers_;
    std::vector<std::uint32_t> range_numbers_;
    std::vector<std::uint32_t> platform_numbers_;
    std::vector<std::string> feed_texts_;
    std::unordered_map<std::string, std::uint32_t> feed_text_numbers_;
    std::string_view last_text_;

    std::vector<char> texts_;
    std::vector<std::uint32_t> text_ends_;
    std::vector<AdvisoryFacts> advisories_;
    std::vector<StringId> cwe_;
    std::vector<StringId> parts_;
    std::vector<ProductCriteria> products_;
    std::vector<Criterion> criteria_;
    std::vector<Range> ranges_;
    std::vector<Platform> platforms_;
    std::vector<PlatformGroup> groups_;
    std::vector<PlatformOperand> operands_;
    std::vector<FeedFacts> feeds_;
    std::vector<Alias> aliases_;
    std::vector<Weakness> known_weaknesses_;
    std::vector<SectionHead> heads_;
    Buffer out_;
};

Result<Buffer> SnapshotBuilder::finish() && { return SnapshotAssembly(*this).write(); }

Result<Buffer> write_snapshot(const SnapshotRecords& records) {
    SnapshotBuilder builder;
    builder.restrict_to(records.products);
    for (const AdvisoryRecord& each : records.advisories)
        builder.add(each, Origin::nvd);
    if (!records.date.empty())
        builder.set_feed({.name = "records", .date = records.date, .imported = {}, .sha256 = {}, .records = records.advisories.size()});
    return std::move(builder).finish();
}

Result<Buffer> pack_snapshot(Bytes file) {
    constexpr int thorough = 19;  // written once, read at every start; decompression does not get slower
    Buffer frame(ZSTD_compressBound(file.size()));
    const std::size_t size = ZSTD_compress(frame.data(), frame.size(), file.data(), file.size(), thorough);
    if (ZSTD_isError(size) != 0)
        return fail(Errc::internal, ZSTD_getErrorName(size));
    frame.resize(size);
    return frame;
}

}  // namespace shirushi::vuln
