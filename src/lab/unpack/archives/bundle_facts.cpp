#include "unpack/archives/bundle_facts.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"
#include "unpack/archives/signed_message.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kMostControl = std::uint64_t{64} << 10;  // of a control file that is looked at

std::string_view without_dot(std::string_view name) { return name.starts_with("./") ? name.substr(2) : name; }

/// The value behind "key = value" or "key=value" in lines.
std::string line_value(Bytes content, std::string_view key) {
    for (const std::string_view line : lines_of(as_text(clipped(content, 0, kMostControl)))) {
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos && trimmed(line.substr(0, equals)) == key)
            return excerpt(trimmed(line.substr(equals + 1)), 80);
    }
    return {};
}

std::string signature_words(Bytes content) {
    const auto message = read_signed_message(content);
    if (!message)
        return fmt::format("signed (RSA, {} bytes, not verified)", content.size());
    return message->signer.empty() ? "signed (CMS, not verified)" : fmt::format("signed by {} (not verified)", message->signer);
}

/// What stands behind "key": in a JSON text. These documents are small and flat, and only a word of them is wanted.
std::string_view behind_key(std::string_view text, std::string_view key) {
    const std::string quoted = fmt::format("\"{}\"", key);
    const std::size_t at = text.find(quoted);
    if (at == std::string_view::npos)
        return {};
    const std::string_view rest = trimmed(text.substr(at + quoted.size()));
    return rest.starts_with(':') ? trimmed(rest.substr(1)) : std::string_view();
}

/// The text at the start of `value`, which is cut behind it; empty when there is none.
std::string take_text(std::string_view& value) {
    const std::size_t end = value.starts_with('"') ? value.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos)
        return {};
    const std::string text = excerpt(value.substr(1, end - 1), 80);
    value = trimmed(value.substr(end + 1));
    return text;
}

std::string json_text(std::string_view text, std::string_view key) {
    std::string_view value = behind_key(text, key);
    return take_text(value);
}

std::vector<std::string> json_texts(std::string_view text, std::string_view key) {
    constexpr std::size_t kMost = 8;
    std::vector<std::string> texts;
    std::string_view value = behind_key(text, key);
    while (texts.size() < kMost && (value.starts_with('[') || value.starts_with(','))) {
        value = trimmed(value.substr(1));
        if (std::string one = take_text(value); !one.empty())
            texts.push_back(std::move(one));
    }
    return texts;
}

std::string_view control(Bytes content) { return as_text(clipped(content, 0, kMostControl)); }

}  // namespace

void BundleFacts::member(std::string_view raw, Bytes content) {
    const std::string_view name = without_dot(raw);
    if (name.empty() || name == ".")
        return;
    if (seen_++ == 0)
        first_member(name, content);
    else if (kind_ == Kind::none && seen_ == 2)
        first_member(name, content);  // sysupgrade and opkg archives begin with a folder, or in any order
    further_member(name, content);
}

void BundleFacts::first_member(std::string_view name, Bytes content) {
    if (name == "sw-description") {
        kind_ = Kind::swupdate;
        description_ = read_sw_description(content);
    } else if (name == "version") {
        if (json_text(control(content), "format") != "mender")
            return;
        kind_ = Kind::mender;
        const std::string_view number = behind_key(control(content), "version");
        title_ = fmt::format("Mender artifact, format {}", excerpt(number.substr(0, std::min(number.find_first_not_of("0123456789"), number.size())), 8));
    } else if (name == "debian-binary" || name == "control.tar.gz" || name == "data.tar.gz") {
        kind_ = Kind::opkg;
        title_ = "opkg package";
    } else if (name.starts_with(".SIGN.") || name == ".PKGINFO") {
        kind_ = Kind::alpine;
        title_ = "Alpine package";
    } else if (name.starts_with("sysupgrade-") && name.ends_with("/CONTROL")) {
        kind_ = Kind::sysupgrade;
        title_ = fmt::format("OpenWrt sysupgrade, board {}", line_value(content, "BOARD"));
    }
}

void BundleFacts::further_member(std::string_view name, Bytes content) {
    if (kind_ == Kind::swupdate && name == "sw-description.sig")
        signature_ = signature_words(content);
    if (kind_ == Kind::mender && name == "manifest.sig")
        signature_ = "signed (not verified)";
    payloads_ += kind_ == Kind::mender && name.starts_with("data/0") ? 1 : 0;
    if (kind_ != Kind::alpine)
        return;
    // ".SIGN.RSA256.<name of the key>.rsa.pub"
    if (const std::size_t key = name.find('.', 6); name.starts_with(".SIGN.") && key != std::string_view::npos)
        signature_ = fmt::format("signed with the key {} (not verified)", excerpt(name.substr(key + 1), 80));
    if (name == ".PKGINFO")
        title_ = fmt::format("Alpine package {} {} ({})", line_value(content, "pkgname"), line_value(content, "pkgver"), line_value(content, "arch"));
}

std::string BundleFacts::swupdate_text() const {
    if (!description_.is_text)
        return "SWUpdate bundle, sw-description is encrypted or damaged";
    std::string text = "SWUpdate bundle";
    if (!description_.version.empty())
        text += ", version " + description_.version;
    if (!description_.hardware.empty())
        text += fmt::format(", for hardware {}", fmt::join(std::span(description_.hardware).first(std::min<std::size_t>(description_.hardware.size(), 8)), " "));
    text += fmt::format(", {} images, {} with SHA-256", description_.images, description_.hashed);
    if (!description_.encrypted.empty())
        text += fmt::format(", {} encrypted", description_.encrypted.size());
    return text;
}

std::string BundleFacts::text() const {
    if (kind_ == Kind::none)
        return {};
    const std::string said = signature_.empty() ? "not signed" : signature_;
    switch (kind_) {
        case Kind::swupdate: return swupdate_text() + ", " + said;
        case Kind::mender: return fmt::format("{}, {} payloads, {}", title_, payloads_, said);
        case Kind::alpine: return title_ + ", " + said;
        default: return title_;
    }
}

std::string mender_header(Bytes header) {
    const std::unique_ptr<struct archive, decltype(&archive_read_free)> reader(archive_read_new(), archive_read_free);
    // Those of libarchive's filters that need no other program.
    for (const auto enable : {archive_read_support_filter_gzip, archive_read_support_filter_xz, archive_read_support_filter_zstd})
        (void)enable(reader.get());
    (void)archive_read_support_format_tar(reader.get());
    if (archive_read_open_memory(reader.get(), header.data(), header.size()) != ARCHIVE_OK)
        return {};
    constexpr int kMostEntries = 64;  // header-info is the first
    struct archive_entry* entry = nullptr;
    for (int i = 0; i < kMostEntries && archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK; ++i) {
        const char* name = archive_entry_pathname(entry);
        if (name == nullptr || without_dot(name) != "header-info")
            continue;
        Buffer content(kMostControl);
        const auto size = archive_read_data(reader.get(), content.data(), content.size());
        const std::string_view info = as_text(clipped(content, 0, static_cast<std::uint64_t>(std::max<la_ssize_t>(size, 0))));
        // Format 3 has the devices in "artifact_depends", format 2 under a name of their own.
        std::string text = fmt::format("artifact {}", json_text(info, "artifact_name"));
        for (const char* key : {"device_type", "device_types_compatible"})
            for (const std::string& device : json_texts(info, key))
                text += fmt::format(", for {}", device);
        return text;
    }
    return {};
}

}  // namespace shirushi::unpack
