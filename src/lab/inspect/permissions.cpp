// Permissions that decide who may become root or change what root runs: set-uid and set-gid programs, what anybody may write,
// and secrets that anybody may read.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inspect/inspectors.hpp"

namespace shirushi::inspect {
namespace {

using unpack::Node;
using unpack::NodeId;

constexpr std::size_t kSecretWindow = 64 * 1024;  // a key file is smaller; a key inside a larger file is the secrets' table's matter

/// Programs that distributions install with set-uid or set-gid root for a reason their documentation states; sorted.
constexpr auto kExpected = std::to_array<std::string_view>(
    {"at", "chage", "chfn", "chsh", "crontab", "dbus-daemon-launch-helper", "doas", "expiry", "fusermount", "fusermount3", "gpasswd", "mount",
     "mount.cifs", "mount.nfs", "newgidmap", "newgrp", "newuidmap", "passwd", "ping", "ping6", "pkexec", "polkit-agent-helper-1", "pppd", "pt_chown",
     "ssh-agent", "ssh-keysign", "su", "sudo", "sudoedit", "traceroute", "traceroute6", "umount", "unix_chkpwd", "utempter", "wall"});

bool is_expected(std::string_view name) {
    const std::string_view stem = name.substr(0, name.find('.'));  // "ping.iputils", "su.shadow"
    return std::ranges::binary_search(kExpected, name) || std::ranges::binary_search(kExpected, stem);
}

/// Filled anew at every boot (tmpfs) or device nodes: what the image says about them does not hold on the device.
bool is_volatile(std::string_view inner) {
    for (const std::string_view folder : {"/dev", "/proc", "/sys", "/tmp", "/run", "/var/run", "/var/tmp", "/var/lock", "/mnt"})
        if (inner == folder || (inner.starts_with(folder) && inner[folder.size()] == '/'))
            return true;
    return false;
}

bool holds_secret(std::string_view inner, std::string_view name, std::string_view content) {
    if (name == "shadow" || name == "shadow-" || name == "gshadow")
        return inner.starts_with("/etc") && content.find(':') != std::string_view::npos;
    if (name.starts_with("dropbear_") && name.ends_with("_host_key"))
        return !content.empty();
    const auto begin = content.find("-----BEGIN ");
    if (begin == std::string_view::npos || !looks_like_text(content))
        return false;
    // Marker, body and end; a marker alone is text about keys.
    const auto marker = content.substr(begin, 60).find("PRIVATE KEY-----");
    const auto end = content.find("-----END ", begin);
    return marker != std::string_view::npos && end != std::string_view::npos && end - begin > 100;
}

void look_at_entry(const unpack::Tree& tree, const Node& node, std::string_view inner, std::vector<Permission>& rows) {
    const std::uint32_t mode = node.file.mode;
    const auto add = [&](PermissionKind kind, bool expected) {
        rows.push_back({.kind = kind, .mode = mode, .uid = node.file.uid, .expected = expected,
                        .evidence = {.path = tree.path(node.id), .offset = {}, .excerpt = fmt::format("{:04o} {}:{}", mode, node.file.uid, node.file.gid)}});
    };
    const bool anybody_writes = (mode & 0002) != 0 && !is_volatile(inner);
    if (node.file.kind == FileKind::directory) {
        if (anybody_writes && (mode & 01000) == 0)
            add(PermissionKind::world_writable_directory, false);
        return;
    }
    if (node.file.kind != FileKind::regular)
        return;
    if ((mode & 04000) != 0 && (mode & 0111) != 0 && node.file.uid == 0)
        add(PermissionKind::setuid_root, is_expected(node.name));
    if ((mode & 02000) != 0 && (mode & 0010) != 0 && node.file.gid == 0)
        add(PermissionKind::setgid_root, is_expected(node.name));
    if (anybody_writes)
        add(PermissionKind::world_writable_file, false);
    if ((mode & 0004) != 0 && holds_secret(inner, node.name, as_text(clipped(tree.bytes(node.id), 0, kSecretWindow))))
        add(PermissionKind::sensitive_readable, false);
}

}  // namespace

Table<Permission> inspect_permissions(const Image& image) {
    const unpack::Tree& tree = *image.tree;
    Table<Permission> table{.observed = true, .gaps = tree.gaps(), .rows = {}};
    for (const Root& root : image.roots) {
        std::vector<NodeId> waiting = {root.id()};
        while (!waiting.empty()) {
            const Node& node = tree.node(waiting.back());
            waiting.pop_back();
            for (const NodeId child : node.children)
                if (tree.node(child).kind == unpack::NodeKind::entry)
                    waiting.push_back(child);
            if (node.id != root.id())
                look_at_entry(tree, node, root.inner_path(node.id), table.rows);
        }
    }
    std::ranges::sort(table.rows, {}, [](const Permission& p) { return std::tie(p.evidence, p.kind); });
    return table;
}

}  // namespace shirushi::inspect
