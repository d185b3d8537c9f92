// Two version texts with a NUL between them: every scheme must give an answer that does not contradict itself.

#include <cstdlib>

#include "vuln/version.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace shirushi::vuln;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto middle = text.find('\0');
    const std::string_view left = text.substr(0, middle);
    const std::string_view right = middle == std::string_view::npos ? std::string_view() : text.substr(middle + 1);
    for (const char* const name : {"generic", "openssl", "kernel", "portable", "semver", "dpkg", "opkg", "apk", "rpm", "pep440", "gem", "maven", "composer", "nuget"}) {
        const auto scheme = *scheme_from_name(name);
        if (compare_versions(left, right, scheme) != (0 <=> compare_versions(right, left, scheme)) ||
            compare_versions(left, left, scheme) != 0)
            std::abort();
        upstream_part(left, scheme);
        has_distribution_revision(left, scheme);
    }
    return 0;
}
