// Perl: perllocal.pod (ExtUtils::Command::MM appends an entry for each module), .packlist (ExtUtils::Packlist: its folder
// names the module; it has no version), META.json of distributions (CPAN::Meta::Spec).

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"

namespace shirushi::sbom {
namespace {

/// What stands in "C<KEY: value>"; empty when the line is another.
std::string_view item(std::string_view text, std::string_view key) {
    const std::size_t at = text.find(key);
    if (at == std::string_view::npos)
        return {};
    text.remove_prefix(at + key.size());
    return trimmed(text.substr(0, text.find('>')));
}

/// Distributions are named "Foo-Bar", their main modules "Foo::Bar": package-urls without an author's name take modules.
std::string module_name(std::string_view distribution, std::string_view separator) {
    std::string out;
    for (std::size_t at = 0; at <= distribution.size();) {
        const std::size_t end = std::min(distribution.find(separator, at), distribution.size());
        out += (out.empty() ? "" : "::") + std::string(distribution.substr(at, end - at));
        at = end + separator.size();
    }
    return out;
}

}  // namespace

PackageList read_perl_local(Bytes content) {
    PackageList list;
    Package package;
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        if (line.text.starts_with("=head2 ")) {
            if (!add_package(list, std::move(package)))
                return list;
            package = {.name = {}, .version = {}, .offset = line.offset};
            const std::string_view link = item(line.text, "L<");
            package.name = link.substr(0, link.find('|'));
        } else if (const std::string_view version = item(line.text, "C<VERSION: "); !version.empty()) {
            package.version = version;
        }
    }
    add_package(list, std::move(package));
    return list;
}

PackageList read_perl_packlist(Bytes, std::string_view path) {
    PackageList list;
    const std::size_t folder = path.rfind("auto/");
    const std::size_t file = path.rfind("/.packlist");
    if (folder != std::string_view::npos && file != std::string_view::npos && folder + 5 < file)
        add_package(list, {.name = module_name(path.substr(folder + 5, file - folder - 5), "/"), .version = {}});
    return list;
}

PackageList read_perl_meta(Bytes content) {
    PackageList list;
    if (as_text(clipped(content, 0, 1 << 16)).find("meta-spec") == std::string_view::npos)
        return list;  // other tools have files of this name
    const auto json = package_json(content, list);
    if (json)
        add_package(list,
                    {.name = module_name(json_text(*json, "name"), "-"), .version = json_text(*json, "version"), .license = json_license(*json)});
    return list;
}

}  // namespace shirushi::sbom
