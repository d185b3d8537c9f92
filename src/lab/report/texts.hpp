#pragma once
// The texts of web/i18n in both languages, by key ("requirements.title").

#include <map>
#include <string>
#include <string_view>

#include "model/catalogue.hpp"

namespace shirushi::report {

class Texts {
public:
    /// The texts the program was built with.
    static Texts embedded();

    /// Both languages of a key. An unknown key stands for itself in brackets: wrong, visible, harmless; tests rule it out.
    [[nodiscard]] Text of(std::string_view key) const;

    /// The word for a value of an enumeration: word("verdict", VerdictKind::pass) is the text of "verdict.pass".
    template <class Enum>
    [[nodiscard]] Text word(std::string_view family, Enum value) const {
        return of(std::string(family).append(".").append(name_of(value)));
    }

    [[nodiscard]] const std::map<std::string, Text, std::less<>>& all() const& { return texts_; }
    void all() const&& = delete;  // a reference into a temporary

private:
    std::map<std::string, Text, std::less<>> texts_;
};

}  // namespace shirushi::report
