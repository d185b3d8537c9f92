#pragma once
// Which versions a Japanese text means, as JVN iPedia writes them.

#include <optional>
#include <string_view>

#include "vuln/records.hpp"

namespace shirushi::feeds {

/// "5.16.3 未満", "2.13.0 から 2.15.0 より前のバージョン", "Ver.1.02 およびそれ以前", "1.2.3"; in full width, too. Nothing when the text
/// says anything else, as "core 2.0 から": it may be about a part of the product. "すべてのバージョン" is the range of everything.
std::optional<vuln::VersionRange> range_from_japanese(std::string_view text);

}  // namespace shirushi::feeds
