#pragma once
// JSON Schema validation (drafts 4 and 7) for tests. References to other schemas are looked up by file name beside the schema;
// nothing is fetched. Functions throw std::exception when a file cannot be read or is not a schema: test code only.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace shirushi::schemas {

class Schema {
public:
    explicit Schema(const std::filesystem::path& path);
    ~Schema();

    /// What is wrong with a document, at most 20 places; empty when it is valid.
    [[nodiscard]] std::vector<std::string> errors(const std::string& document) const;

private:
    struct Parsed;
    std::unique_ptr<Parsed> parsed_;
};

std::string read_file(const std::filesystem::path& path);

}  // namespace shirushi::schemas
