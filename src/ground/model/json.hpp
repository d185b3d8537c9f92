#pragma once
// The vocabulary's documents as JSON text. Writing is deterministic: same value, same bytes. Reading is strict: errors
// (bad_input) name the JSON path of what is wrong, missing or unknown.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/assessment.hpp"
#include "model/difference.hpp"
#include "model/facts.hpp"
#include "model/layout.hpp"

namespace shirushi {

std::string to_json(const Facts& facts);
Result<Facts> facts_from_json(std::string_view text);

std::string to_json(const Layout& layout);
Result<Layout> layout_from_json(std::string_view text);

std::string to_json(const Assessment& assessment);
Result<Assessment> assessment_from_json(std::string_view text);

std::string to_json(const Difference& difference);

}  // namespace shirushi
