// The literal a regular expression cannot match without. Only its top level is read (nothing inside groups or classes), which
// is enough for the patterns people write for banners, and errs towards a shorter literal.

#include <cctype>

#include "sbom/identifiers.hpp"

namespace shirushi::sbom {
namespace {

/// Where the class that opens at `at` ends: the index of its ']'.
std::size_t end_of_class(std::string_view pattern, std::size_t at) {
    std::size_t i = at + 1;
    if (i < pattern.size() && pattern[i] == '^')
        ++i;
    if (i < pattern.size() && pattern[i] == ']')
        ++i;
    while (i < pattern.size() && pattern[i] != ']')
        i += pattern[i] == '\\' ? 2 : 1;
    return i;
}

}  // namespace

std::string anchor_of(std::string_view pattern) {
    std::string best;
    std::string run;
    int depth = 0;
    const auto end_run = [&] {
        if (run.size() > best.size())
            best = run;
        run.clear();
    };
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        const bool escaped = c == '\\' && i + 1 < pattern.size();
        const bool literal_escape = escaped && std::ispunct(static_cast<unsigned char>(pattern[i + 1])) != 0;
        if (c == '(') {
            ++depth;
            end_run();
        } else if (c == ')') {
            --depth;
            end_run();
        } else if (c == '[') {
            i = end_of_class(pattern, i);
            end_run();
        } else if (c == '|') {
            if (depth == 0)
                return {};
        } else if (c == '?' || c == '*' || c == '{') {
            if (!run.empty())
                run.pop_back();  // what is optional or counted is no certain part
            end_run();
            if (c == '{')
                i = std::min(pattern.find('}', i), pattern.size());
        } else if (c == '.' || c == '^' || c == '$' || c == '+' || (escaped && !literal_escape)) {
            end_run();
            i += escaped ? 1 : 0;
        } else if (depth == 0) {
            run += escaped ? pattern[++i] : c;
        } else {
            i += escaped ? 1 : 0;
        }
    }
    end_run();
    return best;
}

}  // namespace shirushi::sbom
