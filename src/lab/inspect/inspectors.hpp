#pragma once
// The inspectors, one function for each. inspect.cpp lists them; each fills its own table, sorted.

#include "inspect/image.hpp"
#include "inspect/inspect.hpp"

namespace shirushi::inspect {

/// Every passwd file and the shadow file beside it, wherever in the image it lies. Copies (passwd-, shadow.bak) add an account only
/// when its password differs from the one in force, and nobody logs in by them.
Table<Account> inspect_accounts(const Image& image, const Words& words, const Budget& budget);

/// Needs the image's root file systems. What is remade at every boot (/tmp, /dev, /run ...) is left out.
Table<Permission> inspect_permissions(const Image& image);

/// Needs the image's root file systems. Known daemons wherever they are started, other programs where the way they are started
/// shows that they stay (respawn, start-stop-daemon, procd, systemd, '&'). Login prompts on consoles are not services.
Table<Service> inspect_services(const Image& image);

/// Needs the image's root file systems. Tools that are present and configured; of vendors' scripts those that write firmware and
/// fetch something, or are named for updating.
Table<UpdateMechanism> inspect_updates(const Image& image);

/// All files, and streams in which nothing was found. Keys only with their body, never public ones; not in documentation, examples
/// and tests. Of a file with more than 20 certificates (a store of authorities) only those are kept that are no authority's.
struct SecretTables {
    Table<Secret> secrets;
    Table<Certificate> certificates;
};
SecretTables inspect_secrets(const Image& image);

/// Needs the image's root file systems. Scripts, pages with forms and programs below the web roots, LuCI's controllers and templates;
/// what is compiled is a gap of `handlers`. `services`: what is started, whose command lines may name web roots.
struct WebTables {
    Table<WebHandler> handlers;
    Table<WebExposure> exposures;
};
WebTables inspect_web(const Image& image, const std::vector<Service>& services);

/// Needs the image's root file systems. Configuration of Wi-Fi and Bluetooth, what USB gives access to, factory resets. Only examples
/// are left out; what nothing starts is kept, and said to be so.
struct InterfaceTables {
    Table<WirelessNetwork> wireless;
    Table<BluetoothSetting> bluetooth;
    Table<UsbExposure> usb;
    Table<ResetMechanism> resets;
};
InterfaceTables inspect_interfaces(const Image& image);

/// All ELF files. One that cannot be read is a gap; core dumps and kernels are left out.
Table<Executable> inspect_executables(const Image& image);

/// All ELF programs, whoever made them: a product is as weak as its weakest. What `budget` leaves out is a gap.
Table<CallSite> inspect_call_sites(const Image& image, const Budget& budget);

}  // namespace shirushi::inspect
