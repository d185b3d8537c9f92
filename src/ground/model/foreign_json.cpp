#include "model/foreign_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace shirushi::json {
namespace {

/// "/a~1b/3": RFC 6901.
std::string pointer_part(std::string_view key) {
    std::string part = "/";
    for (const char c : key.substr(0, 100)) {
        if (c == '~')
            part += "~0";
        else if (c == '/')
            part += "~1";
        else
            part += c;
    }
    return printable(part);
}

/// Line and byte, both from 1, of a byte offset.
std::string line_and_byte(std::string_view text, std::size_t offset) {
    const std::size_t end = std::min(offset, text.size());
    return fmt::format("line {}, byte {}", 1 + std::ranges::count(text.substr(0, end == 0 ? 0 : end - 1), '\n'), offset);
}

/// Builds the document from the parser's events, within the limits. The parser itself keeps its state on the heap: depth costs no stack.
class Builder : public nlohmann::json_sax<Foreign> {
public:
    Builder(std::string_view text, const ForeignLimits& limits) : text_(text), limits_(limits) {}

    Foreign document;
    std::optional<Error> error;

    bool null() override { return add(nullptr) != nullptr; }
    bool boolean(bool value) override { return add(value) != nullptr; }
    bool number_integer(number_integer_t value) override { return add(value) != nullptr; }
    bool number_unsigned(number_unsigned_t value) override { return add(value) != nullptr; }
    bool number_float(number_float_t value, const string_t&) override { return add(value) != nullptr; }
    bool string(string_t& value) override { return fits(value) && add(std::move(value)) != nullptr; }
    bool binary(binary_t&) override { return false; }  // not in JSON text
    bool start_object(std::size_t) override { return open(Foreign::object()); }
    bool start_array(std::size_t) override { return open(Foreign::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (!fits(name))
            return false;
        Foreign& object = *open_.back();
        if (object.contains(name))
            return refuse(Errc::bad_input,
                          fmt::format("the name \"{}\" stands twice; it is not clear which counts, remove one", excerpt(name, 60)), false);
        member_ = &object[name];
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& thrown) override {
        std::string_view what = thrown.what();
        if (const auto colon = what.find(": "); colon != std::string_view::npos)
            what.remove_prefix(colon + 2);
        error = Error{Errc::bad_input, fmt::format("{}: not JSON: {}; mend it there or export the document again",
                                                   line_and_byte(text_, position), excerpt(what, 160))};
        return false;
    }

private:
    /// `inside`: the fault is in the value that comes next, not in the object or array that is open.
    bool refuse(Errc code, const std::string& what, bool inside) {
        std::string where;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const bool last = i + 1 == open_.size();
            if (!last || inside)
                where += step(*open_[i], last ? nullptr : open_[i + 1]);
        }
        error = Error{code, fmt::format("{}: {}", where.empty() ? "the document" : where, what)};
        return false;
    }

    /// The way from an open value to the one open in it or, without that, to the one that comes next.
    std::string step(const Foreign& value, const Foreign* to) const {
        if (value.is_array())
            return fmt::format("/{}", to == nullptr ? value.size() : value.size() - 1);
        for (const auto& [name, member] : value.items())
            if (&member == (to == nullptr ? member_ : to))
                return pointer_part(name);
        return "";
    }

    bool fits(const std::string& text) {
        if (text.size() <= limits_.string_bytes)
            return true;
        return refuse(Errc::limit,
                      fmt::format("a text of {} bytes is longer than the {} that are read; shorten it", text.size(), limits_.string_bytes),
                      true);
    }

    Foreign* add(Foreign&& value) {
        if (++values_ > limits_.values) {
            refuse(Errc::limit, fmt::format("more than {} values; split the document", limits_.values), true);
            return nullptr;
        }
        if (open_.empty()) {
            document = std::move(value);
            return &document;
        }
        if (open_.back()->is_array())
            return &open_.back()->emplace_back(std::move(value));
        *member_ = std::move(value);
        return member_;
    }

    bool open(Foreign&& value) {
        if (open_.size() == limits_.depth)
            return refuse(Errc::limit, fmt::format("nests deeper than {} levels; no known document does", limits_.depth), true);
        Foreign* added = add(std::move(value));
        if (added == nullptr)
            return false;
        open_.push_back(added);
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    std::string_view text_;
    const ForeignLimits& limits_;
    std::vector<Foreign*> open_;
    Foreign* member_ = nullptr;
    std::size_t values_ = 0;
};

}  // namespace

Result<Foreign> parse_foreign(std::string_view text, const ForeignLimits& limits) {
    if (text.size() > limits.bytes)
        return fail(Errc::limit, fmt::format("{} bytes are more than the {} that are read; split the document", text.size(), limits.bytes));
    Builder builder(text, limits);
    const bool done = Foreign::sax_parse(text, &builder);
    if (builder.error)
        return std::unexpected(std::move(*builder.error));
    if (!done)
        return fail(Errc::bad_input, "not JSON");
    return std::move(builder.document);
}

std::string plain_text(std::string_view raw) {
    std::string blanked(raw);
    for (char& c : blanked)
        if (static_cast<unsigned char>(c) < 0x20)
            c = ' ';
    return printable(trimmed(blanked));
}

std::string At::where() const {
    std::vector<const At*> way;
    for (const At* at = this; at != nullptr; at = at->parent_)
        way.push_back(at);
    std::string place;
    std::string line;
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
        if ((*at)->parent_ != nullptr)
            place += pointer_part((*at)->key_) + ((*at)->index_ ? fmt::format("/{}", *(*at)->index_) : "");
        if ((*at)->value_->is_object())
            if (const auto found = (*at)->value_->find(kLineMember); found != (*at)->value_->end() && found->is_number())
                line = fmt::format(" (line {})", found->get<std::uint64_t>());
    }
    return (place.empty() ? "the document" : place) + line;
}

std::unexpected<Error> At::wrong(std::string_view expected) const {
    return fail(Errc::bad_input, fmt::format("{}: expected {}; mend it there or export the document again", where(), expected));
}

std::optional<At> At::find(std::string_view key) const {
    if (!value_->is_object())
        return std::nullopt;
    const auto found = value_->find(std::string(key));
    if (found == value_->end() || found->is_null())
        return std::nullopt;
    return At(*found, *this, key, std::nullopt);
}

Result<std::optional<At>> At::member(std::string_view key) const {
    if (!value_->is_object())
        return wrong("an object");
    return find(key);
}

Result<std::string> At::as_text(std::size_t limit) const {
    if (!value_->is_string())
        return wrong("text");
    const auto& raw = value_->get_ref<const std::string&>();
    if (raw.size() > limit)
        return fail(Errc::limit, fmt::format("{}: {} bytes of text are more than the {} that belong here; shorten it", where(), raw.size(), limit));
    return plain_text(raw);
}

Result<std::string> At::text(std::string_view key, std::size_t limit) const {
    const auto at = TRY(member(key));
    return at ? at->as_text(limit) : Result<std::string>(std::string());
}

Result<std::string> At::required_text(std::string_view key, std::size_t limit) const {
    auto found = TRY(text(key, limit));
    if (found.empty())
        return fail(Errc::bad_input, fmt::format("{}: lacks \"{}\"; add it", where(), key));
    return found;
}

Result<std::optional<double>> At::number(std::string_view key) const {
    const auto at = TRY(member(key));
    if (!at)
        return std::optional<double>();
    if (at->value().is_number())
        return std::optional(at->value().get<double>());
    if (at->value().is_string())  // where the document was XML
        if (const auto& text = at->value().get_ref<const std::string&>(); !text.empty()) {
            double parsed = 0;
            if (const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), parsed);
                code == std::errc{} && end == text.data() + text.size())
                return std::optional(parsed);
        }
    return at->wrong("a number");
}

Result<std::optional<At>> At::object(std::string_view key) const {
    auto at = TRY(member(key));
    if (at && !at->is_object())
        return at->wrong("an object");
    return at;
}

Result<std::vector<At>> At::list(std::string_view key) const {
    const auto at = TRY(member(key));
    std::vector<At> items;
    if (!at)
        return items;
    if (!at->value().is_array())
        return at->wrong("an array");
    items.reserve(at->value().size());
    std::size_t index = 0;
    for (const Foreign& item : at->value())
        items.push_back(At(item, *this, key, index++));
    return items;
}

}  // namespace shirushi::json
