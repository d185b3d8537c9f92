// SHI-USB-002: nothing on storage that is plugged in is run, or taken as firmware, before its signature was checked.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check usb_storage = check_reading<&Facts::usb_exposures>("SHI-USB-002", 1, [](const std::vector<UsbExposure>& exposures, Report& out) {
    for (const UsbExposure& exposure : exposures) {
        const auto said = [&](const char* key) {
            return Said{.key = key, .names = {{"name", exposure.name}, {"file", exposure.evidence.path}}, .figures = {}, .evidence = {exposure.evidence}};
        };
        const bool certain = exposure.guarded == Answer::no && exposure.in_use == Answer::yes;
        if (exposure.kind == UsbExposureKind::storage_executed && exposure.guarded != Answer::yes)
            certain ? out.fail(said("executed")) : out.review(said("perhaps_executed"));
        else if (exposure.kind == UsbExposureKind::storage_update && exposure.guarded != Answer::yes)
            out.review(said("update"));
        else if (exposure.kind == UsbExposureKind::storage_mounted && exposure.guarded != Answer::yes && exposure.in_use == Answer::yes)
            out.review(said("mounted"));
    }
});

}  // namespace shirushi::check
