#include "model/json.hpp"

#include "model/json_fields.hpp"

namespace shirushi {
namespace json {

namespace {
constexpr int kMaxDepth = 64;  // our documents nest to 6; a bound keeps hostile nesting from costing stack or time
}

Result<Json> parse(std::string_view text) {
    bool too_deep = false;
    const auto watch = [&](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > kMaxDepth;
        return !too_deep;
    };
    Json document;
    try {
        document = Json::parse(text, watch);
    } catch (const nlohmann::json::exception& error) {
        return fail(Errc::bad_input, fmt::format("not JSON: {}", excerpt(error.what(), 200)));
    }
    if (too_deep)
        return fail(Errc::limit, fmt::format("JSON nests deeper than {} levels", kMaxDepth));
    return document;
}

std::string print(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace json

std::string to_json(const Facts& facts) { return json::print(json::write(facts)); }

Result<Facts> facts_from_json(std::string_view text) { return json::read<Facts>(TRY_WITHIN("facts", json::parse(text))); }

std::string to_json(const Layout& layout) { return json::print(json::write(layout)); }

Result<Layout> layout_from_json(std::string_view text) { return json::read<Layout>(TRY_WITHIN("layout", json::parse(text))); }

std::string to_json(const Assessment& assessment) { return json::print(json::write(assessment)); }

Result<Assessment> assessment_from_json(std::string_view text) {
    return json::read<Assessment>(TRY_WITHIN("assessment", json::parse(text)));
}

}  // namespace shirushi
