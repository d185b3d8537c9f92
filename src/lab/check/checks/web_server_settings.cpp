// SHI-WEB-008: the web server lists no folders and runs scripts in their own folder only. That it names its version is only told: an
// attacker learns it by other means as well.
#include "check/checks/web.hpp"

namespace shirushi::check {

extern constexpr Check web_server_settings =
    check_reading<&Facts::web_exposures>("SHI-WEB-008", 1, [](const std::vector<WebExposure>& exposures, Report& out) {
        for (const WebExposure& exposure : exposures) {
            const auto said = [&](const char* key) {
                return Said{.key = key, .names = {{"server", exposure.address}, {"file", exposure.evidence.path}}, .figures = {}, .evidence = {exposure.evidence}};
            };
            if (exposure.kind == WebExposureKind::directory_listing)
                out.fail(said("listing"));
            else if (exposure.kind == WebExposureKind::scripts_anywhere)
                out.review(said("scripts_anywhere"));
            else if (exposure.kind == WebExposureKind::version_banner)
                out.explain(said("banner"));
        }
    });

}  // namespace shirushi::check
