// ELF protections counted over all files, and the files that lack the most.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>

#include "report/html_parts.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t most_weakest = 30;
constexpr std::size_t most_functions = 12;  // dangerous imports named per file

struct Tally {
    std::size_t yes = 0;
    std::size_t no = 0;
    std::size_t unknown = 0;
    std::size_t partial = 0;  ///< of `no`
};

Tally tally(const std::vector<Executable>& executables, Answer Executable::*property) {
    Tally tally;
    for (const Executable& file : executables)
        ++(file.*property == Answer::yes ? tally.yes : file.*property == Answer::no ? tally.no : tally.unknown);
    return tally;
}

Tally tally_relro(const std::vector<Executable>& executables) {
    Tally tally;
    for (const Executable& file : executables) {
        ++(file.relro == Relro::full ? tally.yes : tally.no);
        tally.partial += file.relro == Relro::partial ? 1 : 0;
    }
    return tally;
}

View property_view(const Text& name, const Tally& tally) {
    const auto whole = static_cast<double>(std::max<std::size_t>(1, tally.yes + tally.no + tally.unknown));
    const double yes = 100 * static_cast<double>(tally.yes) / whole;
    const double no = 100 * static_cast<double>(tally.no) / whole;
    View row;
    row.put("property", name);
    row.put("yes", grouped(tally.yes));
    row.put("no", grouped(tally.no));
    row.put("unknown", grouped(tally.unknown));
    row.flag("has_partial", tally.partial > 0);
    row.put("partial", grouped(tally.partial));
    row.put("yes_width", fmt::format("{:.2f}", yes));
    row.put("no_width", fmt::format("{:.2f}", no));
    row.put("unknown_x", fmt::format("{:.2f}", yes + no));
    row.put("unknown_width", fmt::format("{:.2f}", std::max(0.0, 100 - yes - no)));
    return row;
}

std::vector<std::string_view> lacks(const Executable& file) {
    std::vector<std::string_view> missing;
    const auto look = [&](Answer answer, std::string_view name) {
        if (answer == Answer::no)
            missing.push_back(name);
    };
    look(file.pie, "PIE");
    look(file.nx, "NX");
    look(file.relro == Relro::none ? Answer::no : Answer::yes, "RELRO");
    look(file.canary, "canary");
    look(file.fortified, "FORTIFY");
    return missing;
}

View weakest_view(const Executable& file) {
    const std::span dangerous(file.dangerous.data(), std::min(file.dangerous.size(), most_functions));
    View row;
    row.put("path", file.path);
    row.put("machine", file.machine);
    row.put("lacks", fmt::format("{}", fmt::join(lacks(file), ", ")));
    row.put("dangerous", fmt::format("{}{}", fmt::join(dangerous, ", "), file.dangerous.size() > dangerous.size() ? " ..." : ""));
    return row;
}

void view_weakest(View& view, const std::vector<Executable>& executables) {
    std::vector<const Executable*> weakest;
    for (const Executable& file : executables)
        if (!lacks(file).empty())
            weakest.push_back(&file);
    std::ranges::stable_sort(weakest, std::greater{}, [](const Executable* file) { return std::pair(lacks(*file).size(), file->dangerous.size()); });
    weakest.resize(std::min(weakest.size(), most_weakest));
    view.flag("has_weakest", !weakest.empty());
    view.put("weakest_count", std::to_string(weakest.size()));
    view.each("weakest", weakest, [](const Executable* file) { return weakest_view(*file); });
}

}  // namespace

void view_hardening(View& page, const Facts& facts, const Texts& texts) {
    const auto& files = facts.executables.rows;
    View view;
    view.flag("rows_present", !files.empty());
    view.flag("none", facts.executables.observed && files.empty());
    view.flag("unobserved", !facts.executables.observed);
    view.flag("has_gaps", !facts.executables.gaps.empty());
    view.flag("has_more", false);
    view.put("more", "");
    view.put("total", grouped(files.size()));
    view.lists["properties"] = {
        property_view(texts.of("hardening.pie"), tally(files, &Executable::pie)),
        property_view(texts.of("hardening.nx"), tally(files, &Executable::nx)),
        property_view(texts.of("hardening.relro"), tally_relro(files)),
        property_view(texts.of("hardening.canary"), tally(files, &Executable::canary)),
        property_view(texts.of("hardening.fortified"), tally(files, &Executable::fortified)),
    };
    view_weakest(view, files);
    page.lists["hardening"] = {std::move(view)};
}

}  // namespace shirushi::report
