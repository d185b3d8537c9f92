// Vendors' update scripts: a command that fetches, a command that writes to flash, and what stands between them. A checksum shows
// only that the file arrived whole; who made it is shown by a signature alone.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/daemons.hpp"
#include "inspect/startup.hpp"
#include "inspect/update_tools.hpp"

namespace shirushi::inspect {
namespace {

using Arguments = std::vector<std::string>;

constexpr std::size_t kMaxScript = 256 * 1024;

bool is_any(std::string_view word, std::initializer_list<std::string_view> list) { return std::ranges::find(list, word) != list.end(); }

bool is_flash(std::string_view path) {
    return path.starts_with("/dev/mtd") || path.starts_with("/dev/mmcblk") || path.starts_with("/dev/ubi") || path.starts_with("/dev/nand");
}

bool fetches(const Arguments& words) { return is_any(base_name(words[0]), {"wget", "curl", "uclient-fetch", "tftp", "ftpget", "aria2c", "axel"}); }

bool checks_integrity(std::string_view command) {
    for (const std::string_view tool : {"md5sum", "sha1sum", "sha256sum", "sha512sum", "cksum", "crc32"})
        if (command.find(tool) != std::string_view::npos)
            return true;
    return false;
}
bool named_as_update(std::string_view name) {
    const std::string lower = lowered(name);
    for (const std::string_view piece : {"upgrade", "update", "firmware", "fwup", "flash", "ota"})
        if (lower.find(piece) != std::string::npos)
            return true;
    return false;
}

/// What a script does, in the order of its commands.
struct Reading {
    Arguments sources;
    bool fetches_at_all = false;
    bool unencrypted_tool = false;       ///< tftp, ftpget
    std::string_view no_verification;    ///< line that turns the server's certificate check off
    std::string_view write;
    std::string_view signature;          ///< first of its kind before the write
    std::string_view integrity;
    std::string_view perhaps;
    Answer key = Answer::unknown;
};

/// "-verify KEY", "-p KEY" ...: whether the key file named is in the image.
Answer key_named_in(const Root& root, const Arguments& words) {
    for (const std::string_view option : {"-verify", "-p", "-inkey", "-CAfile", "--keyring", "-P"})
        if (const auto values = option_values(words, option); !values.empty() && values.back().starts_with('/'))
            return root.has(values.back()) ? Answer::yes : Answer::no;
    return Answer::unknown;
}

void take_fetch(const Arguments& words, std::string_view line, Reading& reading) {
    reading.fetches_at_all = true;
    const std::string_view program = base_name(words[0]);
    reading.unencrypted_tool |= program == "tftp" || program == "ftpget";
    for (const std::string& word : words) {
        if (word.find("://") != std::string::npos && reading.sources.size() < 50)
            reading.sources.push_back(excerpt(word, 300));
        if (word == "--no-check-certificate" || word == "--insecure" || (program == "curl" && word.size() > 1 && word[0] == '-' && word[1] != '-' && word.find('k') != std::string::npos))
            reading.no_verification = line;
    }
}

Reading read_script(const Root& root, std::string_view text) {
    Reading reading;
    const ShellScript script = read_shell(text.substr(0, kMaxScript));
    for (const ShellCommand& command : script.commands) {
        const Arguments words = invocation_of(command.words).arguments;
        if (words.empty())
            continue;
        const std::string whole = fmt::format("{}", fmt::join(words, " "));
        if (fetches(words))
            take_fetch(words, command.line, reading);
        const auto first = [&](std::string_view& place, bool is) {
            if (is && place.empty() && reading.write.empty())
                place = command.line;
        };
        if (reading.signature.empty() && reading.write.empty() && verifies(whole))
            reading.key = key_named_in(root, words);
        first(reading.signature, verifies(whole));
        first(reading.integrity, checks_integrity(whole));
        first(reading.perhaps, may_verify(words[0]));
        first(reading.write, writes_firmware(words));
    }
    return reading;
}

UpdateMechanism row_from(const Root& root, unpack::NodeId id, std::string_view text, const Reading& reading) {
    UpdateMechanism row{.tool = "script", .sources = reading.sources, .encrypted_transport = encrypted(reading.sources),
                        .evidence = {.path = root.tree().path(id), .offset = offset_in(text, reading.write), .excerpt = excerpt(trimmed(reading.write))}};
    if (reading.unencrypted_tool || !reading.no_verification.empty())
        row.encrypted_transport = Answer::no;
    const std::string_view proof = !reading.signature.empty() ? reading.signature : !reading.perhaps.empty() ? reading.perhaps : reading.integrity;
    row.verifies_signature = !reading.signature.empty() ? Answer::yes : !reading.perhaps.empty() ? Answer::unknown : Answer::no;
    row.keys_present = !reading.signature.empty() ? reading.key : Answer::unknown;
    row.note = excerpt(trimmed(proof.empty() ? std::string_view("no verification before the write") : proof));
    if (!reading.no_verification.empty())
        row.note += "; " + excerpt(trimmed(reading.no_verification));
    return row;
}

}  // namespace

bool writes_firmware(const Arguments& words) {
    const std::string_view program = base_name(words[0]);
    const auto any = [&](auto test) { return std::any_of(words.begin() + 1, words.end(), test); };
    if (program == "mtd")
        return any([](const std::string& word) { return word == "write"; });
    if (program == "dd")
        return any([](const std::string& word) { return word.starts_with("of=") && is_flash(std::string_view(word).substr(3)); });
    if (is_any(program, {"flashcp", "nandwrite", "ubiupdatevol"}))
        return any([](const std::string& word) { return is_flash(word); });
    return is_any(program, {"mtd_write", "sysupgrade", "fwupgrade", "fw_upgrade"}) && words.size() > 1;
}

bool verifies(std::string_view command) {
    const auto has = [&](std::string_view piece) { return command.find(piece) != std::string_view::npos; };
    return (has("openssl") && (has("-verify") || has(" -sigfile") || has("-signature"))) || (has("usign") && has("-V")) || (has("signify") && has("-V")) ||
           (has("minisign") && has("-V")) || (has("gpg") && has("--verify")) || has("gpgv ") || (has("ucert") && has("-V")) || has("fwtool_check_signature");
}
bool may_verify(std::string_view program) {
    const std::string name = lowered(base_name(program).substr(0, 64));
    for (const std::string_view piece : {"verify", "signature", "chksig", "checksig", "check_sig", "validate", "check_image", "imgcheck", "fwcheck"})
        if (name.find(piece) != std::string::npos)
            return true;
    return false;
}

std::vector<UpdateMechanism> update_scripts_in(const Root& root, const std::vector<unpack::NodeId>& files) {
    std::vector<UpdateMechanism> rows;
    for (const unpack::NodeId id : files) {
        const std::string_view text = text_of(root.tree(), id);
        if (!text.starts_with("#!") || text.substr(0, 64).find("sh") == std::string_view::npos)
            continue;
        const std::string inner = root.inner_path(id);
        if (inner.starts_with("/lib/upgrade/") || base_name(inner) == "sysupgrade")
            continue;  // OpenWrt's own, read as the tool it is
        const Reading reading = read_script(root, text);
        if (!reading.write.empty() && (reading.fetches_at_all || named_as_update(base_name(inner))))
            rows.push_back(row_from(root, id, text, reading));
    }
    return rows;
}

}  // namespace shirushi::inspect
