#pragma once
// JSON that somebody else wrote: bills of materials, VEX, advisories. Everything is bounded, a name that stands twice is refused, and
// every error says where (line and byte for the grammar, a JSON pointer for the content) and what to do. Heavy (nlohmann): include it
// in .cpp files only.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace shirushi::json {

/// Objects sorted by name: looking one up costs the same however many names a hostile object has.
using Foreign = nlohmann::json;

/// Ceilings. The defaults are some hundred times what the largest known document of these kinds needs.
struct ForeignLimits {
    std::size_t bytes = std::size_t{256} << 20;        ///< of the document
    std::size_t values = 8'000'000;                    ///< objects, arrays, texts, numbers ... in all
    std::size_t string_bytes = std::size_t{16} << 20;  ///< of one text or name
    std::size_t depth = 64;                            ///< of nesting
};

/// Errors: bad_input (not JSON, not UTF-8, a name twice in one object), limit.
Result<Foreign> parse_foreign(std::string_view text, const ForeignLimits& limits = {});

/// A member of this name holds the line an object stood at in a document that was not JSON; places
/// then name the line.
inline constexpr const char* kLineMember = "\x01line";

/// A value with the way to it. Borrows the document and the place it was reached from; both must outlive it.
class At {
public:
    explicit At(const Foreign& root) : value_(&root) {}

    [[nodiscard]] const Foreign& value() const { return *value_; }
    [[nodiscard]] bool is_object() const { return value_->is_object(); }
    [[nodiscard]] bool is_text() const { return value_->is_string(); }
    /// "/components/3/name", "the document", or with the line where one is known: "/components/3/name (line 12)".
    [[nodiscard]] std::string where() const;
    /// "WHERE: expected EXPECTED; mend it there or export the document again".
    [[nodiscard]] std::unexpected<Error> wrong(std::string_view expected) const;

    /// The member; nothing when this is no object, or it has no such member or null. `key` must outlive the result.
    [[nodiscard]] std::optional<At> find(std::string_view key) const;

    /// Members by name, absent ones as empty text, nothing or an empty list. Errors: bad_input when this is no object or the member is
    /// of another type. Text has each control character, line ends too, replaced by a blank, blanks at its ends taken away, and what is
    /// still not printable written as \xNN; at most `limit` bytes or it is an error.
    [[nodiscard]] Result<std::string> text(std::string_view key, std::size_t limit = 65'536) const;
    [[nodiscard]] Result<std::string> required_text(std::string_view key, std::size_t limit = 65'536) const;
    [[nodiscard]] Result<std::optional<double>> number(std::string_view key) const;
    [[nodiscard]] Result<std::optional<At>> object(std::string_view key) const;
    [[nodiscard]] Result<std::vector<At>> list(std::string_view key) const;
    /// This value itself as text.
    [[nodiscard]] Result<std::string> as_text(std::size_t limit = 65'536) const;

private:
    At(const Foreign& value, const At& parent, std::string_view key, std::optional<std::size_t> index)
        : value_(&value), parent_(&parent), key_(key), index_(index) {}
    [[nodiscard]] Result<std::optional<At>> member(std::string_view key) const;

    const Foreign* value_;
    const At* parent_ = nullptr;
    std::string_view key_;
    std::optional<std::size_t> index_;  ///< in the member of that name, of an item of a list
};

/// Text of others as our tables carry it: see At::text().
std::string plain_text(std::string_view raw);

}  // namespace shirushi::json
