#include "vuln/version_range_specifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "vuln/package_names.hpp"

namespace shirushi::vuln {
namespace {

/// Types that are no purl types of package_names.hpp: schemes of their own, and other words for one.
constexpr std::array<std::pair<std::string_view, VersionScheme>, 8> more_types = {{{"generic", VersionScheme::generic}, {"intdot", VersionScheme::generic},
                                                                                  {"apache", VersionScheme::generic},  {"nginx", VersionScheme::generic},
                                                                                  {"openssl", VersionScheme::openssl}, {"semver", VersionScheme::semver},
                                                                                  {"opkg", VersionScheme::opkg},       {"alpine", VersionScheme::apk}}};

std::optional<VersionScheme> scheme_of_type(std::string_view type) {
    const auto* const found = std::ranges::find(more_types, type, &std::pair<std::string_view, VersionScheme>::first);
    return found == more_types.end() ? known_scheme_of(type) : std::optional(found->second);
}

/// Longest first, so that ">=" is not taken for ">".
constexpr std::array<std::pair<std::string_view, Comparator>, 6> comparators = {{{"!=", Comparator::not_equal},
                                                                               {"<=", Comparator::less_or_equal},
                                                                               {">=", Comparator::greater_or_equal},
                                                                               {"<", Comparator::less},
                                                                               {">", Comparator::greater},
                                                                               {"=", Comparator::equal}}};

bool is_upper_end(Comparator comparator) { return comparator == Comparator::less || comparator == Comparator::less_or_equal; }
bool is_lower_end(Comparator comparator) { return comparator == Comparator::greater || comparator == Comparator::greater_or_equal; }

/// Percent-encoding undone (RFC 3986 2.1). Errors: bad_input.
Result<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto byte = i + 2 < text.size() ? to_integer<std::uint8_t>(text.substr(i + 1, 2), 16) : std::nullopt;
        if (!byte || *byte < 0x20 || *byte > 0x7e)
            return fail(Errc::bad_input, fmt::format("\"{}\" is no percent-encoded printable character", excerpt(text.substr(i, 3), 12)));
        out += static_cast<char>(*byte);
        i += 2;
    }
    return out;
}

Result<VersConstraint> parse_constraint(std::string_view text) {
    VersConstraint constraint;
    for (const auto& [word, comparator] : comparators)
        if (text.starts_with(word)) {
            constraint.comparator = comparator;
            text.remove_prefix(word.size());
            break;
        }
    text = trimmed(text);
    if (text.empty())
        return fail(Errc::bad_input, "a constraint names no version");
    if (text.find_first_of("<>=!* ") != std::string_view::npos)
        return fail(Errc::bad_input, fmt::format("\"{}\" is not one comparator and one version; constraints are separated by \"|\"", excerpt(text, 40)));
    constraint.version = TRY(decoded(text));
    if (constraint.version.size() > longest_version)
        return fail(Errc::limit, fmt::format("a version of {} bytes; at most {} are read", constraint.version.size(), longest_version));
    return constraint;
}

/// Sorted, each version once, ends in turn: anything else leaves open which versions are meant. Errors: bad_input.
Result<void> put_in_order(Vers& vers) {
    const auto order = [&](const VersConstraint& a, const VersConstraint& b) { return compare_versions(a.version, b.version, vers.scheme); };
    std::ranges::stable_sort(vers.constraints, [&](const auto& a, const auto& b) { return order(a, b) < 0; });
    for (std::size_t i = 1; i < vers.constraints.size(); ++i)
        if (order(vers.constraints[i - 1], vers.constraints[i]) == 0)
            return fail(Errc::bad_input, fmt::format("the version {} stands twice", excerpt(vers.constraints[i].version, 40)));
    const VersConstraint* last = nullptr;
    for (const VersConstraint& each : vers.constraints) {
        if (!is_upper_end(each.comparator) && !is_lower_end(each.comparator))
            continue;
        if (last != nullptr && is_upper_end(last->comparator) == is_upper_end(each.comparator))
            return fail(Errc::bad_input, fmt::format("{} and {} are both {} ends with nothing between them", excerpt(last->version, 40),
                                                     excerpt(each.version, 40), is_upper_end(each.comparator) ? "upper" : "lower"));
        last = &each;
    }
    return {};
}

/// What stands before the constraints. Errors: unsupported, bad_input.
Result<void> take_type(std::string_view& text, Vers& vers) {
    constexpr std::string_view mark = "vers:";
    if (lowered(text.substr(0, mark.size())) != mark)
        return {};
    text.remove_prefix(mark.size());
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return fail(Errc::bad_input, "it has no \"/\" between type and constraints");
    const std::string name = lowered(text.substr(0, slash));
    text.remove_prefix(slash + 1);
    if (name == "all" || name == "none") {
        if (trimmed(text) != "*")
            return fail(Errc::bad_input, fmt::format("after vers:{}/ only \"*\" may stand", name));
        vers.every = name == "all";
        text = {};
        return {};
    }
    const auto known = scheme_of_type(name);
    if (!known)
        return fail(Errc::unsupported, fmt::format("how versions of type \"{}\" are ordered is not known here", excerpt(name, 40)));
    vers.scheme = *known;
    vers.of_distribution = is_of_distribution(*known);
    if (text.empty())
        return fail(Errc::bad_input, "it has no constraints");
    return {};
}

}  // namespace

Result<Vers> parse_vers(std::string_view text, VersionScheme otherwise) {
    if (text.size() > longest_vers)
        return fail(Errc::limit, fmt::format("a range of {} bytes; at most {} are read", text.size(), longest_vers));
    text = trimmed(text);
    if (text.empty())
        return fail(Errc::bad_input, "the range is empty");
    if (std::ranges::any_of(text, [](char c) { return c < 0x20 || c > 0x7e; }))
        return fail(Errc::bad_input, "a range holds printable ASCII only");
    Vers vers{.scheme = otherwise};
    TRY(take_type(text, vers));
    if (text.empty())
        return vers;
    if (trimmed(text) == "*") {
        vers.every = true;
        return vers;
    }
    for (const std::string_view each : split(text, '|')) {
        if (vers.constraints.size() == most_constraints)
            return fail(Errc::limit, fmt::format("a range of more than {} constraints", most_constraints));
        vers.constraints.push_back(TRY(parse_constraint(trimmed(each))));
    }
    TRY(put_in_order(vers));
    return vers;
}

bool contains(const Vers& vers, std::string_view version) {
    if (vers.every)
        return true;
    const VersConstraint* before = nullptr;  // the last end that is older than the version
    const VersConstraint* after = nullptr;   // the first that is newer
    for (const VersConstraint& each : vers.constraints) {
        const auto order = compare_versions(version, each.version, vers.scheme);
        if (order == 0)
            return each.comparator == Comparator::equal || each.comparator == Comparator::less_or_equal || each.comparator == Comparator::greater_or_equal;
        if (!is_upper_end(each.comparator) && !is_lower_end(each.comparator))
            continue;
        if (order > 0)
            before = &each;
        else if (after == nullptr)
            after = &each;
    }
    const bool since = before == nullptr ? after != nullptr : is_lower_end(before->comparator);
    const bool until = after == nullptr ? before != nullptr : is_upper_end(after->comparator);
    return since && until;
}

}  // namespace shirushi::vuln
