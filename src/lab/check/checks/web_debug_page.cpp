// SHI-WEB-007: what was made for developers, or left behind by them, is not served. A page that runs what is typed in weighs most; what
// only has the name of one is for review.
#include "check/checks/web.hpp"

namespace shirushi::check {

extern constexpr Check web_debug_page = check_reading<&Facts::web_exposures>("SHI-WEB-007", 1, [](const std::vector<WebExposure>& exposures, Report& out) {
    for (const WebExposure& exposure : exposures) {
        const auto said = [&](const char* key) {
            return Said{.key = key, .names = {{"address", exposure.address}}, .figures = {}, .evidence = {exposure.evidence}};
        };
        switch (exposure.kind) {
            case WebExposureKind::command_page: out.fail(Level::error, said("command_page")); break;
            case WebExposureKind::debug_page:
                exposure.evidence.excerpt.empty() ? out.review(said("named_debug")) : out.fail(said("debug_page"));
                break;
            case WebExposureKind::leftover: out.fail(said("leftover")); break;
            case WebExposureKind::version_control: out.fail(said("version_control")); break;
            case WebExposureKind::directory_listing:
            case WebExposureKind::version_banner:
            case WebExposureKind::scripts_anywhere: break;  // SHI-WEB-008's
        }
    }
});

}  // namespace shirushi::check
