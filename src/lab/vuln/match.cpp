#include "vuln/match.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"

namespace shirushi::vuln {
namespace {

/// Where two versions stand to each other, remembered; `unasked` until somebody asks.
enum class Order : std::uint8_t { unasked, older, same, newer };

/// A component's version as one product's advisories see it: each text of the snapshot is compared with it at most once.
class ComparedVersion {
public:
    ComparedVersion(std::string version, VersionScheme scheme, const Snapshot& snapshot)
        : version_(std::move(version)), scheme_(scheme), snapshot_(snapshot), known_(snapshot.text_count(), Order::unasked) {}

    [[nodiscard]] bool is_in(const Criterion& range) {
        if (range.exact != 0)
            return is_exactly(range.exact, range.update);
        if (range.start != 0) {
            const Order order = to(range.start);
            if (order == Order::older || (order == Order::same && range.start_excluded))
                return false;
        }
        if (range.end == 0)
            return true;
        const Order order = to(range.end);
        if (order == Order::same || order == Order::older)
            return order == Order::older || range.end_included;
        return range.end_included && is_port_of(range.end);
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
        Order& known = known_[text];
        if (known == Order::unasked) {
            const auto order = compare_versions(version_, snapshot_.text(text), scheme_);
            known = order < 0 ? Order::older : order > 0 ? Order::newer : Order::same;
        }
        return known;
    }

    std::string version_;
    VersionScheme scheme_;
    const Snapshot& snapshot_;
    std::vector<Order> known_;
};

// ---- platforms --------------------------------------------------------------------------------------------------------

/// Operating systems that a system with a Linux kernel is not, as CPE names begin.
constexpr std::array<std::string_view, 17> other_systems = {
    "o:microsoft:",  "o:apple:",         "o:freebsd:",       "o:netbsd:",    "o:openbsd:", "o:sun:sunos",
    "o:sun:solaris", "o:oracle:solaris", "o:ibm:aix",        "o:ibm:os_400", "o:hp:hp-ux", "o:hp:openvms",
    "o:sgi:irix",    "o:sco:",           "o:novell:netware", "a:microsoft:", "a:cygwin:",
};

/// Editions and targets of the same kind, and other implementations under the same name (a Go or Rust package).
constexpr std::array<std::string_view, 13> other_editions = {
    "win32", "windows", "win64", "macos", "mac_os_x", "iphone_os", "ios", "solaris", "freebsd", "node.js", "go", "rust", "python",
};

/// Which of a snapshot's platforms and editions cannot be where the components are.
class Surroundings {
public:
    Surroundings(const Table<Component>& components, const Snapshot& snapshot) : snapshot_(snapshot) {
        linux_ = std::ranges::any_of(components.rows, [](const Component& each) {
            return std::ranges::find(each.cpe, "linux:linux_kernel") != each.cpe.end() || each.product == "linux_kernel";
        });
    }

    [[nodiscard]] bool contradict(const Criterion& criterion) const {
        return linux_ && (contradicts_platform(criterion.platform) || contradicts_edition(criterion.edition));
    }

private:
    [[nodiscard]] bool contradicts_platform(std::uint32_t platform) const {
        if (platform == 0)
            return false;
        return std::ranges::any_of(snapshot_.platform(platform), [this](const std::vector<PlatformOperand>& group) {
            return !group.empty() && std::ranges::all_of(group, [this](const PlatformOperand& operand) {
                const std::string_view name = snapshot_.text(operand.product);
                return std::ranges::any_of(other_systems, [&](std::string_view each) { return name.starts_with(each); });
            });
        });
    }

    [[nodiscard]] bool contradicts_edition(StringId edition) const {
        if (edition == 0)
            return false;
        const auto parts = split(snapshot_.text(edition), ':');
        return std::ranges::any_of(parts,
                                   [](std::string_view each) { return std::ranges::find(other_editions, each) != other_editions.end(); });
    }

    const Snapshot& snapshot_;
    bool linux_ = false;
};

// ---- components -------------------------------------------------------------------------------------------------------

std::optional<VersionScheme> ecosystem_scheme(const Component& component) {
    const auto scheme = scheme_from_name(component.ecosystem);
    if (scheme == VersionScheme::dpkg || scheme == VersionScheme::opkg || scheme == VersionScheme::apk)
        return scheme;
    return std::nullopt;
}

std::string comparable_version(const Component& component) {
    const auto scheme = ecosystem_scheme(component);
    return scheme ? upstream_part(component.version, *scheme) : std::string(trimmed(component.version));
}

bool is_open_ended(const Criterion& criterion) {
    return criterion.exact == 0 && criterion.end == 0;
}

MatchState state_of(const Component& component, const Criterion& criterion) {
    if (is_open_ended(criterion))
        return MatchState::open_ended;
    const auto scheme = ecosystem_scheme(component);
    const bool documented = scheme == VersionScheme::dpkg || scheme == VersionScheme::apk;
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

std::string range_text(const Criterion& criterion, std::string_view product, const Snapshot& snapshot) {
    const std::string_view name = product.substr(product.find(':') + 1);
    if (criterion.exact != 0) {
        const std::string_view update = snapshot.text(criterion.update);
        return fmt::format("{} = {}{}{}", name, snapshot.text(criterion.exact), update.empty() || update == "-" ? "" : "-",
                           update == "-" ? "" : update);
    }
    std::string text(name);
    if (criterion.start != 0)
        text += fmt::format(" {} {}", criterion.start_excluded ? ">" : ">=", snapshot.text(criterion.start));
    if (criterion.end != 0)
        text += fmt::format("{} {} {}", criterion.start != 0 ? "," : "", criterion.end_included ? "<=" : "<", snapshot.text(criterion.end));
    if (criterion.start == 0 && criterion.end == 0)
        text += " *";
    return text;
}

class Matcher {
public:
    Matcher(const Table<Component>& components, const Snapshot& snapshot, std::span<const ProductNames> names)
        : components_(components), snapshot_(snapshot), surroundings_(components, snapshot) {
        for (const ProductNames& each : names)
            names_.try_emplace(each.product, &each);
    }

    Table<AdvisoryMatch> run() && {
        Table<AdvisoryMatch> table{.observed = components_.observed, .gaps = components_.gaps, .rows = {}};
        std::vector<const Component*> sorted;
        for (const Component& each : components_.rows)
            sorted.push_back(&each);
        std::ranges::stable_sort(sorted, {}, [](const Component* each) { return std::string_view(each->id); });
        for (const Component* each : sorted)
            match_component(*each, table.rows);
        return table;
    }

private:
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

    void match_component(const Component& component, std::vector<AdvisoryMatch>& rows) const {
        const auto products = products_of(component);
        const std::string version = comparable_version(component);
        if (std::ranges::none_of(version, [](char c) { return c >= '0' && c <= '9'; }))
            return add_unknown(component, products, rows);
        std::map<std::uint32_t, AdvisoryMatch> found;  // advisories are numbered in the order of their ids
        const ProductNames* names = names_of(component);
        for (const ProductCriteria* product : products) {
            ComparedVersion compared(version, names != nullptr ? names->scheme : product->scheme, snapshot_);
            for (const Criterion& criterion : snapshot_.criteria(*product))
                if (is_news(criterion, found) && compared.is_in(criterion) && !surroundings_.contradict(criterion))
                    found.insert_or_assign(criterion.advisory, row_of(component, *product, criterion));
        }
        for (auto& [advisory, row] : found)
            rows.push_back(std::move(row));
    }

    /// The first criterion that fits speaks for its advisory, but one that says where the fault ends before one that does not.
    static bool is_news(const Criterion& criterion, const std::map<std::uint32_t, AdvisoryMatch>& found) {
        const auto known = found.find(criterion.advisory);
        return known == found.end() || (known->second.state == MatchState::open_ended && !is_open_ended(criterion));
    }

    void add_unknown(const Component& component, const std::vector<const ProductCriteria*>& products,
                     std::vector<AdvisoryMatch>& rows) const {
        std::vector<std::uint32_t> advisories;
        for (const ProductCriteria* product : products)
            for (const Criterion& criterion : snapshot_.criteria(*product))
                if (!surroundings_.contradict(criterion))
                    advisories.push_back(criterion.advisory);
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

    [[nodiscard]] AdvisoryMatch row_of(const Component& component, const ProductCriteria& product, const Criterion& criterion) const {
        const AdvisoryFacts& facts = snapshot_.advisory(criterion.advisory);
        AdvisoryMatch row;
        row.advisory = snapshot_.text(facts.id);
        row.component = component.id;
        row.state = state_of(component, criterion);
        row.range = range_text(criterion, snapshot_.text(product.product), snapshot_);
        if (facts.tenths >= 0)
            row.score = facts.tenths / 10.0;
        row.vector = snapshot_.text(facts.vector);
        for (const StringId cwe : snapshot_.weaknesses(facts))
            row.cwe.emplace_back(snapshot_.text(cwe));
        row.published = snapshot_.text(facts.published);
        if (facts.exploited_since != 0)
            row.exploited_since = std::string(snapshot_.text(facts.exploited_since));
        return row;
    }

    const Table<Component>& components_;
    const Snapshot& snapshot_;
    Surroundings surroundings_;
    std::map<std::string_view, const ProductNames*> names_;
};

}  // namespace

Table<AdvisoryMatch> match(const Table<Component>& components, const Snapshot& snapshot, std::span<const ProductNames> names) {
    return Matcher(components, snapshot, names).run();
}

}  // namespace shirushi::vuln
