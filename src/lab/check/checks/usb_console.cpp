// SHI-USB-003: serial lines over USB and debug bridges ask who is there.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check usb_console = check_reading<&Facts::usb_exposures>("SHI-USB-003", 1, [](const std::vector<UsbExposure>& exposures, Report& out) {
    for (const UsbExposure& exposure : exposures) {
        const auto said = [&](const char* key) {
            return Said{.key = key, .names = {{"name", exposure.name}, {"file", exposure.evidence.path}}, .figures = {}, .evidence = {exposure.evidence}};
        };
        if (exposure.kind == UsbExposureKind::console && exposure.guarded == Answer::no && exposure.in_use == Answer::yes)
            out.fail(said("open_console"));
        else if (exposure.kind == UsbExposureKind::console)
            out.review(said(exposure.guarded == Answer::yes ? "console" : "perhaps_open"));
        else if (exposure.kind == UsbExposureKind::debug_bridge)
            out.review(said("debug_bridge"));
    }
});

}  // namespace shirushi::check
