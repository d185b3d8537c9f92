#pragma once
// Cases of a check as testdata/<id>.json holds them: facts that name only what matters, and what the check makes of them.
// For the room's tests.

#include <map>
#include <string>
#include <vector>

#include "model/json_fields.hpp"

namespace shirushi::check {

/// [{"name": "...", "facts": {"services": [{"name": "telnetd"}]}, "gaps": {"services": ["etc/init.d"]}, "expect": "fail",
/// "keys": ["started"]}]: a table that is named was observed, and members that a row leaves out have their defaults.
struct CheckCase {
    std::string name;
    Facts facts;
    Kind expect = Kind::open;
    std::vector<std::string> keys;  ///< message keys of all findings, in their order
};

/// `patch` laid over `json`, objects member by member.
inline void overlay(json::Json& json, const json::Json& patch) {
    if (!json.is_object() || !patch.is_object()) {
        json = patch;
        return;
    }
    for (const auto& [key, value] : patch.items())
        overlay(json[key], value);
}

template <class Row>
void fill_table(Table<Row>& table, const std::string& name, const json::Json& one, std::vector<std::string>& errors) {
    const auto facts = one.at("facts").find(name);
    if (facts == one.at("facts").end())
        return;
    table.observed = true;
    for (const json::Json& given : *facts) {
        json::Json row = json::Json::parse(json::text_of(Row{}));
        overlay(row, given);
        if (auto read = json::read<Row>(row, name))
            table.rows.push_back(std::move(*read));
        else
            errors.push_back(read.error().message);
    }
    if (one.contains("gaps") && one.at("gaps").contains(name))
        table.gaps = one.at("gaps").at(name).get<std::vector<std::string>>();
}

/// The cases of one file. Throws where it is not as said above: a test then fails with the reason.
inline std::vector<CheckCase> read_cases(const std::string& text) {
    std::vector<CheckCase> cases;
    for (const json::Json& one : json::Json::parse(text)) {
        CheckCase read{.name = one.at("name"), .facts = {}, .expect = Kind::open, .keys = one.at("keys")};
        const auto kind = json::read<Kind>(one.at("expect"));
        std::vector<std::string> errors;
        std::size_t known = 0;
        const auto fill = [&](const auto& field) {
            if constexpr (requires { (read.facts.*field.member).rows; }) {
                known += one.at("facts").contains(std::string(field.name)) ? 1 : 0;
                fill_table(read.facts.*field.member, std::string(field.name), one, errors);
            }
        };
        std::apply([&](const auto&... field) { (fill(field), ...); }, Facts::fields());
        if (!kind || !errors.empty() || known != one.at("facts").size())
            throw std::runtime_error(read.name + ": " + (!kind ? kind.error().message : errors.empty() ? "unknown table" : errors.front()));
        read.expect = *kind;
        cases.push_back(std::move(read));
    }
    return cases;
}

}  // namespace shirushi::check
