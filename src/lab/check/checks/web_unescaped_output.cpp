// SHI-WEB-004: data of a request is not answered as it came.
#include "check/checks/web.hpp"

namespace shirushi::check {

extern constexpr Check web_unescaped_output = check_reading<&Facts::web_handlers>(
    "SHI-WEB-004", 1, [](const std::vector<WebHandler>& handlers, Report& out) { judge_flows(handlers, WebSink::output, out); });

}  // namespace shirushi::check
