#pragma once
// What a file below a web root is, and the code in it: pages with code in them are read as the code alone, line for line.

#include <optional>
#include <string>
#include <string_view>

#include "model/facts.hpp"

namespace shirushi::inspect::web {

/// By its first line, else by its name; nothing for what no client can call as a script (styles, pictures, modules).
std::optional<WebLanguage> language_of(std::string_view name, std::string_view content);

/// The code: of pages ("<?php ... ?>", "<% ... %>") what stands in the marks, with what they show ("<?= ... ?>") as an output
/// statement, everything else blank; of other scripts all of it. Has as many lines as the text.
std::string code_of(std::string_view text, WebLanguage language);

/// Values of settings named like passwords masked, cut to an excerpt.
std::string shown_line(std::string_view line);

}  // namespace shirushi::inspect::web
