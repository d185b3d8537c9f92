// toml++ throws on a syntax error; the files are ours and are read by the tests, but the edge is closed all the same.
#include "report/texts.hpp"

#include <toml++/toml.h>

#include "report/asset.hpp"

namespace shirushi::report {
namespace {

void read_language(std::string_view source, std::string Text::*language, std::map<std::string, Text, std::less<>>& texts) {
    try {
        for (const auto& [section, table] : toml::parse(source))
            if (const auto* entries = table.as_table())
                for (const auto& [key, value] : *entries)
                    if (const auto text = value.value<std::string>())
                        texts[std::string(section.str()).append(".").append(key.str())].*language = *text;
    } catch (const toml::parse_error&) {
        return;
    }
}

}  // namespace

Texts Texts::embedded() {
    Texts texts;
    read_language(asset("i18n/en.toml"), &Text::en, texts.texts_);
    read_language(asset("i18n/ja.toml"), &Text::ja, texts.texts_);
    return texts;
}

Text Texts::of(std::string_view key) const {
    const auto at = texts_.find(key);
    if (at != texts_.end())
        return at->second;
    const std::string marked = "[" + std::string(key) + "]";
    return {marked, marked};
}

}  // namespace shirushi::report
