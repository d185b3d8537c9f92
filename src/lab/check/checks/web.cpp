#include "check/checks/web.hpp"

namespace shirushi::check {

void judge_flows(const std::vector<WebHandler>& handlers, WebSink sink, Report& out) {
    for (const WebHandler& handler : handlers)
        for (const WebFlow& flow : handler.flows) {
            if (flow.sink != sink)
                continue;
            Said said{.key = flow.guard == WebGuard::none ? "reached" : "unclear",
                      .names = {{"handler", name_of_handler(handler)}, {"input", flow.input}, {"through", flow.through}},
                      .figures = {{"line", std::to_string(flow.line)}},
                      .evidence = {flow.evidence}};
            flow.guard == WebGuard::none ? out.fail(std::move(said)) : out.review(std::move(said));
        }
}

std::string name_of_handler(const WebHandler& handler) { return handler.address.empty() ? handler.path : handler.address; }

}  // namespace shirushi::check
