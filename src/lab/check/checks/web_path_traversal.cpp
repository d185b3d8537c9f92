// SHI-WEB-002: data of a request does not name a file, unless what it may be is held to a folder.
#include "check/checks/web.hpp"

namespace shirushi::check {

extern constexpr Check web_path_traversal = check_reading<&Facts::web_handlers>(
    "SHI-WEB-002", 1, [](const std::vector<WebHandler>& handlers, Report& out) { judge_flows(handlers, WebSink::file, out); });

}  // namespace shirushi::check
