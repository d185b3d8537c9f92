// Python: the metadata that installers leave (PyPA core metadata specification; PKG-INFO of eggs has the same fields), and what is to be
// installed: requirements files (pip's requirements format, PEP 508), Pipfile.lock and poetry.lock.

#include <algorithm>

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"
#include "sbom/packages/stanzas.hpp"

namespace shirushi::sbom {
namespace {

/// A name at the start of a requirement: letters, digits, '.', '-', '_' (PEP 508).
std::string_view name_at_start(std::string_view text) {
    const auto end = std::ranges::find_if(text, [](char c) {
        return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_');
    });
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

/// The version that "== 1.2" or "===1.2" pins; empty when the requirement leaves a choice.
std::string_view pinned(std::string_view specifier) {
    specifier = trimmed(specifier);
    if (specifier.starts_with('('))
        specifier.remove_prefix(1);
    if (!specifier.starts_with("=="))
        return {};
    specifier =
        trimmed(specifier.substr(specifier.find_first_not_of('=') == std::string_view::npos ? specifier.size() : specifier.find_first_not_of('=')));
    const std::string_view version = specifier.substr(0, specifier.find_first_of(" \t,;)#\\"));
    return version.find('*') == std::string_view::npos ? version : std::string_view{};
}

}  // namespace

PackageList read_python_metadata(Bytes content) {
    PackageList list;
    StanzaReader reader(content);  // the header ends at the first blank line; what follows is the description
    Stanza stanza;
    if (!reader.next(stanza))
        return list;
    std::string_view license = stanza.field("License-Expression");
    if (license.empty())
        license = stanza.field("License");
    std::string_view author = stanza.field("Author");
    if (author.empty())
        author = stanza.field("Author-email");
    const auto known = [](std::string_view text) { return text == "UNKNOWN" ? std::string() : std::string(text); };
    if (!stanza.field("Metadata-Version").empty())
        add_package(list, {.name = std::string(stanza.field("Name")),
                           .version = std::string(stanza.field("Version")),
                           .architecture = {},
                           .source = {},
                           .supplier = known(author),
                           .license = known(license),
                           .cpe = {},
                           .offset = stanza.offset});
    return list;
}

PackageList read_python_requirements(Bytes content) {
    PackageList list;
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        const std::string_view text = trimmed(line.text);
        const std::string_view name = name_at_start(text);  // options, comments and paths have none
        if (name.empty() || name.front() == '-' || name.front() == '.')
            continue;
        std::string_view rest = trimmed(text.substr(name.size()));
        if (rest.starts_with('['))
            rest = trimmed(rest.substr(std::min(rest.find(']'), rest.size() - 1) + 1));
        if (!rest.empty() && std::string_view("=<>!~;@#(\\").find(rest.front()) == std::string_view::npos)
            continue;  // not a requirement but words
        if (!add_package(list, {.name = std::string(name), .version = std::string(pinned(rest)), .offset = line.offset}))
            break;
    }
    return list;
}

PackageList read_pipfile_lock(Bytes content) {
    PackageList list;
    const auto json = package_json(content, list);
    OffsetFinder offsets(content);
    for (const char* group : {"default", "develop"}) {
        if (!json || !json->is_object() || !json->contains(group) || !(*json)[group].is_object())
            continue;
        for (const auto& [name, package] : (*json)[group].items())
            if (!add_package(list, {.name = name, .version = std::string(pinned(json_text(package, "version"))), .offset = offsets.find(name)}))
                return list;
    }
    return list;
}

}  // namespace shirushi::sbom
