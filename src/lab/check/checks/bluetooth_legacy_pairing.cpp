// SHI-BLT-001: pairing does not rest on a legacy PIN. A PIN that stands in the image is every unit's.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check bluetooth_legacy_pairing = check_reading<&Facts::bluetooth_settings>("SHI-BLT-001", 1, [](const std::vector<BluetoothSetting>& settings, Report& out) {
    for (const BluetoothSetting& setting : settings) {
        const auto said = [&](const char* key, const char* wording = "") {
            return Said{.key = key, .wording = wording, .names = {{"file", setting.evidence.path}}, .figures = {{"setting", setting.setting}}, .evidence = {setting.evidence}};
        };
        const bool used = setting.in_use == Answer::yes;
        if (setting.kind == BluetoothSettingKind::fixed_pin)
            used ? out.fail(said("fixed_pin")) : out.review(said("unproven", "fixed_pin"));
        else if (setting.kind == BluetoothSettingKind::simple_pairing_off)
            used ? out.fail(said("legacy_only")) : out.review(said("unproven", "legacy_only"));
        else if (setting.kind == BluetoothSettingKind::secure_connections_off)
            out.review(said("secure_connections_off"));
    }
});

}  // namespace shirushi::check
