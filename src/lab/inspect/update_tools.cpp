#include "inspect/update_tools.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "inspect/configuration.hpp"

namespace shirushi::inspect {
namespace {

using unpack::NodeId;

constexpr std::size_t kMaxSources = 200;

Answer answer(bool yes) { return yes ? Answer::yes : Answer::no; }

bool is_regular(const Root& root, NodeId id) {
    const auto& node = root.tree().node(id);
    return node.kind == unpack::NodeKind::entry && node.file.kind == FileKind::regular;
}

/// Regular, not empty files in a folder.
std::size_t files_in(const Root& root, std::string_view folder) {
    std::size_t count = 0;
    for (const NodeId id : root.list(folder))
        count += is_regular(root, id) && root.tree().node(id).size > 0 ? 1U : 0U;
    return count;
}

/// Paths of the configuration files: one by name, and those in a folder with an ending.
std::vector<std::string> configuration_files(const Root& root, std::string_view file, std::string_view folder, std::string_view ending) {
    std::vector<std::string> paths;
    if (root.text(file))
        paths.emplace_back(file);
    for (const NodeId id : root.list(folder))
        if (const std::string& name = root.tree().node(id).name; name.ends_with(ending) && paths.size() < 100)
            if (std::string path = fmt::format("{}/{}", folder, name); root.text(path))
                paths.push_back(std::move(path));
    return paths;
}

void add_source(UpdateMechanism& row, std::string_view url) {
    if (!url.empty() && row.sources.size() < kMaxSources)
        row.sources.push_back(excerpt(url, 300));
}

Evidence at(const Root& root, std::string_view path, std::string_view line = {}) {
    const auto id = root.find(path);
    Evidence evidence{.path = id ? root.tree().path(*id) : std::string(path), .offset = {}, .excerpt = {}};
    if (const auto text = root.text(path); text && !line.empty()) {
        evidence.offset = offset_in(*text, line);
        evidence.excerpt = excerpt(trimmed(line));
    }
    return evidence;
}

std::optional<UpdateMechanism> opkg(const Root& root) {
    const auto files = configuration_files(root, "etc/opkg.conf", "etc/opkg", ".conf");
    if (files.empty() || (!root.program("opkg") && !root.program("opkg-cl")))
        return std::nullopt;
    UpdateMechanism row{.tool = "opkg", .verifies_signature = Answer::no, .note = "check_signature not set", .evidence = at(root, files[0])};
    for (const std::string& file : files)
        for (const Setting& setting : read_settings(*root.text(file))) {
            const auto words = words_of(setting.value);
            if (setting.key.starts_with("src") && words.size() >= 2)
                add_source(row, words[1]);
            if (setting.key == "option" && !words.empty() && words[0] == "check_signature") {
                row.verifies_signature = answer(words.size() < 2 || words[1] != "0");
                row.note = excerpt(trimmed(setting.line));
                row.evidence = at(root, file, setting.line);
            }
        }
    const std::size_t keys = files_in(root, "etc/opkg/keys") + files_in(root, "usr/share/opkg/keys");
    row.keys_present = answer(keys > 0);
    row.note += fmt::format("; keys: {}", keys);
    return row;
}

/// "deb [trusted=yes] URL suite": one-line style of sources.list(5).
void read_apt_list(std::string_view text, UpdateMechanism& row) {
    for (const std::string_view line : lines_of(text)) {
        const auto words = words_of(trimmed(line.substr(0, 2048)));
        if (words.empty() || (words[0] != "deb" && words[0] != "deb-src"))
            continue;
        for (const std::string_view word : words)
            if (word.find("://") != std::string_view::npos)
                add_source(row, word);
        const auto options = line.find('[');
        if (options != std::string_view::npos && line.substr(options, 512).find("trusted=yes") != std::string_view::npos) {
            row.verifies_signature = Answer::no;
            row.note = excerpt(trimmed(line));
        }
    }
}

std::optional<UpdateMechanism> apt(const Root& root) {
    const auto lists = configuration_files(root, "etc/apt/sources.list", "etc/apt/sources.list.d", ".list");
    const auto units = configuration_files(root, "etc/apt/none", "etc/apt/sources.list.d", ".sources");
    if ((lists.empty() && units.empty()) || !root.program("apt-get"))
        return std::nullopt;
    UpdateMechanism row{.tool = "apt", .verifies_signature = Answer::yes, .note = "apt verifies by default", .evidence = at(root, lists.empty() ? units[0] : lists[0])};
    for (const std::string& file : lists)
        read_apt_list(*root.text(file), row);
    for (const std::string& file : units)
        for (const Setting& setting : read_settings(*root.text(file))) {
            if (setting.key == "URIs:")
                for (const std::string_view url : words_of(setting.value))
                    add_source(row, url);
            if (setting.key == "Trusted:" && is_yes(setting.value)) {
                row.verifies_signature = Answer::no;
                row.note = excerpt(setting.line);
            }
        }
    for (const std::string& file : configuration_files(root, "etc/apt/apt.conf", "etc/apt/apt.conf.d", ""))
        for (const Setting& setting : read_settings(*root.text(file)))
            if (setting.key.ends_with("AllowUnauthenticated") && is_yes(setting.value)) {
                row.verifies_signature = Answer::no;
                row.note = excerpt(setting.line);
            }
    const std::size_t keys = files_in(root, "etc/apt/trusted.gpg.d") + files_in(root, "usr/share/keyrings") + files_in(root, "etc/apt/keyrings") +
                             std::size_t{root.has("etc/apt/trusted.gpg")};
    row.keys_present = answer(keys > 0);
    return row;
}

std::optional<UpdateMechanism> apk(const Root& root) {
    const auto files = configuration_files(root, "etc/apk/repositories", "etc/apk/repositories.d", ".list");
    if (files.empty() || !root.program("apk"))
        return std::nullopt;
    UpdateMechanism row{.tool = "apk", .verifies_signature = Answer::yes, .note = "apk verifies by default", .evidence = at(root, files[0])};
    for (const std::string& file : files)
        for (const std::string_view line : lines_of(*root.text(file)))
            for (const std::string_view word : words_of(trimmed(line).starts_with('#') ? std::string_view() : line.substr(0, 2048)))
                if (word.find("://") != std::string_view::npos)
                    add_source(row, word);
    row.keys_present = answer(files_in(root, "etc/apk/keys") > 0);
    return row;
}

std::optional<UpdateMechanism> swupdate(const Root& root) {
    const auto files = configuration_files(root, "etc/swupdate.cfg", "etc/swupdate", ".cfg");
    const auto arguments = configuration_files(root, "etc/default/swupdate", "etc/swupdate/conf.d", "");
    if (!root.program("swupdate"))
        return std::nullopt;
    const auto program = root.program("swupdate");
    UpdateMechanism row{.tool = "swupdate", .verifies_signature = Answer::no, .keys_present = Answer::unknown, .note = "no public-key-file, no -k",
                        .evidence = files.empty() ? Evidence{.path = root.tree().path(*program), .offset = {}, .excerpt = {}} : at(root, files[0])};
    const auto take_key = [&](std::string_view key, std::string_view line) {
        row.verifies_signature = Answer::yes;
        row.keys_present = answer(root.has(key));
        row.note = excerpt(trimmed(line));
    };
    for (const std::string& file : files)
        for (const Setting& setting : read_settings(*root.text(file))) {
            if (setting.key == "public-key-file")
                take_key(setting.value, setting.line);
            if (setting.key == "url")
                add_source(row, setting.value);
        }
    for (const std::string& file : arguments)
        for (const std::string_view line : lines_of(*root.text(file))) {
            const auto words = words_of(line.substr(0, 2048));
            for (std::size_t i = 0; i + 1 < words.size() && !trimmed(line).starts_with('#'); ++i)
                if (words[i].ends_with("-k"))
                    take_key(words[i + 1].substr(0, words[i + 1].find_first_of("\"'")), line);
        }
    return row;
}

std::optional<UpdateMechanism> rauc(const Root& root) {
    const auto text = root.text("etc/rauc/system.conf");
    if (!text || !root.program("rauc"))
        return std::nullopt;
    const auto settings = read_settings(*text);
    UpdateMechanism row{.tool = "rauc", .verifies_signature = Answer::yes, .keys_present = Answer::no, .note = "rauc always verifies; no keyring", .evidence = at(root, "etc/rauc/system.conf")};
    std::string_view section;
    for (const Setting& setting : settings) {
        if (setting.key.starts_with('['))
            section = setting.key;
        if (section != "[keyring]" || (setting.key != "path" && setting.key != "directory"))
            continue;
        const std::string path = setting.value.starts_with('/') ? std::string(setting.value) : fmt::format("etc/rauc/{}", setting.value);
        row.keys_present = answer(root.has(path));
        row.note = excerpt(trimmed(setting.line));
    }
    return row;
}

/// The string value of `"key": "value"` in JSON; the first one is enough for a flat file.
std::string_view json_value(std::string_view text, std::string_view key) {
    const auto name = text.find(fmt::format("\"{}\"", key));
    const auto colon = name == std::string_view::npos ? name : text.find(':', name);
    const auto open = colon == std::string_view::npos ? colon : text.find('"', colon);
    const auto close = open == std::string_view::npos ? open : text.find('"', open + 1);
    return close == std::string_view::npos ? std::string_view() : text.substr(open + 1, close - open - 1);
}

std::optional<UpdateMechanism> mender(const Root& root) {
    for (const char* path : {"etc/mender/mender.conf", "var/lib/mender/mender.conf"})
        if (const auto text = root.text(path)) {
            UpdateMechanism row{.tool = "mender", .verifies_signature = Answer::no, .keys_present = Answer::no, .note = "no ArtifactVerifyKey", .evidence = at(root, path)};
            add_source(row, json_value(*text, "ServerURL"));
            if (const std::string_view key = json_value(*text, "ArtifactVerifyKey"); !key.empty()) {
                row.verifies_signature = Answer::yes;
                row.keys_present = answer(root.has(key));
                row.note = excerpt(fmt::format("ArtifactVerifyKey: {}", key));
            } else if (text->find("\"ArtifactVerifyKeys\"") != std::string_view::npos) {
                row.verifies_signature = Answer::yes;
                row.keys_present = Answer::unknown;
                row.note = "ArtifactVerifyKeys";
            }
            return row;
        }
    return std::nullopt;
}

/// OpenWrt: images carry a signature, but it is only asked for where REQUIRE_IMAGE_SIGNATURE is 1 (lib/upgrade/fwtool.sh).
std::optional<UpdateMechanism> sysupgrade(const Root& root) {
    const auto tool = root.program("sysupgrade");
    if (!tool)
        return std::nullopt;
    UpdateMechanism row{.tool = "sysupgrade", .verifies_signature = Answer::no, .keys_present = answer(files_in(root, "etc/opkg/keys") > 0),
                        .note = "REQUIRE_IMAGE_SIGNATURE not set", .evidence = {.path = root.tree().path(*tool), .offset = {}, .excerpt = {}}};
    std::vector<std::string> files = configuration_files(root, "sbin/sysupgrade", "lib/upgrade", ".sh");
    for (const std::string& file : files)
        for (const std::string_view line : lines_of(*root.text(file))) {
            const std::string_view content = trimmed(line.substr(0, 512));
            if (!content.starts_with("REQUIRE_IMAGE_SIGNATURE=") && !content.starts_with("export REQUIRE_IMAGE_SIGNATURE="))
                continue;
            const std::string_view value = unquoted(content.substr(content.find('=') + 1));
            row.verifies_signature = answer(value == "1");
            row.note = excerpt(content);
            row.evidence = at(root, file, line);
        }
    return row;
}

std::optional<UpdateMechanism> ostree(const Root& root) {
    const auto files = configuration_files(root, "ostree/repo/config", "etc/ostree/remotes.d", ".conf");
    UpdateMechanism row{.tool = "ostree", .verifies_signature = Answer::yes, .keys_present = answer(files_in(root, "usr/share/ostree/trusted.gpg.d") + files_in(root, "etc/ostree/trusted.gpg.d") > 0),
                        .note = "gpg-verify by default"};
    for (const std::string& file : files)
        for (const Setting& setting : read_settings(*root.text(file))) {
            if (setting.key == "url") {
                add_source(row, setting.value);
                row.evidence = at(root, file, setting.line);
            }
            if ((setting.key == "gpg-verify" || setting.key == "sign-verify") && !is_yes(setting.value)) {
                row.verifies_signature = Answer::no;
                row.note = excerpt(setting.line);
            }
        }
    return row.sources.empty() ? std::nullopt : std::optional(row);
}

}  // namespace

Answer encrypted(const std::vector<std::string>& sources) {
    Answer all = sources.empty() ? Answer::unknown : Answer::yes;
    for (const std::string& source : sources) {
        const std::string lower = lowered(source.substr(0, 16));
        const bool safe = lower.starts_with("https://") || lower.starts_with("sftp://") || lower.starts_with("ftps://") || lower.starts_with("ssh://");
        if (safe || lower.starts_with("file:") || lower.starts_with("cdrom:"))
            continue;
        if (lower.find("://") != std::string::npos)
            return Answer::no;
        all = Answer::unknown;
    }
    return all;
}

std::vector<UpdateMechanism> update_tools_in(const Root& root) {
    std::vector<UpdateMechanism> rows;
    for (const auto tool : {opkg, apt, apk, swupdate, rauc, mender, sysupgrade, ostree})
        if (auto row = tool(root)) {
            row->encrypted_transport = encrypted(row->sources);
            rows.push_back(std::move(*row));
        }
    return rows;
}

}  // namespace shirushi::inspect
