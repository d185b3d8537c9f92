// A range and a version with a NUL between them: what is read stays in order, and no version is both in the range and not.

#include <cstdlib>

#include "vuln/version_range_specifier.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace shirushi::vuln;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto middle = text.find('\0');
    const std::string_view version = middle == std::string_view::npos ? std::string_view("1.0") : text.substr(middle + 1);
    const auto vers = parse_vers(text.substr(0, middle));
    if (!vers)
        return 0;
    if (vers->constraints.size() > most_constraints)
        std::abort();
    for (std::size_t i = 0; i < vers->constraints.size(); ++i) {
        const VersConstraint& each = vers->constraints[i];
        if (each.version.empty() || (i > 0 && compare_versions(vers->constraints[i - 1].version, each.version, vers->scheme) >= 0))
            std::abort();
        if (each.comparator == Comparator::not_equal && contains(*vers, each.version))
            std::abort();
        if (each.comparator == Comparator::equal && !contains(*vers, each.version))
            std::abort();
    }
    contains(*vers, version);
    return 0;
}
