#include "inspect/inspect.hpp"

#include <fmt/format.h>

#include "inspect/inspectors.hpp"

namespace shirushi::inspect {
namespace {

template <class Row>
Table<Row> nobody_looked(const Image& image, std::string_view what) {
    Table<Row> table{.observed = false, .gaps = image.tree->gaps(), .rows = {}};
    table.gaps.push_back(fmt::format("{}: no root file system was found in the image", what));
    return table;
}

}  // namespace

void inspect(const unpack::Tree& tree, const Words& words, const Budget& budget, Facts& facts) {
    const Image image = look_at(tree);
    SecretTables secrets = inspect_secrets(image);
    facts.secrets = std::move(secrets.secrets);
    facts.certificates = std::move(secrets.certificates);
    facts.executables = inspect_executables(image);
    if (budget.bytes_of_code > 0)
        facts.call_sites = inspect_call_sites(image, budget);
    if (image.roots.empty()) {
        facts.accounts = nobody_looked<Account>(image, "accounts");
        facts.services = nobody_looked<Service>(image, "services");
        facts.permissions = nobody_looked<Permission>(image, "permissions");
        facts.update_mechanisms = nobody_looked<UpdateMechanism>(image, "update mechanisms");
        facts.web_handlers = nobody_looked<WebHandler>(image, "web handlers");
        facts.web_exposures = nobody_looked<WebExposure>(image, "web exposures");
        facts.wireless_networks = nobody_looked<WirelessNetwork>(image, "wireless networks");
        facts.bluetooth_settings = nobody_looked<BluetoothSetting>(image, "Bluetooth settings");
        facts.usb_exposures = nobody_looked<UsbExposure>(image, "USB exposures");
        facts.reset_mechanisms = nobody_looked<ResetMechanism>(image, "reset mechanisms");
        return;
    }
    facts.accounts = inspect_accounts(image, words, budget);
    facts.services = inspect_services(image);
    facts.permissions = inspect_permissions(image);
    facts.update_mechanisms = inspect_updates(image);
    WebTables web = inspect_web(image, facts.services.rows);
    facts.web_handlers = std::move(web.handlers);
    facts.web_exposures = std::move(web.exposures);
    InterfaceTables interfaces = inspect_interfaces(image);
    facts.wireless_networks = std::move(interfaces.wireless);
    facts.bluetooth_settings = std::move(interfaces.bluetooth);
    facts.usb_exposures = std::move(interfaces.usb);
    facts.reset_mechanisms = std::move(interfaces.resets);
}

}  // namespace shirushi::inspect
