// SHI-WEB-001: data of a request does not become part of a command. What is only split into arguments is for a person to look at.
#include "check/checks/web.hpp"

namespace shirushi::check {

extern constexpr Check web_command_injection = check_reading<&Facts::web_handlers>(
    "SHI-WEB-001", 1, [](const std::vector<WebHandler>& handlers, Report& out) { judge_flows(handlers, WebSink::command, out); });

}  // namespace shirushi::check
