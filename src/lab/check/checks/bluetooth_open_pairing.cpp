// SHI-BLT-002: pairing is agreed to by somebody, and links are protected. Products without keys or a display have no choice but Just Works:
// a person weighs what stands around it.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check bluetooth_open_pairing = check_reading<&Facts::bluetooth_settings>("SHI-BLT-002", 1, [](const std::vector<BluetoothSetting>& settings, Report& out) {
    for (const BluetoothSetting& setting : settings) {
        const auto review = [&](const char* key) {
            out.review({.key = key, .names = {{"file", setting.evidence.path}}, .figures = {{"setting", setting.setting}}, .evidence = {setting.evidence}});
        };
        switch (setting.kind) {
            case BluetoothSettingKind::just_works: review("just_works"); break;
            case BluetoothSettingKind::repairing_unasked: review("repairing_unasked"); break;
            case BluetoothSettingKind::always_discoverable: review("always_discoverable"); break;
            case BluetoothSettingKind::link_security_off: review("link_security_off"); break;
            case BluetoothSettingKind::unbonded_input: review("unbonded_input"); break;
            case BluetoothSettingKind::fixed_pin:
            case BluetoothSettingKind::simple_pairing_off:
            case BluetoothSettingKind::secure_connections_off: break;  // SHI-BLT-001's
        }
    }
});

}  // namespace shirushi::check
