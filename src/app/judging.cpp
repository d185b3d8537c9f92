#include "app/judging.hpp"

#include <fmt/format.h>

#include "app/progress.hpp"
#include "app/version.hpp"
#include "crypto/sha256.hpp"
#include "declaration/declaration.hpp"
#include "model/json.hpp"
#include "report/report.hpp"

namespace shirushi::app {
namespace {

constexpr std::uint64_t kProductLimit = std::uint64_t{1} << 20;
// The report's date where there is no advisory snapshot to take it from.
constexpr const char* kDayWithoutSnapshot = "1970-01-01";

std::vector<OutputFile> documents_of(const Facts& facts, const catalog::Library& library, const Judged& judged) {
    return {{"assessment.json", to_json(judged.assessment)},
            {"checklist.en.csv", report::checklist(judged.assessment, *judged.catalogue, Language::en)},
            {"checklist.ja.csv", report::checklist(judged.assessment, *judged.catalogue, Language::ja)},
            {"findings.sarif", report::sarif(judged.assessment, library.checks)},
            {"oscal-ar.json", report::oscal(judged.assessment, *judged.catalogue)},
            {"report.html", report::html(judged.assessment, facts, *judged.catalogue, library.checks)}};
}

/// The worse of two exit codes of assess: a failure outweighs what is open.
int worse(int left, int right) {
    const auto weight = [](int code) { return code == 1 ? 2 : code == 2 ? 1 : 0; };
    return weight(left) >= weight(right) ? left : right;
}

}  // namespace

Result<Declared> read_declaration(const std::string& path) {
    if (path.empty())
        return Declared{};
    const Buffer bytes = TRY(read_file(path, kProductLimit));
    return Declared{.product = TRY(declaration::read(as_text(bytes), path)), .inputs = {{.name = "product.toml", .sha256 = crypto::sha256(bytes)}}};
}

Result<Date> day_of(const std::string& as_of, const Facts& facts) {
    if (!as_of.empty())
        return TRY_WITHIN("--as-of", Date::from_text(as_of));
    return Date::from_text(facts.snapshot ? facts.snapshot->date : kDayWithoutSnapshot);
}

Result<std::vector<Judged>> judge_and_write(const Case& one, const OutputFolder& folder, std::vector<OutputFile> beside) {
    beside.insert(beside.begin(), {"facts.json", to_json(one.facts)});
    assess::Run run{.program = fmt::format("shirushi {}", kVersion), .as_of = one.as_of, .inputs = {{.name = "facts.json", .sha256 = crypto::sha256(as_bytes(beside.front().content))}}};
    run.inputs.insert(run.inputs.end(), one.declared.inputs.begin(), one.declared.inputs.end());
    run.inputs.insert(run.inputs.end(), one.inputs.begin(), one.inputs.end());
    std::vector<Judged> judged;
    for (const Catalogue* catalogue : one.catalogues)
        judged.push_back({catalogue, assess::assess(one.facts, one.library, *catalogue, one.declared.product, run),
                          one.catalogues.size() > 1 ? folder.path() / catalogue->id : folder.path()});
    TRY(folder.write(beside));
    for (const Judged& each : judged) {
        const OutputFolder own = TRY(OutputFolder::open(each.folder.string()));
        TRY(own.write(documents_of(one.facts, one.library, each)));
    }
    return judged;
}

int print_judgements(const CommonOptions& common, const catalog::Library& library, const std::vector<Judged>& judged) {
    int code = 0;
    for (const Judged& one : judged) {
        if (judged.size() > 1)
            fmt::print("{}== {}  {}\n\n", &one == judged.data() ? "" : "\n", one.catalogue->id, one.catalogue->title.in(common.language));
        fmt::print("{}", report::terminal_summary(one.assessment, *one.catalogue, library.checks,
                                                  {.language = common.language,
                                                   .colour = common.colour ? report::Colour::on : report::Colour::off,
                                                   .width = terminal_width()}));
        fmt::print("\n{}\n", (one.folder / "report.html").string());
        code = worse(code, assess::exit_code(one.assessment));
    }
    return code;
}

}  // namespace shirushi::app
