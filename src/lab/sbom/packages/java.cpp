// Java archives, as unpack opens them: META-INF/maven/*/*/pom.properties (Maven Archiver) and META-INF/MANIFEST.MF (JAR File
// Specification; OSGi Core for Bundle-*).

#include <array>

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kManifest = 256 * 1024;

/// Attributes of the main section; a line that starts with a blank continues the one above (lines are at most 72 bytes).
std::vector<std::pair<std::string, std::string>> main_section(Bytes content) {
    std::vector<std::pair<std::string, std::string>> attributes;
    LineReader lines(clipped(content, 0, kManifest));
    for (TextLine line; lines.next(line) && !line.text.empty();) {
        if (line.text.front() == ' ') {
            if (!attributes.empty())
                attributes.back().second += line.text.substr(1);
            continue;
        }
        const std::size_t colon = line.text.find(": ");
        if (colon != std::string_view::npos)
            attributes.emplace_back(lowered(line.text.substr(0, colon)), line.text.substr(colon + 2));
    }
    return attributes;
}

/// The archive's file name without ".jar" and the like, from ".../NAME.jar/zip@0x0/META-INF/MANIFEST.MF"; a version at its end is cut off.
std::string_view archive_name(std::string_view path) {
    const auto segments = split(path, '/');
    for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment)
        for (const std::string_view ending : {".jar", ".war", ".ear", ".aar"})
            if (segment->ends_with(ending) && segment->size() > ending.size()) {
                std::string_view name = segment->substr(0, segment->size() - ending.size());
                for (std::size_t at = name.find('-'); at != std::string_view::npos; at = name.find('-', at + 1))
                    if (at + 1 < name.size() && name[at + 1] >= '0' && name[at + 1] <= '9')
                        return name.substr(0, at);
                return name;
            }
    return {};
}

}  // namespace

PackageList read_pom_properties(Bytes content) {
    PackageList list;
    Package package;
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        const std::string_view text = trimmed(line.text);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || text.front() == '#')
            continue;
        const std::string_view key = trimmed(text.substr(0, equals));
        const std::string value(trimmed(text.substr(equals + 1)));
        if (key == "groupId")
            package.group = value;
        else if (key == "artifactId")
            package.name = value;
        else if (key == "version")
            package.version = value;
    }
    add_package(list, std::move(package));
    return list;
}

PackageList read_java_manifest(Bytes content, std::string_view path) {
    PackageList list;
    const auto attributes = main_section(content);
    const auto first_of = [&](auto... names) {
        for (const std::string_view name : std::array<std::string_view, sizeof...(names)>{names...})
            for (const auto& [key, value] : attributes)
                if (key == name && !trimmed(value).empty() && value.find("${") == std::string::npos)
                    return std::string(trimmed(value));
        return std::string();
    };
    Package package{.name = std::string(archive_name(path)), .version = first_of("implementation-version", "bundle-version", "specification-version"),
                    .supplier = first_of("implementation-vendor", "bundle-vendor"), .license = first_of("bundle-license")};
    if (package.name.empty())
        package.name = first_of("implementation-title", "bundle-symbolicname", "automatic-module-name");
    package.name = package.name.substr(0, package.name.find(';'));
    package.group = first_of("implementation-vendor-id");
    if (!package.version.empty())
        add_package(list, std::move(package));
    return list;
}

}  // namespace shirushi::sbom
