// What image builders write of the packages that went into an image: OpenWrt's and Yocto's *.manifest, Yocto's license.manifest and
// buildhistory, Buildroot's legal-info/manifest.csv.

#include <algorithm>

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"
#include "sbom/packages/stanzas.hpp"

namespace shirushi::sbom {
namespace {

/// Words of every line as `shape` wants them: a file of this name that holds any other line is another program's.
template <class Shape>
PackageList read_lines(Bytes content, Shape shape) {
    PackageList list;
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        const auto words = words_of(line.text);
        if (words.empty())
            continue;
        Package package = shape(words);
        package.offset = line.offset;
        if (package.name.empty())
            return {};
        if (!add_package(list, std::move(package)))
            break;
    }
    return list;
}

bool has_digit_first(std::string_view text) { return !text.empty() && ((text[0] >= '0' && text[0] <= '9') || (text[0] == 'v' && text.size() > 1)); }

/// Fields of a line of comma-separated values (RFC 4180, but no line ends in fields: Buildroot writes none).
std::vector<std::string> fields_of(std::string_view line) {
    constexpr std::size_t most = 64;
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
            fields.back() += line[++i];
        else if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == ',' && !quoted && fields.size() < most)
            fields.emplace_back();
        else
            fields.back() += line[i];
    }
    return fields;
}

}  // namespace

PackageList read_image_manifest(Bytes content) {
    return read_lines(content, [](const auto& words) -> Package {
        if (words.size() != 3 || words[1] != "-" || !has_digit_first(words[2]))
            return {};
        return {.name = std::string(words[0]), .version = std::string(words[2])};
    });
}

PackageList read_yocto_manifest(Bytes content) {
    return read_lines(content, [](const auto& words) -> Package {
        if (words.size() != 3 || words[1] == "-" || words[2].find_first_of("0123456789") == std::string_view::npos)
            return {};
        return {.name = std::string(words[0]), .version = std::string(words[2]), .architecture = std::string(words[1])};
    });
}

PackageList read_yocto_installed(Bytes content) {
    return read_lines(content, [](const auto& words) -> Package {
        std::string_view name = words[0];
        if (words.size() != 1)
            return {};
        for (const std::string_view ending : {".ipk", ".deb"})
            if (name.ends_with(ending)) {
                const auto parts = split(name.substr(0, name.size() - ending.size()), '_');
                if (parts.size() < 3)
                    return {};
                return {.name = std::string(parts[0]), .version = std::string(parts[1]), .architecture = std::string(parts[2])};
            }
        if (!name.ends_with(".rpm"))
            return {};
        name.remove_suffix(4);
        const std::size_t dot = name.rfind('.');
        const std::size_t release = dot == std::string_view::npos ? dot : name.rfind('-', dot);
        const std::size_t version = release == std::string_view::npos || release == 0 ? std::string_view::npos : name.rfind('-', release - 1);
        if (version == std::string_view::npos)
            return {};
        return {.name = std::string(name.substr(0, version)), .version = std::string(name.substr(version + 1, dot - version - 1)),
                .architecture = std::string(name.substr(dot + 1))};
    });
}

PackageList read_yocto_licenses(Bytes content) {
    PackageList list;
    StanzaReader reader(content);
    for (Stanza stanza; reader.next(stanza);)
        if (!add_package(list, {.name = std::string(stanza.field("PACKAGE NAME")),
                                .version = std::string(stanza.field("PACKAGE VERSION")),
                                .architecture = {},
                                .source = std::string(stanza.field("RECIPE NAME")),
                                .supplier = {},
                                .license = std::string(stanza.field("LICENSE")),
                                .cpe = {},
                                .offset = stanza.offset}))
            break;
    return list;
}

PackageList read_buildroot_manifest(Bytes content) {
    PackageList list;
    LineReader lines(content);
    TextLine line;
    if (!lines.next(line))
        return list;
    std::vector<std::string> header = fields_of(line.text);
    const auto column = [&](std::string_view name) { return static_cast<std::size_t>(std::ranges::find(header, name) - header.begin()); };
    const std::size_t name = column("PACKAGE");
    const std::size_t version = column("VERSION");
    const std::size_t license = column("LICENSE");
    if (name == header.size() || version == header.size() || license == header.size())
        return list;  // another table
    while (lines.next(line)) {
        const auto fields = fields_of(line.text);
        if (fields.size() <= std::max({name, version, license}))
            continue;
        const std::string& known = fields[version];
        if (!add_package(list, {.name = fields[name], .version = known == "unknown" || known == "not_applicable" ? std::string() : known,
                                .license = fields[license] == "unknown" ? std::string() : fields[license], .offset = line.offset}))
            break;
    }
    return list;
}

}  // namespace shirushi::sbom
