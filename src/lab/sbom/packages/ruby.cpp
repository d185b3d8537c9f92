// Ruby: the specifications that gem leaves of installed gems (Gem::Specification#to_ruby), and Gemfile.lock of bundler.

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"

namespace shirushi::sbom {

PackageList read_gemspec(Bytes content) {
    PackageList list;
    Package package;
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        const std::string_view text = trimmed(line.text);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || equals + 1 == text.size() || text[equals + 1] == '=')
            continue;
        const std::string_view member = trimmed(text.substr(0, equals));
        const std::string value(quoted_text(text.substr(equals + 1)));
        const auto is = [&](std::string_view word) {
            return member.ends_with(word) && member.size() > word.size() && member.find(' ') == std::string_view::npos;
        };
        if (is(".name") && package.name.empty()) {
            package.name = value;
            package.offset = line.offset;
        } else if (is(".version") && package.version.empty()) {
            package.version = value;
        } else if (is(".licenses") || is(".license")) {
            package.license = value;
        } else if (is(".authors") || is(".author")) {
            package.supplier = value;
        }
    }
    add_package(list, std::move(package));
    return list;
}

PackageList read_gemfile_lock(Bytes content) {
    PackageList list;
    bool in_gems = false;
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        if (!line.text.starts_with(' ')) {
            in_gems = line.text == "GEM";
            continue;
        }
        // Four blanks: a gem and its version; six: what it depends on.
        if (!in_gems || !line.text.starts_with("    ") || line.text.starts_with("     "))
            continue;
        const std::string_view text = trimmed(line.text);
        const std::size_t open = text.find(" (");
        if (open == std::string_view::npos || !text.ends_with(')'))
            continue;
        std::string_view version = text.substr(open + 2, text.size() - open - 3);
        version = version.substr(0, version.find('-'));  // the platform follows: "1.13.3-x86_64-linux"
        if (!add_package(list, {.name = std::string(text.substr(0, open)), .version = std::string(version), .offset = line.offset}))
            break;
    }
    return list;
}

}  // namespace shirushi::sbom
