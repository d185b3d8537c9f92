#pragma once
// What the readers of package lists share: lines with offsets, text made fit, ceilings kept, JSON that cannot exhaust memory.

#include <nlohmann/json.hpp>

#include "sbom/packages/package_file.hpp"

namespace shirushi::sbom {

using PackageJson = nlohmann::ordered_json;

struct TextLine {
    std::string_view text;  ///< without its ending (\n or \r\n); borrowed
    std::uint64_t offset = 0;
};

/// Lines one by one, without a list of them all. The text must outlive it.
class LineReader {
public:
    explicit LineReader(Bytes text) : text_(as_text(text)) {}
    bool next(TextLine& line);

private:
    std::string_view text_;
    std::uint64_t position_ = 0;
};

/// Adds a package with its texts printable and cut; one without a name is left out. False, with a gap, when there are too many.
bool add_package(PackageList& list, Package package);

/// What stands between the first and the last quote (' or ") of the text; empty when there are not two.
std::string_view quoted_text(std::string_view text);

/// The document, or nothing and a gap. At most 16 MiB and 64 levels deep: real lists stay far below.
std::optional<PackageJson> package_json(Bytes content, PackageList& list);
/// A member that is a text; empty otherwise.
std::string json_text(const PackageJson& object, const char* member);
/// A licence as lists write it: a text, {"type": text}, or a list of these, joined with " OR ".
std::string json_license(const PackageJson& object, const char* member = "license");

/// Where texts stand in a document whose order the caller follows: each search goes on behind the last one that found something.
class OffsetFinder {
public:
    explicit OffsetFinder(Bytes content) : text_(as_text(content)) {}
    /// Offset of `"text"` in quotes; 0 when it is not there (escaped, or out of order).
    std::uint64_t find(std::string_view text);

private:
    std::string_view text_;
    std::size_t position_ = 0;
    int misses_ = 0;
};

}  // namespace shirushi::sbom
