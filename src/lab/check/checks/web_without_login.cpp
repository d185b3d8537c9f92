// SHI-WEB-006: no handler is forgotten where its neighbours ask for a login. Where none of a folder asks, the server itself may, or a
// program that was not read: a person has to look at those that change something.
#include <map>

#include "check/checks/web.hpp"

namespace shirushi::check {
namespace {

struct Folder {
    std::size_t handlers = 0;
    std::size_t asking = 0;
};

std::string folder_of(const WebHandler& handler) { return handler.path.substr(0, handler.path.rfind('/')); }

/// Pages and programs say nothing about who asks.
bool counts(const WebHandler& handler) { return handler.language != WebLanguage::html && handler.language != WebLanguage::compiled; }

}  // namespace

extern constexpr Check web_without_login =
    check_reading<&Facts::web_handlers>("SHI-WEB-006", 1, [](const std::vector<WebHandler>& handlers, Report& out) {
        std::map<std::string, Folder> folders;
        for (const WebHandler& handler : handlers)
            if (counts(handler)) {
                Folder& folder = folders[folder_of(handler)];
                ++folder.handlers;
                folder.asking += handler.authenticates == Answer::yes ? 1 : 0;
            }
        for (const WebHandler& handler : handlers) {
            const bool does_something = handler.changes_state || !handler.inputs.empty();
            if (!counts(handler) || !does_something || handler.authenticates == Answer::yes)
                continue;
            const Folder& folder = folders[folder_of(handler)];
            const std::size_t others = folder.handlers - 1;
            const bool most_ask = folder.asking >= 2 && 2 * folder.asking > others;
            if (!most_ask && !handler.changes_state)
                continue;
            const bool unknown = handler.authenticates == Answer::unknown;
            Said said{.key = unknown ? "unknown" : most_ask ? "forgotten" : "nobody_asks",
                      .names = {{"handler", name_of_handler(handler)}},
                      .figures = {{"asking", std::to_string(folder.asking)}, {"others", std::to_string(others)}},
                      .evidence = {handler.evidence}};
            most_ask && !unknown ? out.fail(std::move(said)) : out.review(std::move(said));
        }
    });

}  // namespace shirushi::check
