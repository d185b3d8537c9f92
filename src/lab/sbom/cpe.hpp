#pragma once
// CPE 2.3 names bound to formatted strings (NIST IR 7695 section 6.2).

#include <string>
#include <string_view>

namespace shirushi::sbom {

/// "cpe:2.3:a:busybox:busybox:1.19.4:*:*:*:*:*:*:*" of a "vendor:product" pair (whose own escapes, "treck:tcp\/ip", are understood) and
/// a version. `part` is 'a', 'o' or 'h'. Empty when the pair is not one or the version is empty: a name that stands for any
/// version would match what the component is not.
std::string cpe_name(char part, std::string_view pair, std::string_view version);

}  // namespace shirushi::sbom
