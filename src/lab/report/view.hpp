#pragma once
// What a page shows: named texts, flags and lists of further views, which a mustache template sets. Names are looked up
// outwards through the enclosing views, so a row sets every name its template uses.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/catalogue.hpp"
#include "report/shown.hpp"

namespace shirushi::report {

struct View {
    std::map<std::string, std::string, std::less<>> texts;
    std::map<std::string, bool, std::less<>> flags;
    std::map<std::string, std::vector<View>, std::less<>> lists;

    /// Text of hostile origin is made fit to be looked at here, once; the template escapes it for HTML.
    void put(std::string_view name, std::string_view text) { texts.insert_or_assign(std::string(name), shown(text)); }
    /// name_en and name_ja, which {{#both}}name{{/both}} shows.
    void put(std::string_view name, const Text& text) {
        put(std::string(name) + "_en", text.en);
        put(std::string(name) + "_ja", text.ja);
    }
    void put(std::string_view name, const char* text) { put(name, std::string_view(text)); }
    void put(std::string_view name, const std::string& text) { put(name, std::string_view(text)); }
    void flag(std::string_view name, bool value) { flags.insert_or_assign(std::string(name), value); }
    /// A list that `make` fills from rows.
    template <class Rows, class Make>
    void each(std::string_view name, const Rows& rows, const Make& make) {
        auto& list = lists[std::string(name)];
        for (const auto& row : rows)
            list.push_back(make(row));
    }
};

}  // namespace shirushi::report
