// Names that many feeds share: CPE, CVE ids, versions, days.

#include <algorithm>

#include "base/text.hpp"
#include "feeds/readers.hpp"
#include "model/package_url.hpp"

namespace shirushi::feeds {
namespace {

constexpr std::size_t kFields = 13;  // of a CPE 2.3 name

std::optional<vuln::Operand> operand_from_uri(std::string_view uri) {
    constexpr std::string_view prefix = "cpe:/";
    const auto parts = cpe_fields(uri.substr(prefix.size()));
    if (parts.size() < 3 || parts[0].size() != 1 || parts[1].empty() || parts[2].empty())
        return std::nullopt;
    vuln::Operand operand;
    operand.part = parts[0][0];
    operand.product = cpe_part_from_uri(parts[1]) + ":" + cpe_part_from_uri(parts[2]);
    if (parts.size() > 3)
        operand.range.exact = cpe_unescaped(cpe_part_from_uri(parts[3]));
    if (parts.size() > 4)
        operand.range.update = cpe_unescaped(cpe_part_from_uri(parts[4]));
    return operand;
}

}  // namespace

std::optional<vuln::Operand> operand_from_cpe(std::string_view cpe) {
    if (cpe.starts_with("cpe:/"))
        return operand_from_uri(cpe);
    const auto fields = cpe_fields(cpe);
    if (fields.size() != kFields || fields[0] != "cpe" || fields[1] != "2.3" || fields[2].size() != 1)
        return std::nullopt;
    vuln::Operand operand;
    operand.part = fields[2][0];
    operand.product = fields[3] + ":" + fields[4];
    if (fields[5] != "*")
        operand.range.exact = cpe_unescaped(fields[5]);
    if (fields[6] != "*")
        operand.range.update = cpe_unescaped(fields[6]);
    for (const std::size_t at : {7U, 9U, 10U, 11U, 12U})
        if (fields[at] != "*" && fields[at] != "-")
            operand.range.edition += (operand.range.edition.empty() ? "" : ":") + cpe_unescaped(fields[at]);
    return operand;
}

bool is_commit(std::string_view text) {
    constexpr std::size_t shortest = 7;
    constexpr std::size_t longest = 40;
    if (text.size() < shortest || text.size() > longest || text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
        return false;
    return text.size() == longest || text.find_first_of("abcdefABCDEF") != std::string_view::npos;
}

bool is_version(std::string_view text) {
    return !text.empty() && text[0] >= '0' && text[0] <= '9' && text.size() < 40 && !is_commit(text) && text.find_first_of(" ,<>*") == std::string_view::npos;
}

std::string day_of(std::string_view time) {
    const auto digits = [&](std::size_t from, std::size_t count) {
        return std::ranges::all_of(time.substr(from, count), [](char c) { return c >= '0' && c <= '9'; });
    };
    const bool date = time.size() >= 10 && digits(0, 4) && time[4] == '-' && digits(5, 2) && time[7] == '-' && digits(8, 2);
    return date ? std::string(time.substr(0, 10)) : std::string();
}

bool is_cve_id(std::string_view text) {
    constexpr std::size_t shortest = 13;  // CVE-1999-0001
    return text.size() >= shortest && text.size() <= 20 && text.starts_with("CVE-") && text[8] == '-' &&
           text.substr(4, 4).find_first_not_of("0123456789") == std::string_view::npos && text.substr(9).find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace shirushi::feeds
