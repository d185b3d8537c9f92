// SHI-WEB-003: data of a request is not put into the text of a database query.
#include "check/checks/web.hpp"

namespace shirushi::check {

extern constexpr Check web_sql_injection = check_reading<&Facts::web_handlers>(
    "SHI-WEB-003", 1, [](const std::vector<WebHandler>& handlers, Report& out) { judge_flows(handlers, WebSink::sql, out); });

}  // namespace shirushi::check
