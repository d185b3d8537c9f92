#include <fmt/format.h>

#include <filesystem>

#include "app/command.hpp"
#include "app/pipeline.hpp"
#include "app/progress.hpp"
#include "sbom/sbom.hpp"

namespace shirushi::app {
namespace {

Result<std::string> bill_of_materials(const CommonOptions& common, const std::string& path) {
    const Knowledge knowledge = TRY(load_knowledge(common.catalogues_folder));
    ProgressLine progress(common.progress);
    const auto step = [&](std::string_view what, std::uint64_t done, std::uint64_t total) { progress.show(what, done, total); };
    const OpenedImage image = TRY(open_image(path, step));
    const Facts facts = TRY(observe(std::filesystem::path(path).filename().string(), image, knowledge, step));
    return sbom::cyclonedx(facts.components, facts.advisory_matches, subject_of(facts, std::nullopt));
}

}  // namespace

int run_sbom(const CommonOptions& common, const std::string& image) {
    const auto document = bill_of_materials(common, image);
    if (!document)
        return could_not_run(document.error());
    fmt::print("{}", *document);
    return 0;
}

}  // namespace shirushi::app
