#pragma once
// OpenWrt's configuration files (etc/config/*): sections of options. Borrows the text.

#include <string_view>
#include <vector>

namespace shirushi::inspect {

struct UciOption {
    std::string_view key;
    std::string_view value;
    std::string_view line;
};

struct UciSection {
    std::string_view type;
    std::string_view name;  ///< often empty
    std::vector<UciOption> options;  ///< "option" and "list" lines in order

    /// The last value given; empty when there is none.
    [[nodiscard]] std::string_view value(std::string_view key) const;
};

/// Lines that are none of config, option and list are skipped. At most 10,000 sections and options together.
std::vector<UciSection> read_uci(std::string_view text);

}  // namespace shirushi::inspect
