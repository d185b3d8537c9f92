#pragma once
// One script, page or program below a web root: what it takes from a request, what it does with it, and whether it asks who calls.

#include <optional>

#include "inspect/image.hpp"
#include "inspect/web/site.hpp"

namespace shirushi::inspect::web {

/// Nothing for files that no client calls. `gap`: set where it could not be read (compiled, or beyond a bound).
std::optional<WebHandler> handler_of(const Root& root, const Site& site, unpack::NodeId id, std::string& gap);

/// What a file below a web root gives away by being there; nothing for ordinary ones.
std::optional<WebExposure> exposure_of(const Root& root, std::string_view address, unpack::NodeId id);

}  // namespace shirushi::inspect::web
