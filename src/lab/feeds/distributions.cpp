// What distributions say of their own packages: Debian's security tracker and Alpine's secdb. One record is a package with all its
// advisories: a statement replaces only what the same origin said of the same package before.

#include <fmt/format.h>

#include <set>

#include "base/text.hpp"
#include "feeds/readers.hpp"

namespace shirushi::feeds {
namespace {

using vuln::Operand;
using vuln::Origin;
using vuln::Status;

Operand statement(std::string product, Status status, std::string fixed) {
    Operand operand;
    operand.part = 'p';
    operand.product = std::move(product);
    operand.status = status;
    operand.range.end = std::move(fixed);
    return operand;
}

/// "resolved" with version 0: the release never had the fault. "open": it has, in every version so far.
std::optional<Operand> debian_statement(std::string product, const Json& release) {
    const auto status = release["status"].text();
    const auto fixed = release["fixed_version"].text();
    if (status == "resolved" && fixed == "0")
        return statement(std::move(product), Status::unaffected, {});
    if (status == "resolved" && !fixed.empty())
        return statement(std::move(product), Status::affected, std::string(fixed));
    if (status == "open")
        return statement(std::move(product), Status::affected, {});
    return status == "undetermined" ? std::optional(statement(std::move(product), Status::undecided, {})) : std::nullopt;
}

}  // namespace

Result<std::string> read_debian(const Json& record, const Place& place, Builder& builder) {
    if (place.key.empty() || place.key.size() > 256)
        return fail(Errc::bad_input, "it is the member of no package's name");
    std::set<std::string> begun;
    record.members([&](std::string_view id, const Json& advisory) {
        if (!is_cve_id(id))  // TEMP-...: not numbered yet
            return;
        advisory["releases"].members([&](std::string_view name, const Json& release) {
            const std::string product = fmt::format("deb/debian/{}/{}", name, place.key);
            if (const auto operand = debian_statement(product, release)) {
                if (begun.insert(product).second) {
                    builder.set_scheme(product, vuln::VersionScheme::dpkg);
                    builder.begin_product(product, Origin::debian);
                }
                builder.append(id, *operand, Origin::debian);
            }
        });
    });
    return std::string();
}

Result<std::string> read_alpine(const Json& record, const Place& place, Builder& builder) {
    const auto version = place.head.find("distroversion");
    if (version == place.head.end() || version->second.size() > 32)
        return fail(Errc::bad_input, "no \"distroversion\" stands before it");
    const std::string_view release = std::string_view(version->second).substr(version->second.starts_with("v") ? 1 : 0);
    const Json package = record["pkg"];
    const auto name = package["name"].text();
    if (name.empty())
        return fail(Errc::bad_input, "the package has no name");
    const std::string product = fmt::format("apk/alpine/{}/{}", release, name);
    builder.set_scheme(product, vuln::VersionScheme::apk);
    builder.begin_product(product, Origin::alpine);
    package["secfixes"].members([&](std::string_view fixed, const Json& ids) {
        ids.each([&](const Json& each) {
            // "CVE-2019-1234 CVE-2019-1235 (+)": some lines hold several, or other ids beside them.
            for (const std::string_view id : words_of(each.text()))
                if (is_cve_id(id))
                    builder.append(id, fixed == "0" ? statement(product, Status::unaffected, {}) : statement(product, Status::affected, std::string(fixed)), Origin::alpine);
        });
    });
    return std::string();
}

}  // namespace shirushi::feeds
