// SHI-WEB-005: a request that changes something is told from one that another site made a browser send. A page whose form carries no
// token is for review only: the program that takes the form may look at the origin of the request.
#include "check/checks/web.hpp"

namespace shirushi::check {

extern constexpr Check web_forged_request =
    check_reading<&Facts::web_handlers>("SHI-WEB-005", 1, [](const std::vector<WebHandler>& handlers, Report& out) {
        for (const WebHandler& handler : handlers) {
            if (!handler.changes_state || handler.inputs.empty() || handler.checks_origin == Answer::yes)
                continue;
            const bool page = handler.language == WebLanguage::html;
            const bool unknown = handler.checks_origin == Answer::unknown;
            Said said{.key = page ? "form" : unknown ? "unknown" : "no_token",
                      .names = {{"handler", name_of_handler(handler)}},
                      .figures = {{"change", handler.change}},
                      .evidence = {handler.evidence}};
            page || unknown ? out.review(std::move(said)) : out.fail(std::move(said));
        }
    });

}  // namespace shirushi::check
