#pragma once
// The "Name: value" stanzas that dpkg, opkg and apk share: separated by blank lines, one field a line, lines that start with a
// blank continue the field above (Debian Policy 5.1; apk knows no continuation and one-letter names). Only first lines of fields
// are kept: nothing wanted here is longer.

#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::sbom {

struct Stanza {
    std::uint64_t offset = 0;
    std::vector<std::pair<std::string_view, std::string_view>> fields;  ///< name and value, trimmed; borrowed

    /// The first field of that name (ASCII letters' case does not count unless `exact`); empty when there is none.
    [[nodiscard]] std::string_view field(std::string_view name, bool exact = false) const;
};

/// Goes through the stanzas of hostile text. The text must outlive it.
class StanzaReader {
public:
    explicit StanzaReader(Bytes text) : text_(text) {}
    /// The next stanza that has a field; false at the end.
    bool next(Stanza& stanza);
    /// Fields were left out because there were too many in one stanza.
    [[nodiscard]] bool overflowed() const { return overflowed_; }

private:
    Bytes text_;
    std::uint64_t position_ = 0;
    bool overflowed_ = false;
};

/// Text of a field fit for a component: printable and cut at 256 bytes.
std::string field_text(std::string_view value);

}  // namespace shirushi::sbom
