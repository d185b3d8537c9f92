#pragma once
// Mustache templates of web/templates set with a View. Two sections are ours and are resolved before the template is read:
//   {{#t}}requirements.title{{/t}}   the text of web/i18n in every language of the page
//   {{#both}}title{{/both}}          {{title_en}} and {{title_ja}} of the view
// Each becomes <span lang="en">...</span><span lang="ja">...</span>, of which the page's style shows one. {{>name}} is the
// template name.mustache, nested at most four deep. Everything between two braces is escaped for HTML by mustache.

#include <string>
#include <string_view>

#include "report/texts.hpp"
#include "report/view.hpp"

namespace shirushi::report {

std::string render(std::string_view name, const View& view, const Texts& texts);

std::string escaped(std::string_view text);

}  // namespace shirushi::report
