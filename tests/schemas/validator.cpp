#include "validator.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace shirushi::schemas {

using nlohmann::json;

struct Schema::Parsed {
    json source;
    valijson::Schema schema;
};

std::string read_file(const std::filesystem::path& path) {
    const std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error(fmt::format("{}: cannot be opened", path.string()));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Schema::Schema(const std::filesystem::path& path) : parsed_(std::make_unique<Parsed>()) {
    parsed_->source = json::parse(read_file(path));
    const auto fetch = [&](const std::string& uri) -> const json* {
        const auto file = std::filesystem::path(uri.substr(0, uri.find('#'))).filename();
        return std::make_unique<json>(json::parse(read_file(path.parent_path() / file))).release();
    };
    const auto release = [](const json* fetched) { std::default_delete<const json>()(fetched); };
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(parsed_->source), parsed_->schema, fetch, release);
}

Schema::~Schema() = default;

std::vector<std::string> Schema::errors(const std::string& document) const {
    const json parsed = json::parse(document);
    valijson::Validator validator;
    valijson::ValidationResults results;
    std::vector<std::string> errors;
    if (validator.validate(parsed_->schema, valijson::adapters::NlohmannJsonAdapter(parsed), &results))
        return errors;
    constexpr std::size_t most_errors = 20;
    valijson::ValidationResults::Error error;
    while (errors.size() < most_errors && results.popError(error))
        errors.push_back(fmt::format("{}: {}", fmt::join(error.context, ""), error.description));
    return errors;
}

}  // namespace shirushi::schemas
