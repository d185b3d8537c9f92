#include "sbom/packages/stanzas.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kFields = 256;       // dpkg writes some 25; an apk stanza lists its files, which are not fields we want
constexpr std::size_t kFieldName = 64;
constexpr std::size_t kFieldText = 256;

bool same_name(std::string_view a, std::string_view b, bool exact) { return exact ? a == b : a.size() == b.size() && lowered(a) == lowered(b); }

}  // namespace

std::string_view Stanza::field(std::string_view name, bool exact) const {
    for (const auto& [key, value] : fields)
        if (same_name(key, name, exact))
            return value;
    return {};
}

bool StanzaReader::next(Stanza& stanza) {
    stanza.fields.clear();
    while (position_ < text_.size()) {
        const Bytes rest = text_.subspan(position_);
        const void* end = std::memchr(rest.data(), '\n', rest.size());
        const std::size_t length = end != nullptr ? static_cast<std::size_t>(static_cast<const std::uint8_t*>(end) - rest.data()) : rest.size();
        const std::string_view line = as_text(rest.first(length));
        const std::uint64_t line_offset = position_;
        position_ += std::min(length + 1, rest.size());
        if (trimmed(line).empty()) {
            if (!stanza.fields.empty())
                return true;
            continue;
        }
        if (line.front() == ' ' || line.front() == '\t')
            continue;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0 || colon > kFieldName)
            continue;
        // apk repeats F:, R:, Z: and a: for each file of a package: they would only push out what follows.
        if (colon == 1 && std::string_view("FRZaM").find(line.front()) != std::string_view::npos)
            continue;
        if (stanza.fields.empty())
            stanza.offset = line_offset;
        if (stanza.fields.size() < kFields)
            stanza.fields.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
        else
            overflowed_ = true;
    }
    return !stanza.fields.empty();
}

std::string field_text(std::string_view value) { return excerpt(value, kFieldText); }

}  // namespace shirushi::sbom
