#pragma once
// Configuration files of the form "key value" or "key = value", one a line: most daemons'. And options on command lines.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/facts.hpp"

namespace shirushi::inspect {

struct Setting {
    std::string_view key;
    std::string_view value;  ///< without quotes and a closing ';'; possibly empty
    std::string_view line;
};

/// At most 20,000 settings. Lines starting with '#' are comments; ';' too, where the file is of the "ini" kind. Borrows the text.
std::vector<Setting> read_settings(std::string_view text);

/// The last value of a key (names are compared without regard to case); nothing when it is not set.
std::optional<std::string_view> last_value(const std::vector<Setting>& settings, std::string_view key);

/// "yes", "true", "on", "1", "enable".
bool is_yes(std::string_view value);

/// Values of an option in all its spellings: "-p 80", "-p80", "--port 80", "--port=80".
std::vector<std::string> option_values(const std::vector<std::string>& arguments, std::string_view option);

/// Whether a flag is among the arguments, alone or in a cluster of single letters ("-nB").
bool has_flag(const std::vector<std::string>& arguments, std::string_view flag);

/// "80", "0.0.0.0:80", "[::1]:80", "*:80": nothing when there is no port in it.
std::optional<Endpoint> endpoint_from(std::string_view text, std::string_view transport = "tcp");

}  // namespace shirushi::inspect
