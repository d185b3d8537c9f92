#include "vuln/match.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "vuln/built_parts.hpp"
#include "vuln/package_names.hpp"
#include "vuln/surroundings.hpp"

namespace shirushi::vuln {
namespace {

/// Where two versions stand to each other, remembered; `unasked` until somebody asks.
enum class Order : std::uint8_t { unasked, older, same, newer };

/// What one version was compared with, by the snapshot's texts. Emptied in no time, so that one serves all components.
class Comparisons {
public:
    explicit Comparisons(std::size_t texts) : known_(texts) {}
    void forget() { ++round_; }
    Order& with(StringId text) {
        Known& known = known_[text];
        if (known.round != round_)
            known = {.round = round_, .order = Order::unasked};
        return known.order;
    }

private:
    struct Known {
        std::uint32_t round = 0;
        Order order = Order::unasked;
    };
    std::vector<Known> known_;
    std::uint32_t round_ = 0;
};

/// A component's version as one product's advisories see it: each text of the snapshot is compared with it at most once.
class ComparedVersion {
public:
    ComparedVersion(std::string version, VersionScheme scheme, const Snapshot& snapshot, Comparisons& known)
        : version_(std::move(version)), scheme_(scheme), snapshot_(snapshot), known_(known) {
        known_.forget();
    }

    [[nodiscard]] bool is_in(const Range& range) {
        if (range.exact != 0)
            return is_exactly(range.exact, range.update);
        if (range.start != 0) {
            const Order order = to(range.start);
            if (order == Order::older || (order == Order::same && range.start_excluded()))
                return false;
        }
        if (range.end == 0)
            return true;
        const Order order = to(range.end);
        if (order == Order::same || order == Order::older)
            return order == Order::older || range.end_included();
        return range.end_included() && is_port_of(range.end);
    }

private:
    static bool is_same(std::string_view left, std::string_view right, VersionScheme scheme) {
        return compare_versions(left, right, scheme) == 0;
    }

    bool is_exactly(StringId exact, StringId update) {
        const std::string_view text = snapshot_.text(exact);
        if (text == "-")
            return false;
        if (update == 0 || snapshot_.text(update) == "-")
            return to(exact) == Order::same;
        // An update that the scheme has no word for ("supported_preview") must not become the plain version.
        const std::string joined = fmt::format("{}-{}", text, snapshot_.text(update));
        const std::string attached = fmt::format("{}{}", text, snapshot_.text(update));
        for (const std::string& each : {joined, attached})
            if (is_same(version_, each, scheme_) && (!is_same(each, text, scheme_) || version_ == each))
                return true;
        return false;
    }

    /// VersionScheme::portable: 7.2p2 for "up to and including 7.2".
    bool is_port_of(StringId end) {
        if (scheme_ != VersionScheme::portable)
            return false;
        const auto port = version_.find('p');
        return port != std::string::npos && is_same(std::string_view(version_).substr(0, port), snapshot_.text(end), scheme_);
    }

    Order to(StringId text) {
        Order& known = known_.with(text);
        if (known == Order::unasked) {
            const auto order = compare_versions(version_, snapshot_.text(text), scheme_);
            known = order < 0 ? Order::older : order > 0 ? Order::newer : Order::same;
        }
        return known;
    }

    std::string version_;
    VersionScheme scheme_;
    const Snapshot& snapshot_;
    Comparisons& known_;
};

// ---- components -------------------------------------------------------------------------------------------------------

bool is_open_ended(const Range& range) { return range.exact == 0 && range.end == 0; }

/// Upstream's word on a distribution's package.
MatchState upstream_state(const Component& component, const Range& range) {
    if (is_open_ended(range))
        return MatchState::open_ended;
    const auto scheme = distribution_scheme(component);
    const bool documented = scheme == VersionScheme::dpkg || scheme == VersionScheme::apk || scheme == VersionScheme::rpm;
    return documented && has_distribution_revision(component.version, *scheme) ? MatchState::superseded : MatchState::affected;
}

bool is_concrete(std::string_view pair) {
    const auto colon = pair.find(':');
    if (colon == std::string_view::npos || pair.find(':', colon + 1) != std::string_view::npos)
        return false;
    const std::string_view vendor = pair.substr(0, colon);
    const std::string_view product = pair.substr(colon + 1);
    return !vendor.empty() && !product.empty() && vendor != "-" && product != "-" && pair.find_first_of("*?") == std::string_view::npos;
}

std::string range_text(const Range& range, std::string_view product, const Snapshot& snapshot) {
    const std::string_view name = product.substr(product.rfind(product.find('/') != std::string_view::npos ? '/' : ':') + 1);
    if (range.exact != 0) {
        const std::string_view update = snapshot.text(range.update);
        return fmt::format("{} = {}{}{}", name, snapshot.text(range.exact), update.empty() || update == "-" ? "" : "-", update == "-" ? "" : update);
    }
    std::string text(name);
    if (range.start != 0)
        text += fmt::format(" {} {}", range.start_excluded() ? ">" : ">=", snapshot.text(range.start));
    if (range.end != 0)
        text += fmt::format("{} {} {}", range.start != 0 ? "," : "", range.end_included() ? "<=" : "<", snapshot.text(range.end));
    if (range.start == 0 && range.end == 0)
        text += " *";
    return text;
}

/// What a distribution or ecosystem says of one advisory and one package.
struct Statement {
    Status status = Status::unaffected;
    const Criterion* criterion = nullptr;
    std::string range;
    std::string reason;
};

class Matcher {
public:
    Matcher(const Table<Component>& components, const Snapshot& snapshot, std::span<const ProductNames> names, const MatchScope& scope)
        : components_(components), snapshot_(snapshot), surroundings_(scope.has_linux.value_or(shows_linux(components)), snapshot),
          comparisons_(snapshot.text_count()), only_(scope.only) {
        for (const ProductNames& each : names)
            names_.try_emplace(each.product, &each);
    }

    Table<AdvisoryMatch> run() && {
        Table<AdvisoryMatch> table{.observed = components_.observed, .gaps = components_.gaps, .rows = {}};
        std::vector<const Component*> sorted;
        for (const Component& each : components_.rows)
            sorted.push_back(&each);
        std::ranges::stable_sort(sorted, {}, [](const Component* each) { return std::string_view(each->id); });
        std::deque<AdvisoryMatch> rows;  // a row is large: none is moved while others come
        for (const Component* each : sorted)
            match_component(*each, rows);
        table.rows.assign(std::move_iterator(rows.begin()), std::move_iterator(rows.end()));
        for (std::string& gap : silent_sources())
            table.gaps.push_back(std::move(gap));
        return table;
    }

private:
    /// Whose advisories the snapshot lacks altogether, with the number of packages that nothing was found for because of that. A language's
    /// package may be known by other names; of a distribution's only the distribution can say what it mended.
    [[nodiscard]] std::vector<std::string> silent_sources() const {
        std::map<std::string, std::size_t> packages;
        for (const Component& each : components_.rows)
            if (std::string source = advisory_source(each); !source.empty() && (distribution_scheme(each) || products_of(each).empty()))
                ++packages[std::move(source)];
        std::vector<std::string> gaps;
        for (const auto& [source, count] : packages)
            if (source.ends_with("//"))
                gaps.push_back(fmt::format("{}: {} package{} whose purl names no release (distro)", source.substr(0, source.size() - 2), count, count == 1 ? "" : "s"));
            else if (!snapshot_.covers(source))
                gaps.push_back(fmt::format("{}: the advisory data names none of its packages, {} of which {} here", source.substr(0, source.size() - 1), count, count == 1 ? "is" : "are"));
        return gaps;
    }

    using Statements = std::map<std::uint32_t, Statement>;  // advisories are numbered in the order of their ids
    using Rows = std::map<std::uint32_t, AdvisoryMatch>;

    [[nodiscard]] const ProductNames* names_of(const Component& component) const {
        const auto found = names_.find(component.product);
        return found == names_.end() ? nullptr : found->second;
    }

    [[nodiscard]] std::vector<const ProductCriteria*> products_of(const Component& component) const {
        const ProductNames* names = names_of(component);
        std::vector<const ProductCriteria*> products;
        for (const std::string& pair : component.cpe.empty() && names != nullptr ? names->cpe : component.cpe)
            if (is_concrete(pair))
                if (const ProductCriteria* found = snapshot_.product(pair);
                    found != nullptr && std::ranges::find(products, found) == products.end())
                    products.push_back(found);
        return products;
    }

    void match_component(const Component& component, std::deque<AdvisoryMatch>& rows) {
        const auto products = products_of(component);
        const std::string version = upstream_version(component);
        if (std::ranges::none_of(version, [](char c) { return c >= '0' && c <= '9'; }))
            return add_unknown(component, products, rows);
        const Statements statements = statements_of(component);
        Rows found;
        const ProductNames* names = names_of(component);
        for (const ProductCriteria* product : products) {
            ComparedVersion compared(version, names != nullptr ? names->scheme : product->scheme(), snapshot_, comparisons_);
            each_advisory(*product, [&](std::span<const Criterion> criteria) {
                if (const Criterion* fits = upstream_match(criteria, compared))
                    take(component, *product, *fits, found);
            });
        }
        for (auto& [advisory, row] : found)
            if (const auto statement = statements.find(advisory); statement != statements.end())
                heed(statement->second, row);
        for (const auto& [advisory, statement] : statements)
            if (statement.status == Status::affected && !found.contains(advisory))
                found.emplace(advisory, row_of(component, *statement.criterion, statement.range, MatchState::affected));
        for (auto& [advisory, row] : found)
            rows.push_back(std::move(row));
    }

    /// Calls `visit` with the criteria of each advisory of a product that counts.
    template <class Visit>
    void each_advisory(const ProductCriteria& product, const Visit& visit) const {
        const auto all = snapshot_.criteria(product);
        for (std::size_t from = 0; from < all.size();) {
            std::size_t to = from + 1;
            while (to < all.size() && all[to].advisory == all[from].advisory)
                ++to;
            if ((only_ == nullptr || (*only_)[all[from].advisory]) && !snapshot_.advisory(all[from].advisory).withdrawn())
                visit(all.subspan(from, to - from));
            from = to;
        }
    }

    /// Of one advisory's criteria: the first that fits, of the most trusted origin. One that says where the fault ends speaks before one
    /// that does not.
    const Criterion* upstream_match(std::span<const Criterion> criteria, ComparedVersion& compared) const {
        const bool overridden = snapshot_.advisory(criteria[0].advisory).overridden();
        const auto counts = [&](const Criterion& each) { return !overridden || each.origin() == Origin::override_; };
        unsigned most = 0;
        for (const Criterion& each : criteria)
            if (counts(each))
                most = std::max(most, precedence(each.origin()));
        const Criterion* open = nullptr;
        for (const Criterion& each : criteria) {
            const Range& range = snapshot_.range(each.range);
            if (precedence(each.origin()) != most || !counts(each) || !compared.is_in(range) || surroundings_.contradict(each))
                continue;
            if (!is_open_ended(range))
                return &each;
            open = open != nullptr ? open : &each;
        }
        return open;
    }

    void take(const Component& component, const ProductCriteria& product, const Criterion& criterion, Rows& found) const {
        const Range& range = snapshot_.range(criterion.range);
        const auto known = found.find(criterion.advisory);
        if (known != found.end() && (known->second.state != MatchState::open_ended || is_open_ended(range)))
            return;
        AdvisoryMatch row = row_of(component, criterion, range_text(range, snapshot_.text(product.product), snapshot_), upstream_state(component, range));
        if (auto reason = not_compiled_in(parts_of(snapshot_.advisory(criterion.advisory)), component)) {
            row.state = MatchState::not_compiled_in;
            row.reason = std::move(*reason);
        }
        found.insert_or_assign(criterion.advisory, std::move(row));
    }

    [[nodiscard]] std::vector<std::string_view> parts_of(const AdvisoryFacts& facts) const {
        std::vector<std::string_view> parts;
        for (const StringId part : snapshot_.parts(facts))
            parts.push_back(snapshot_.text(part));
        return parts;
    }

    /// What the distribution says goes before what upstream's range says; only what was not built stays so.
    static void heed(const Statement& statement, AdvisoryMatch& row) {
        if (row.state == MatchState::not_compiled_in || statement.status == Status::undecided)
            return;
        row.state = statement.status == Status::affected ? MatchState::affected : MatchState::mended;
        row.source = origin_name(statement.criterion->origin());
        row.reason = statement.reason;
        if (statement.status == Status::affected)
            row.range = statement.range;
    }

    Statements statements_of(const Component& component) {
        Statements statements;
        for (const PackageName& name : package_names(component)) {
            const ProductCriteria* product = snapshot_.product(name.product);
            if (product == nullptr)
                continue;
            ComparedVersion compared(name.version, name.scheme, snapshot_, comparisons_);
            each_advisory(*product, [&](std::span<const Criterion> criteria) {
                statements.try_emplace(criteria[0].advisory, statement_of(criteria, name, compared));
            });
            break;  // the source package's word, where there is one
        }
        return statements;
    }

    Statement statement_of(std::span<const Criterion> criteria, const PackageName& name, ComparedVersion& compared) const {
        Statement statement{.status = Status::unaffected, .criterion = &criteria[0], .range = {}, .reason = {}};
        for (const Criterion& each : criteria) {
            const Range& range = snapshot_.range(each.range);
            if (each.status() == Status::unaffected && (range == Range{} || compared.is_in(range)))
                return {.status = Status::unaffected, .criterion = &each, .range = {}, .reason = fmt::format("{}: not affected", name.product)};
            if (each.status() == Status::unaffected)
                continue;
            if (range == Range{} || compared.is_in(range)) {
                statement = {.status = each.status(), .criterion = &each, .range = range_text(range, name.product, snapshot_), .reason = {}};
            } else if (statement.reason.empty() && range.end != 0 && statement.status == Status::unaffected) {
                statement.reason = fmt::format("{}: mended in {}", name.product, snapshot_.text(range.end));
            }
        }
        if (statement.status == Status::unaffected && statement.reason.empty())
            statement.reason = fmt::format("{}: this version is not named", name.product);
        return statement;
    }

    void add_unknown(const Component& component, const std::vector<const ProductCriteria*>& products, std::deque<AdvisoryMatch>& rows) const {
        std::vector<std::uint32_t> advisories;
        for (const ProductCriteria* product : products)
            each_advisory(*product, [&](std::span<const Criterion> criteria) {
                if (std::ranges::any_of(criteria, [this](const Criterion& each) { return !surroundings_.contradict(each); }))
                    advisories.push_back(criteria[0].advisory);
            });
        std::ranges::sort(advisories);
        const auto twice = std::ranges::unique(advisories);
        advisories.erase(twice.begin(), twice.end());
        if (advisories.empty())
            return;
        const std::string& name = component.product.empty() ? component.name : component.product;
        AdvisoryMatch row;
        row.component = component.id;
        row.state = MatchState::version_unknown;
        row.range = fmt::format("{}: {}", name, advisories.size());
        rows.push_back(std::move(row));
    }

    [[nodiscard]] AdvisoryMatch row_of(const Component& component, const Criterion& criterion, std::string range, MatchState state) const {
        const AdvisoryFacts& facts = snapshot_.advisory(criterion.advisory);
        AdvisoryMatch row;
        row.advisory = snapshot_.text(facts.id);
        row.component = component.id;
        row.state = state;
        row.source = origin_name(criterion.origin());
        row.range = std::move(range);
        if (facts.tenths >= 0)
            row.score = facts.tenths / 10.0;
        row.vector = snapshot_.text(facts.vector);
        if (const auto origin = facts.score_origin())
            row.score_source = origin_name(*origin);
        if (facts.epss >= 0)
            row.epss = facts.epss / 1e6;
        for (const StringId cwe : snapshot_.weaknesses(facts))
            row.cwe.emplace_back(snapshot_.text(cwe));
        row.published = snapshot_.text(facts.published);
        if (facts.exploited_since != 0)
            row.exploited_since = std::string(snapshot_.text(facts.exploited_since));
        row.built_part = seen_built(parts_of(facts), component);
        return row;
    }

    const Table<Component>& components_;
    const Snapshot& snapshot_;
    Surroundings surroundings_;
    Comparisons comparisons_;
    const std::vector<bool>* only_;
    std::map<std::string_view, const ProductNames*> names_;
};

}  // namespace

Table<AdvisoryMatch> match(const Table<Component>& components, const Snapshot& snapshot, std::span<const ProductNames> names, const MatchScope& scope) {
    return Matcher(components, snapshot, names, scope).run();
}

std::size_t unidentified(const Table<Component>& components, std::span<const ProductNames> names) {
    return static_cast<std::size_t>(std::ranges::count_if(components.rows, [&](const Component& each) {
        const auto known = std::ranges::find(names, each.product, &ProductNames::product);
        return std::ranges::none_of(each.cpe, is_concrete) && (known == names.end() || known->cpe.empty()) && advisory_source(each).empty();
    }));
}

}  // namespace shirushi::vuln
