// SPDX's tag-value text in the shape of its JSON, so that one reader serves both. A line is "Tag: value"; a value between <text> and
// </text> may have several lines. Tags belong to what the last PackageName, FileName, SnippetSPDXID or LicenseID began.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sbom/documents/reading.hpp"

namespace shirushi::sbom {
namespace {

using json::Foreign;

constexpr std::size_t kDocumentBytes = std::size_t{256} << 20;
constexpr std::size_t kValueBytes = std::size_t{16} << 20;
constexpr std::size_t kLines = 16'000'000;

struct Name {
    std::string_view tag;
    const char* member;
};
constexpr std::array<Name, 4> kOfDocument = {
    {{"SPDXVersion", "spdxVersion"}, {"SPDXID", "SPDXID"}, {"DocumentName", "name"}, {"DocumentNamespace", "documentNamespace"}}};
constexpr std::array<Name, 7> kOfPackage = {{{"SPDXID", "SPDXID"},
                                             {"PackageVersion", "versionInfo"},
                                             {"PackageSupplier", "supplier"},
                                             {"PackageOriginator", "originator"},
                                             {"PackageLicenseConcluded", "licenseConcluded"},
                                             {"PackageLicenseDeclared", "licenseDeclared"},
                                             {"PrimaryPackagePurpose", "primaryPackagePurpose"}}};

class Converter {
public:
    explicit Converter(std::string_view text) : rest_(text) {}

    Result<Foreign> run() {
        while (!rest_.empty()) {
            const std::string_view line = trimmed(take_line());
            if (line.empty() || line.starts_with('#'))
                continue;
            const auto colon = line.find(':');
            if (colon == std::string_view::npos || colon == 0 || line.substr(0, colon).find(' ') != std::string_view::npos)
                return wrong("expected \"Tag: value\"");
            const std::string_view tag = line.substr(0, colon);
            const std::string value = TRY(value_of(trimmed(line.substr(colon + 1))));
            TRY(take(tag, value));
        }
        return std::move(document_);
    }

private:
    enum class Part { document, package, other };

    std::unexpected<Error> wrong(std::string_view what) const {
        return fail(Errc::bad_input, fmt::format("line {}: {}; mend it there or export the document again", line_, what));
    }

    std::string_view take_line() {
        const auto end = std::min(rest_.find('\n'), rest_.size());
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        ++line_;
        return line;
    }

    Result<std::string> value_of(std::string_view first) {
        constexpr std::string_view kOpen = "<text>";
        constexpr std::string_view kClose = "</text>";
        if (line_ > kLines)
            return fail(Errc::limit, fmt::format("more than {} lines; split the document", kLines));
        if (!first.starts_with(kOpen))
            return std::string(first);
        std::string value(first.substr(kOpen.size()));
        const std::size_t began = line_;
        std::size_t searched = 0;
        std::size_t close = 0;
        while ((close = value.find(kClose, searched)) == std::string::npos) {
            if (rest_.empty())
                return fail(Errc::bad_input, fmt::format("line {}: <text> is not closed; add </text>", began));
            searched = value.size();  // a tag does not run over a line's end
            (value += '\n') += take_line();
            if (value.size() > kValueBytes)
                return fail(Errc::limit, fmt::format("line {}: a text longer than the {} bytes that are read; shorten it", began, kValueBytes));
        }
        value.resize(close);
        return value;
    }

    Result<void> take(std::string_view tag, const std::string& value) {
        if (tag == "PackageName")
            return begin_package(value);
        if (tag == "FileName" || tag == "SnippetSPDXID" || tag == "LicenseID") {
            part_ = Part::other;
            if (tag == "FileName")
                document_["files"].push_back(Foreign::object());
            return {};
        }
        if (tag == "Relationship")
            return take_relationship(value);
        if (tag == "Created" || tag == "Creator") {
            Foreign& info = document_["creationInfo"];
            if (tag == "Creator")
                info["creators"].push_back(value);
            else
                info["created"] = value;
            return {};
        }
        if (part_ == Part::document)
            return set(document_, kOfDocument, tag, value);
        return part_ == Part::package ? take_of_package(tag, value) : Result<void>();
    }

    Result<void> begin_package(const std::string& name) {
        part_ = Part::package;
        document_["packages"].push_back({{"name", name}, {json::kLineMember, line_}});
        return {};
    }

    Result<void> take_of_package(std::string_view tag, const std::string& value) {
        Foreign& package = document_["packages"].back();
        if (tag == "PackageChecksum") {
            const auto colon = value.find(':');
            if (colon == std::string::npos)
                return wrong("expected \"PackageChecksum: ALGORITHM: digits\"");
            package["checksums"].push_back({{"algorithm", std::string(trimmed(std::string_view(value).substr(0, colon)))},
                                            {"checksumValue", std::string(trimmed(std::string_view(value).substr(colon + 1)))},
                                            {json::kLineMember, line_}});
            return {};
        }
        if (tag == "ExternalRef") {
            const auto words = words_of(value);
            if (words.size() != 3)
                return wrong("expected \"ExternalRef: CATEGORY TYPE LOCATOR\"");
            package["externalRefs"].push_back(
                {{"referenceType", std::string(words[1])}, {"referenceLocator", std::string(words[2])}, {json::kLineMember, line_}});
            return {};
        }
        return set(package, kOfPackage, tag, value);
    }

    Result<void> take_relationship(const std::string& value) {
        const auto words = words_of(value);
        if (words.size() != 3)
            return wrong("expected \"Relationship: ID TYPE ID\"");
        document_["relationships"].push_back({{"spdxElementId", std::string(words[0])}, {"relationshipType", std::string(words[1])},
                                              {"relatedSpdxElement", std::string(words[2])}, {json::kLineMember, line_}});
        return {};
    }

    template <std::size_t N>
    Result<void> set(Foreign& object, const std::array<Name, N>& names, std::string_view tag, const std::string& value) {
        const auto name = std::ranges::find(names, tag, &Name::tag);
        if (name == names.end())
            return {};
        if (object.contains(name->member))
            return wrong(fmt::format("{} stands twice here, and it is not clear which counts", tag));
        object[name->member] = value;
        return {};
    }

    std::string_view rest_;
    std::size_t line_ = 0;
    Part part_ = Part::document;
    Foreign document_ = Foreign::object();
};

}  // namespace

Result<Foreign> spdx_from_tag_value(std::string_view text) {
    if (text.size() > kDocumentBytes)
        return fail(Errc::limit, fmt::format("{} bytes are more than the {} that are read; split the document", text.size(), kDocumentBytes));
    return Converter(text).run();
}

}  // namespace shirushi::sbom
