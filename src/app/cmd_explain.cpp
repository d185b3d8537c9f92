#include <fmt/format.h>

#include "app/catalogue_choice.hpp"
#include "app/command.hpp"
#include "app/program_files.hpp"
#include "app/requirement_text.hpp"
#include "catalog/catalog.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

class Explainer {
public:
    Explainer(const catalog::Library& library, Language language) : library_(library), language_(language), texts_(report::Texts::embedded()) {}

    void list() const {
        const Catalogue* const catalogue = library_.catalogue(kDefaultCatalogue);
        if (catalogue == nullptr)
            return;
        fmt::print("{}  {}\n", catalogue->id, catalogue->title.in(language_));
        for (const Requirement& requirement : catalogue->requirements)
            fmt::print("  {:<5} {}\n", requirement.id, requirement.title.in(language_));
        fmt::print("\n{}\n", texts_.of("explain.others").in(language_));
    }

    bool explain(std::string_view id) const {
        bool found = false;
        for (const Catalogue& catalogue : library_.catalogues)
            for (const Requirement& requirement : catalogue.requirements)
                if (requirement.id == id) {
                    fmt::print("{}{}", found ? "\n" : "", requirement_text(library_, catalogue, requirement, texts_, language_));
                    found = true;
                }
        if (const CheckText* check = library_.check(id)) {
            show(*check);
            found = true;
        }
        return found;
    }

private:
    void heading(std::string_view key) const { fmt::print("\n{}\n", texts_.of(fmt::format("explain.{}", key)).in(language_)); }

    void show(const CheckText& check) const {
        fmt::print("{} {} [{}]\n", check.id, check.title.in(language_), name_of(check.level));
        heading("remedy");
        fmt::print("  {}\n", check.remedy.in(language_));
        heading("limits");
        fmt::print("  {}\n", check.limits.in(language_));
    }

    const catalog::Library& library_;
    Language language_;
    report::Texts texts_;
};

Result<void> explain(const CommonOptions& common, const std::string& id) {
    const auto folder = TRY(catalogues_folder(common.catalogues_folder));
    const auto library = TRY(catalog::load(folder));
    const Explainer explainer(library, common.language);
    if (id.empty()) {
        explainer.list();
        return {};
    }
    if (!explainer.explain(id))
        return fail(Errc::not_found, fmt::format("there is no requirement or check \"{}\"; \"explain\" without an id lists those of {}, \"catalogue show\" those of any other", id, kDefaultCatalogue));
    return {};
}

}  // namespace

int run_explain(const CommonOptions& common, const std::string& id) {
    const auto done = explain(common, id);
    return done ? 0 : could_not_run(done.error());
}

}  // namespace shirushi::app
