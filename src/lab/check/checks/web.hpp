#pragma once
// What several checks of web handlers say in the same way.

#include <string>
#include <vector>

#include "check/check.hpp"

namespace shirushi::check {

/// A finding for every flow into `sink`: fails as "reached" where nothing stands between, is for review as "unclear" elsewhere.
void judge_flows(const std::vector<WebHandler>& handlers, WebSink sink, Report& out);

/// What names a handler: the address that a client calls, or its file where there is none.
std::string name_of_handler(const WebHandler& handler);

}  // namespace shirushi::check
