// The one place that sees the mustache library: header-only and slow to compile.
#include "report/render.hpp"

#include <kainjow/mustache.hpp>

#include "report/asset.hpp"

namespace shirushi::report {
namespace {

constexpr int maximum_partial_depth = 4;  // our templates need two; a cycle among them must end

std::string both(std::string_view english, std::string_view japanese) {
    return std::string("<span lang=\"en\">").append(english).append("</span><span lang=\"ja\">").append(japanese).append("</span>");
}

/// Every open...close of `source` replaced by what `make` says of the text between them.
template <class Make>
std::string replaced(std::string_view source, std::string_view open, std::string_view close, const Make& make) {
    std::string out;
    for (;;) {
        const auto begin = source.find(open);
        const auto end = begin == source.npos ? begin : source.find(close, begin + open.size());
        if (end == source.npos)
            return out.append(source);
        out.append(source.substr(0, begin)).append(make(source.substr(begin + open.size(), end - begin - open.size())));
        source.remove_prefix(end + close.size());
    }
}

std::string with_partials(std::string_view name, int depth) {
    const std::string_view source = asset(std::string("templates/").append(name).append(".mustache"));
    return replaced(source, "{{>", "}}",
                    [&](std::string_view part) { return depth > 0 ? with_partials(part, depth - 1) : std::string(); });
}

kainjow::mustache::data data_of(const View& view) {
    kainjow::mustache::data data{kainjow::mustache::data::type::object};
    for (const auto& [name, text] : view.texts)
        data.set(name, text);
    for (const auto& [name, flag] : view.flags)
        data.set(name, flag);
    for (const auto& [name, rows] : view.lists) {
        kainjow::mustache::data list{kainjow::mustache::data::type::list};
        for (const View& row : rows)
            list.push_back(data_of(row));
        data.set(name, std::move(list));
    }
    return data;
}

}  // namespace

std::string escaped(std::string_view text) {
    return kainjow::mustache::html_escape(std::string(text));
}

std::string render(std::string_view name, const View& view, const Texts& texts) {
    std::string source = with_partials(name, maximum_partial_depth);
    source = replaced(source, "{{#t}}", "{{/t}}", [&](std::string_view key) {
        const Text text = texts.of(key);
        return both(escaped(text.en), escaped(text.ja));
    });
    source = replaced(source, "{{#both}}", "{{/both}}", [](std::string_view field) {
        const std::string of(field);
        return both("{{" + of + "_en}}", "{{" + of + "_ja}}");
    });
    kainjow::mustache::mustache page(source);
    return page.is_valid() ? page.render(data_of(view)) : page.error_message();
}

}  // namespace shirushi::report
