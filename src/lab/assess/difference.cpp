#include "assess/difference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace shirushi::assess {
namespace {

using Rows = std::map<std::string, std::string>;  // what a row says beside its name, by the name

bool is_listed(const Finding& finding) { return finding.kind == Kind::fail || finding.kind == Kind::review; }

void findings_only_in(const Assessment& one, const Assessment& other, Change change, Difference& into) {
    std::set<std::string_view> known;
    for (const Finding& each : other.findings)
        if (is_listed(each))
            known.insert(each.fingerprint);
    for (const Finding& each : one.findings)
        if (is_listed(each) && !known.contains(each.fingerprint))
            into.findings.push_back({.change = change, .finding = each});
}

void compare_inputs(const Assessment& before, const Assessment& after, Difference& into) {
    std::map<std::string_view, const Digest*> known;
    for (const PinnedInput& each : before.inputs)
        known.emplace(each.name, &each.sha256);
    for (const PinnedInput& each : after.inputs) {
        const auto found = known.find(each.name);
        if (found == known.end())
            into.inputs.push_back({.change = Change::added, .name = each.name});
        else if (*found->second != each.sha256 && each.name != "facts.json")  // which always differs
            into.inputs.push_back({.change = Change::changed, .name = each.name});
        if (found != known.end())
            known.erase(found);
    }
    for (const auto& [name, digest] : known)
        into.inputs.push_back({.change = Change::removed, .name = std::string(name)});
}

/// Adds a row; several of one name are told apart by all that they say.
void put(Rows& rows, const std::string& name, const std::string& words) {
    std::string& known = rows[name];
    if (known.empty())
        known = words;
    else if (known != words)
        known = fmt::format("{}, {}", known, words);
}

// ---- what a row is called, and what it says beside that ---------------------------------------------------------------

void put_row(Rows& rows, const Component& each) { put(rows, each.name.empty() ? each.product : each.name, each.version); }
void put_row(Rows& rows, const Account& each) {
    put(rows, fmt::format("{}: {}", each.file, each.name),
        fmt::format("{}{}{}", name_of(each.password), each.hash_scheme.empty() ? "" : " " + each.hash_scheme, each.can_log_in ? "" : ", no login"));
}
void put_row(Rows& rows, const Secret& each) { put(rows, fmt::format("{} {} {}", each.evidence.path, name_of(each.kind), each.fingerprint.substr(0, 16)), each.encrypted ? "encrypted" : ""); }
void put_row(Rows& rows, const Certificate& each) { put(rows, each.subject, fmt::format("{}, {} to {}", each.key, each.not_before, each.not_after)); }
void put_row(Rows& rows, const Service& each) {
    std::vector<std::string> ports;
    for (const Endpoint& endpoint : each.endpoints)
        ports.push_back(fmt::format("{}/{}", endpoint.transport, endpoint.port));
    put(rows, each.name, fmt::format("{}{}", fmt::join(ports, " "), each.authenticates ? "" : ", no login"));
}
void put_row(Rows& rows, const Permission& each) { put(rows, fmt::format("{} {}", name_of(each.kind), each.evidence.path), fmt::format("{:04o}", each.mode)); }
void put_row(Rows& rows, const UpdateMechanism& each) {
    put(rows, each.tool, fmt::format("encrypted: {}, signature: {}, keys: {}", name_of(each.encrypted_transport), name_of(each.verifies_signature), name_of(each.keys_present)));
}
void put_row(Rows& rows, const Executable& each) {
    put(rows, each.path, fmt::format("PIE {}, NX {}, RELRO {}, canary {}, fortified {}", name_of(each.pie), name_of(each.nx), name_of(each.relro), name_of(each.canary), name_of(each.fortified)));
}
void put_row(Rows& rows, const WebHandler& each) {
    put(rows, each.path, fmt::format("{} places where a request's data arrives, login {}, origin {}", each.flows.size(), name_of(each.authenticates), name_of(each.checks_origin)));
}
void put_row(Rows& rows, const WebExposure& each) { put(rows, fmt::format("{} {}", name_of(each.kind), each.address), ""); }
void put_row(Rows& rows, const WirelessNetwork& each) {
    put(rows, fmt::format("{} {} {} {}", each.evidence.path, name_of(each.role), each.interface, each.ssid),
        fmt::format("{}, TKIP: {}, management frames protected: {}, WPS PIN: {}, in use: {}", name_of(each.security), name_of(each.tkip), name_of(each.frames_protected),
                    name_of(each.wps_pin), name_of(each.in_use)));
}
void put_row(Rows& rows, const BluetoothSetting& each) {
    put(rows, fmt::format("{} {}", name_of(each.kind), each.evidence.path), fmt::format("{}, in use: {}", each.setting, name_of(each.in_use)));
}
void put_row(Rows& rows, const UsbExposure& each) {
    put(rows, fmt::format("{} {}", name_of(each.kind), each.name), fmt::format("guarded: {}, in use: {}", name_of(each.guarded), name_of(each.in_use)));
}
void put_row(Rows& rows, const ResetMechanism& each) {
    put(rows, each.name, fmt::format("erases {}; leaves {}", fmt::join(each.erases, " "), fmt::join(each.leaves, " ")));
}
void put_row(Rows& rows, const AdvisoryMatch& each) { put(rows, fmt::format("{} {}", each.advisory, each.component.substr(0, each.component.find('@'))), std::string(name_of(each.state))); }

template <class Row>
void compare_table(std::string_view table, const Table<Row>& before, const Table<Row>& after, Difference& into) {
    if (!before.observed || !after.observed)
        return;
    Rows old;
    Rows now;
    for (const Row& each : before.rows)
        put_row(old, each);
    for (const Row& each : after.rows)
        put_row(now, each);
    for (const auto& [name, words] : now) {
        const auto known = old.find(name);
        if (known == old.end())
            into.facts.push_back({.table = std::string(table), .change = Change::added, .name = name, .before = {}, .after = words});
        else if (known->second != words)
            into.facts.push_back({.table = std::string(table), .change = Change::changed, .name = name, .before = known->second, .after = words});
    }
    for (const auto& [name, words] : old)
        if (!now.contains(name))
            into.facts.push_back({.table = std::string(table), .change = Change::removed, .name = name, .before = words, .after = {}});
}

FileChanges compare_files(const Table<File>& before, const Table<File>& after) {
    std::map<std::string_view, const File*> old;
    for (const File& each : before.rows)
        old.emplace(each.path, &each);
    FileChanges changes;
    for (const File& each : after.rows) {
        const auto known = old.find(each.path);
        if (known == old.end()) {
            ++changes.added;
            continue;
        }
        changes.changed += *known->second == each ? 0 : 1;
        old.erase(known);
    }
    changes.removed = old.size();
    return changes;
}

}  // namespace

void compare(const Assessment& before, const Assessment& after, Difference& into) {
    into.catalogue = after.catalogue;
    compare_inputs(before, after, into);
    std::map<std::string_view, VerdictKind> known;
    for (const Verdict& each : before.verdicts)
        known.emplace(each.requirement, each.verdict);
    for (const Verdict& each : after.verdicts) {
        const auto found = known.find(each.requirement);
        if (found == known.end())
            into.verdicts.push_back({.requirement = each.requirement, .before = {}, .after = each.verdict});
        else if (found->second != each.verdict)
            into.verdicts.push_back({.requirement = each.requirement, .before = found->second, .after = each.verdict});
        if (found != known.end())
            known.erase(found);
    }
    for (const auto& [requirement, verdict] : known)
        into.verdicts.push_back({.requirement = std::string(requirement), .before = verdict, .after = {}});
    findings_only_in(after, before, Change::added, into);
    findings_only_in(before, after, Change::removed, into);
}

void compare(const Facts& before, const Facts& after, Difference& into) {
    compare_table("components", before.components, after.components, into);
    compare_table("advisory_matches", before.advisory_matches, after.advisory_matches, into);
    compare_table("accounts", before.accounts, after.accounts, into);
    compare_table("secrets", before.secrets, after.secrets, into);
    compare_table("certificates", before.certificates, after.certificates, into);
    compare_table("services", before.services, after.services, into);
    compare_table("permissions", before.permissions, after.permissions, into);
    compare_table("update_mechanisms", before.update_mechanisms, after.update_mechanisms, into);
    compare_table("web_handlers", before.web_handlers, after.web_handlers, into);
    compare_table("web_exposures", before.web_exposures, after.web_exposures, into);
    compare_table("wireless_networks", before.wireless_networks, after.wireless_networks, into);
    compare_table("bluetooth_settings", before.bluetooth_settings, after.bluetooth_settings, into);
    compare_table("usb_exposures", before.usb_exposures, after.usb_exposures, into);
    compare_table("reset_mechanisms", before.reset_mechanisms, after.reset_mechanisms, into);
    compare_table("executables", before.executables, after.executables, into);
    std::ranges::sort(into.facts);
    if (before.files.observed && after.files.observed)
        into.files = compare_files(before.files, after.files);
}

bool is_worse(const Difference& difference) {
    return std::ranges::any_of(difference.verdicts, [](const VerdictChange& each) { return each.after == VerdictKind::fail; }) ||
           std::ranges::any_of(difference.findings, [](const FindingChange& each) { return each.change == Change::added && each.finding.kind == Kind::fail; });
}

bool is_more_open(const Difference& difference) {
    return std::ranges::any_of(difference.verdicts, [](const VerdictChange& each) { return each.after == VerdictKind::inconclusive && each.before != VerdictKind::fail; }) ||
           std::ranges::any_of(difference.findings, [](const FindingChange& each) { return each.change == Change::added && each.finding.kind == Kind::review; });
}

}  // namespace shirushi::assess
