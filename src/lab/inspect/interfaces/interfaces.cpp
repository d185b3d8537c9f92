#include "inspect/interfaces/interfaces.hpp"

#include <algorithm>

#include "inspect/inspectors.hpp"

namespace shirushi::inspect {
namespace {

template <class Row, class Key>
void put_in_order(std::vector<Row>& rows, Key key) {
    std::ranges::stable_sort(rows, {}, key);
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
}

}  // namespace

InterfaceTables inspect_interfaces(const Image& image) {
    InterfaceTables tables;
    const auto start = [&](auto& table) {
        table.observed = true;
        table.gaps = image.tree->gaps();
    };
    start(tables.wireless);
    start(tables.bluetooth);
    start(tables.usb);
    start(tables.resets);
    for (const interfaces::Surroundings& around : interfaces::surroundings_of(image)) {
        interfaces::add_wireless(around, tables.wireless.rows);
        interfaces::add_bluetooth(around, tables.bluetooth.rows);
        interfaces::add_usb(around, tables.usb.rows);
        interfaces::add_resets(around, tables.resets.rows);
        for (auto* gaps : {&tables.bluetooth.gaps, &tables.usb.gaps, &tables.resets.gaps})
            gaps->insert(gaps->end(), around.gaps.begin(), around.gaps.end());
    }
    put_in_order(tables.wireless.rows, [](const WirelessNetwork& row) { return std::tie(row.evidence, row.interface, row.ssid, row.security); });
    put_in_order(tables.bluetooth.rows, [](const BluetoothSetting& row) { return std::tie(row.kind, row.evidence, row.setting); });
    put_in_order(tables.usb.rows, [](const UsbExposure& row) { return std::tie(row.kind, row.name, row.evidence); });
    put_in_order(tables.resets.rows, [](const ResetMechanism& row) { return std::tie(row.name, row.evidence); });
    return tables;
}

}  // namespace shirushi::inspect
