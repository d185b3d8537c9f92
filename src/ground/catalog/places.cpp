#include <algorithm>
#include <optional>

#include "catalog/catalog.hpp"

namespace shirushi::catalog {
namespace {

/// The next {name} in the text: its name and where it begins and ends. Names are small letters, digits and _.
struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view name;
};

std::optional<Place> next_place(std::string_view text, std::size_t from) {
    for (std::size_t open = text.find('{', from); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const std::size_t close = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", open + 1);
        if (close != std::string_view::npos && text[close] == '}' && close > open + 1)
            return Place{open, close + 1, text.substr(open + 1, close - open - 1)};
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::string> places(std::string_view text) {
    std::vector<std::string> names;
    for (auto place = next_place(text, 0); place; place = next_place(text, place->end))
        names.emplace_back(place->name);
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return names;
}

std::string filled(std::string_view text, const std::vector<Argument>& arguments) {
    std::string result;
    std::size_t copied = 0;
    for (auto place = next_place(text, 0); place; place = next_place(text, place->end)) {
        const auto argument = std::ranges::find(arguments, place->name, &Argument::name);
        if (argument == arguments.end())
            continue;
        result.append(text.substr(copied, place->begin - copied)).append(argument->value);
        copied = place->end;
    }
    return result.append(text.substr(copied));
}

}  // namespace shirushi::catalog
