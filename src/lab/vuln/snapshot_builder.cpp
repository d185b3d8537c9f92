#include "vuln/snapshot_builder.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace shirushi::vuln {
namespace {

std::size_t mixed(std::size_t hash, std::uint32_t value) { return (hash ^ value) * 0x9e3779b97f4a7c15ULL + (hash >> 29); }

/// Of the facts that are no versions.
std::uint8_t trust_in(Origin origin) {
    switch (origin) {
        case Origin::nvd: return 4;
        case Origin::cve:
        case Origin::kernel: return 3;
        case Origin::override_: return 1;
        default: return 2;
    }
}

std::int32_t millionths(double share) { return static_cast<std::int32_t>(std::lround(std::clamp(share, 0.0, 1.0) * 1e6)); }

}  // namespace

std::size_t SnapshotBuilder::RangeHash::operator()(const Range& range) const {
    std::size_t hash = 0;
    for (const std::uint32_t value : {range.exact, range.update, range.start, range.end, range.edition, range.flags})
        hash = mixed(hash, value);
    return hash;
}

std::size_t SnapshotBuilder::WordsHash::operator()(const Words& words) const {
    std::size_t hash = words.size();
    for (const std::uint32_t word : words)
        hash = mixed(hash, word);
    return hash;
}

void SnapshotBuilder::restrict_to(std::span<const ProductRecord> products) {
    restricted_ = true;
    for (const ProductRecord& each : products) {
        covered_.insert(texts_.number(each.product));
        set_scheme(each.product, each.scheme);
    }
}

void SnapshotBuilder::set_scheme(std::string_view product, VersionScheme scheme) { schemes_[texts_.number(product)] = scheme; }

bool SnapshotBuilder::wants(std::string_view product) { return !restricted_ || covered_.contains(texts_.number(product)); }

/// Its place among the advisories, where it stays.
std::uint32_t SnapshotBuilder::advisory(std::string_view id) {
    const std::uint32_t text = texts_.number(id);
    const auto [found, fresh] = advisory_of_.try_emplace(text, static_cast<std::uint32_t>(advisories_.size()));
    if (fresh) {
        advisories_.emplace_back();
        advisories_.back().facts.id = text;
    }
    return found->second;
}

std::uint32_t SnapshotBuilder::range(const VersionRange& range) {
    const Range row{.exact = texts_.number(range.exact), .update = texts_.number(range.update), .start = texts_.number(range.start), .end = texts_.number(range.end),
                    .edition = texts_.number(range.edition),
                    .flags = (range.start_excluded ? range_start_excluded : 0U) | (range.end_included ? range_end_included : 0U)};
    const auto [found, fresh] = range_numbers_.try_emplace(row, static_cast<std::uint32_t>(ranges_.size()));
    if (fresh)
        ranges_.push_back(row);
    return found->second;
}

/// What the groups other than number `own` ask for.
std::uint32_t SnapshotBuilder::platform(const Configuration& configuration, std::size_t own) {
    if (configuration.groups.size() < 2)
        return 0;
    std::vector<std::vector<std::array<std::uint32_t, 3>>> groups;
    for (std::size_t i = 0; i < configuration.groups.size(); ++i) {
        if (i == own)
            continue;
        auto& group = groups.emplace_back();
        for (const Operand& each : configuration.groups[i])
            group.push_back({texts_.number(fmt::format("{}:{}", each.part, each.product)), range(each.range), each.vulnerable ? 1U : 0U});
        std::ranges::sort(group);
        group.erase(std::unique(group.begin(), group.end()), group.end());
    }
    std::ranges::sort(groups);
    Words words{static_cast<std::uint32_t>(groups.size())};
    for (const auto& group : groups) {
        words.push_back(static_cast<std::uint32_t>(group.size()));
        for (const auto& operand : group)
            words.insert(words.end(), operand.begin(), operand.end());
    }
    const auto [found, fresh] = platform_numbers_.try_emplace(std::move(words), static_cast<std::uint32_t>(platforms_.size() + 1));
    if (fresh)
        platforms_.push_back(&found->first);
    return found->second;
}

void SnapshotBuilder::add_facts(Advisory& advisory, const AdvisoryRecord& record, Origin origin) {
    const std::uint8_t trust = trust_in(origin);
    AdvisoryFacts& facts = advisory.facts;
    const bool better = trust >= advisory.trust;
    const auto take = [&](StringId& to, const std::string& text) {
        if (!text.empty() && (better || to == 0))
            to = texts_.number(text);
    };
    take(facts.published, record.published);
    take(facts.modified, record.modified);
    if (record.score && (better || facts.tenths < 0)) {
        const auto tenths = static_cast<std::int32_t>(std::lround(std::clamp(*record.score, 0.0, 10.0) * 10));
        const StringId vector = texts_.number(record.vector);
        std::uint32_t whose = static_cast<std::uint32_t>(origin) + 1;
        if (tenths == facts.tenths && vector == facts.vector && trust == advisory.trust)  // the same of two: in any order the same one
            whose = std::max(whose, (facts.flags >> advisory_score_shift) & 0xffU);
        facts.tenths = tenths;
        facts.vector = vector;
        facts.flags = (facts.flags & ~(0xffU << advisory_score_shift)) | whose << advisory_score_shift;
    }
    if (!record.cwe.empty() && (better || advisory.cwe.empty())) {
        advisory.cwe.clear();
        for (const std::string& each : record.cwe)
            advisory.cwe.push_back(texts_.number(each));
    }
    if (!record.parts.empty()) {
        advisory.parts.clear();
        for (const std::string& each : record.parts)
            advisory.parts.push_back(texts_.number(each));
    }
    if (!record.exploited_since.empty())
        facts.exploited_since = texts_.number(record.exploited_since);
    if (record.epss && record.percentile) {
        facts.epss = millionths(*record.epss);
        facts.percentile = millionths(*record.percentile);
    }
    if (better)
        facts.flags = (facts.flags & ~std::uint32_t{advisory_withdrawn}) | (record.withdrawn ? advisory_withdrawn : 0U);
    advisory.trust = std::max(advisory.trust, trust);
}

void SnapshotBuilder::add_rows(const Configuration& configuration, Row row) {
    for (std::size_t own = 0; own < configuration.groups.size(); ++own) {
        const auto is_ours = [&](const Operand& each) { return each.vulnerable && each.part != 'h' && wants(each.product); };  // h: a device, not the software in it
        if (std::ranges::none_of(configuration.groups[own], is_ours))
            continue;
        row.criterion.platform = platform(configuration, own);
        for (const Operand& each : configuration.groups[own]) {
            if (!is_ours(each))
                continue;
            row.product = texts_.number(each.product);
            row.criterion.range = range(each.range);
            row.criterion.status_number = static_cast<std::uint8_t>(each.status);
            rows_.push_back(row);
        }
    }
}

void SnapshotBuilder::add(const AdvisoryRecord& record, Origin origin) {
    const std::uint32_t number = advisory(record.id);
    Advisory& known = advisories_[number];
    add_facts(known, record, origin);
    std::uint32_t& generation = known.generation[static_cast<std::size_t>(origin)];
    if (origin != Origin::jvn || generation == 0)
        generation = ++generation_;
    if (origin == Origin::override_)
        known.facts.flags |= advisory_overridden;
    Row row{.product = 0, .criterion = {.advisory = number, .origin_number = static_cast<std::uint8_t>(origin)},
            .generation = generation};
    for (const Configuration& each : record.configurations)
        add_rows(each, row);
}

void SnapshotBuilder::describe(const AdvisoryRecord& record, Origin origin) { add_facts(advisories_[advisory(record.id)], record, origin); }

void SnapshotBuilder::set_alias(std::string_view id, std::string_view alias, std::string_view title) {
    std::uint32_t& known = alias_titles_[alias_key(advisory(id), texts_.number(alias))];
    if (!title.empty())
        known = texts_.number(title);
}

void SnapshotBuilder::set_weakness(const WeaknessRecord& weakness) {
    std::vector<std::string> parents = weakness.parents;
    std::ranges::sort(parents);
    parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
    weaknesses_[texts_.number(weakness.id)] = {texts_.number(weakness.name), texts_.number(fmt::format("{}", fmt::join(parents, " ")))};
}

void SnapshotBuilder::begin_product(std::string_view product, Origin origin) {
    product_generation_[product_key(texts_.number(product), static_cast<std::uint8_t>(origin))] = ++generation_;
}

void SnapshotBuilder::append(std::string_view id, const Operand& operand, Origin origin) {
    if (!wants(operand.product))
        return;
    Row row{.product = texts_.number(operand.product), .criterion = {.advisory = advisory(id), .range = range(operand.range)},
            .generation = 0};
    row.criterion.origin_number = static_cast<std::uint8_t>(origin);
    row.criterion.status_number = static_cast<std::uint8_t>(operand.status);
    if (const auto found = product_generation_.find(product_key(row.product, row.criterion.origin_number)); found != product_generation_.end())
        row.generation = found->second;
    rows_.push_back(row);
}

bool SnapshotBuilder::is_current(const Row& row) const {
    const std::uint8_t origin = row.criterion.origin_number;
    if (!by_product(origin))
        return row.generation == advisories_[row.criterion.advisory].generation[origin];
    const auto found = product_generation_.find(product_key(row.product, origin));
    return row.generation == (found == product_generation_.end() ? 0 : found->second);
}

void SnapshotBuilder::forget_lookups() {
    texts_.forget_lookup();
    range_numbers_ = {};
    advisory_of_ = {};
    product_generation_ = {};
}

void SnapshotBuilder::set_exploited(std::string_view id, std::string_view since) { advisories_[advisory(id)].facts.exploited_since = texts_.number(since); }

void SnapshotBuilder::set_epss(std::string_view id, double epss, double percentile) {
    AdvisoryFacts& facts = advisories_[advisory(id)].facts;
    facts.epss = millionths(epss);
    facts.percentile = millionths(percentile);
}

void SnapshotBuilder::set_feed(const FeedRecord& feed) {
    std::erase_if(feeds_, [&](const FeedRecord& each) { return each.name == feed.name; });
    feeds_.push_back(feed);
}

void SnapshotBuilder::load(const Snapshot& earlier) {
    std::vector<std::uint32_t> texts(earlier.text_count());
    for (std::uint32_t i = 0; i < texts.size(); ++i)
        texts[i] = texts_.number(earlier.text(i));
    std::vector<std::uint32_t> advisories;  // here, by their numbers there
    for (const AdvisoryFacts& each : earlier.advisories()) {
        advisories.push_back(advisory(earlier.text(each.id)));
        Advisory& known = advisories_[advisories.back()];
        known.facts = each;
        for (StringId* text : {&known.facts.id, &known.facts.published, &known.facts.modified, &known.facts.vector, &known.facts.exploited_since})
            *text = texts[*text];
        known.trust = static_cast<std::uint8_t>(each.flags >> advisory_trust_shift);
        known.cwe.clear();
        known.parts.clear();
        std::ranges::transform(earlier.weaknesses(each), std::back_inserter(known.cwe), [&](StringId text) { return texts[text]; });
        std::ranges::transform(earlier.parts(each), std::back_inserter(known.parts), [&](StringId text) { return texts[text]; });
        known.generation.fill(0);
        for (const Alias& alias : earlier.aliases(each))
            alias_titles_[alias_key(advisories.back(), texts[alias.id])] = texts[alias.title];
    }
    for (const Weakness& each : earlier.known_weaknesses())
        weaknesses_[texts[each.id]] = {texts[each.name], texts[each.parents]};
    for (const ProductCriteria& product : earlier.products()) {
        const std::uint32_t name = texts[product.product];
        schemes_.try_emplace(name, product.scheme());
        if (product.count == 0)
            covered_.insert(name);
        for (Criterion row : earlier.criteria(product)) {
            row.advisory = advisories[row.advisory];
            row.range = range(earlier.versions(row.range));
            row.platform = load_platform(earlier, row.platform);
            rows_.push_back({.product = name, .criterion = row, .generation = 0});
        }
    }
    for (const FeedFacts& each : earlier.feeds())
        set_feed(earlier.feed(each));
}

std::uint32_t SnapshotBuilder::load_platform(const Snapshot& earlier, std::uint32_t index_plus_one) {
    if (index_plus_one == 0)
        return 0;
    Configuration configuration{{{}}};
    for (const PlatformGroup& group : earlier.platform(index_plus_one)) {
        auto& operands = configuration.groups.emplace_back();
        for (const PlatformOperand& each : earlier.operands(group)) {
            const std::string_view name = earlier.text(each.product);  // "o:vendor:product"
            operands.push_back({name.empty() ? 'a' : name[0], std::string(name.substr(std::min<std::size_t>(name.size(), 2))), earlier.versions(each.range), each.vulnerable != 0});
        }
    }
    return platform(configuration, 0);
}

}  // namespace shirushi::vuln
