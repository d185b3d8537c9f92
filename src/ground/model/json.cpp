#include "model/json.hpp"

#include <algorithm>

#include "base/text.hpp"
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

void TextWriter::value(std::string_view text) {
    const auto is_plain = [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; };
    if (!std::ranges::all_of(text, is_plain)) {
        text_ += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
        return;
    }
    text_ += '"';
    text_ += text;
    text_ += '"';
}

void TextWriter::value(double number) { text_ += Json(number).dump(); }

void write_members(const void* object, std::span<const Member> members, TextWriter& out) {
    out.begin('{');
    for (const Member& member : members)
        member.write(object, member.name, out);
    out.end('}');
}

std::optional<Error> read_members(const Json& json, const std::string& path, void* object, std::span<const Member> members) {
    if (!json.is_object())
        return wrong(path, "an object");
    std::size_t known = 0;
    for (const Member& member : members) {
        const auto at = json.find(std::string(member.name));
        const std::string place = path.empty() ? std::string(member.name) : fmt::format("{}.{}", path, member.name);
        if (at == json.end()) {
            if (!member.optional)
                return Error{Errc::bad_input, place + " is missing"};
            continue;
        }
        ++known;
        if (auto error = member.read(*at, place, object))
            return error;
    }
    if (known != json.size())
        for (const auto& [key, unused] : json.items())
            if (std::ranges::find(members, key, &Member::name) == members.end())
                return Error{Errc::bad_input, fmt::format("{}: unknown key \"{}\"", path.empty() ? "document" : path, excerpt(key, 60))};
    return {};
}

Error wrong(const std::string& path, std::string_view expected) {
    return {Errc::bad_input, fmt::format("{}: expected {}", path.empty() ? "document" : path, expected)};
}

std::optional<Error> read_value(const Json& json, const std::string& path, Digest& value) {
    if (!json.is_string())
        return wrong(path, "64 hexadecimal digits");
    auto digest = Digest::from_hex(json.get_ref<const std::string&>());
    if (!digest)
        return std::move(digest.error()).within(path);
    value = *digest;
    return {};
}

std::optional<Error> read_value(const Json& json, const std::string& path, bool& value) {
    if (!json.is_boolean())
        return wrong(path, "true or false");
    value = json.get<bool>();
    return {};
}

std::optional<Error> read_value(const Json& json, const std::string& path, double& value) {
    if (!json.is_number())
        return wrong(path, "a number");
    value = json.get<double>();
    return {};
}

std::optional<Error> read_value(const Json& json, const std::string& path, std::string& value) {
    if (!json.is_string())
        return wrong(path, "text");
    value = json.get_ref<const std::string&>();
    return {};
}

std::optional<Error> read_number(const Json& json, const std::string& path, std::uint64_t largest, std::uint64_t& value) {
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() > largest)
        return wrong(path, fmt::format("a whole number from 0 to {}", largest));
    value = json.get<std::uint64_t>();
    return {};
}

std::optional<Error> read_name(const Json& json, const std::string& path, std::span<const std::string_view> names, std::size_t& value) {
    const auto at = json.is_string() ? std::ranges::find(names, json.get_ref<const std::string&>()) : names.end();
    if (at == names.end())
        return wrong(path, fmt::format("one of {}", fmt::join(names, ", ")));
    value = static_cast<std::size_t>(at - names.begin());
    return {};
}

}  // namespace json

std::string to_json(const Facts& facts) { return json::text_of(facts); }

Result<Facts> facts_from_json(std::string_view text) { return json::read<Facts>(TRY_WITHIN("facts", json::parse(text))); }

std::string to_json(const Layout& layout) { return json::text_of(layout); }

Result<Layout> layout_from_json(std::string_view text) { return json::read<Layout>(TRY_WITHIN("layout", json::parse(text))); }

std::string to_json(const Assessment& assessment) { return json::text_of(assessment); }

Result<Assessment> assessment_from_json(std::string_view text) {
    return json::read<Assessment>(TRY_WITHIN("assessment", json::parse(text)));
}

std::string to_json(const Difference& difference) { return json::text_of(difference); }

}  // namespace shirushi
