#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "app/sbom_answers.hpp"
#include "app/supplied_documents.hpp"
#include "base/text.hpp"
#include "model/timestamp.hpp"

namespace shirushi::app {
namespace {

/// What the command works on: an image with what was found in it, or a document.
struct Input {
    std::optional<OpenedImage> image;
    Facts facts;  ///< of the image; of a document, its components alone
    sbom::Document document;
};

Result<Input> open_input(const CommonOptions& common, const SbomOptions& options, const Knowledge& knowledge) {
    Input input;
    if (auto bill = TRY(bill_in(options.input))) {
        input.document = std::move(*bill);
        input.facts.components = sbom::components(input.document, names_of(knowledge.library));
        return input;
    }
    ProgressLine progress(common.progress);
    const auto step = [&](std::string_view what, std::uint64_t done, std::uint64_t total) { progress.show(what, done, total); };
    input.image = TRY(open_image(options.input, step));
    input.facts = TRY(observe(std::filesystem::path(options.input).filename().string(), *input.image, knowledge, step));
    input.document = bill_of(*input.image, input.facts, std::nullopt, knowledge.library);
    return input;
}

/// The time the document states: the user's, that of reproducible builds, its own; SPDX cannot do without one.
Result<std::string> created(const SbomOptions& options, const Input& input, const Knowledge& knowledge, sbom::DocumentFormat format) {
    if (!options.created.empty()) {
        if (utc_text(options.created).empty())
            return fail(Errc::bad_input, fmt::format("--created: \"{}\" is no time; write it as 2026-11-23T00:00:00Z", excerpt(options.created, 40)));
        return options.created;
    }
    if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH"); epoch != nullptr)
        if (const auto seconds = to_integer<std::int64_t>(epoch); seconds && !utc_text(*seconds).empty())
            return utc_text(*seconds);
    const bool spdx = format == sbom::DocumentFormat::spdx_json || format == sbom::DocumentFormat::spdx_tag_value;
    if (!input.document.timestamp.empty() || !spdx || !knowledge.snapshot)
        return input.document.timestamp;
    return knowledge.snapshot->info().date + "T00:00:00Z";
}

Result<int> print_document(const SbomOptions& options, Input& input, const Knowledge& knowledge) {
    sbom::WriteOptions write{.format = {}, .spec_version = options.spec_version};
    const auto& names = EnumNames<sbom::DocumentFormat>::list;
    if (!options.format.empty())
        write.format = static_cast<sbom::DocumentFormat>(std::ranges::find(names, options.format) - std::begin(names));
    input.document.timestamp = TRY(created(options, input, knowledge, write.format));
    fmt::print("{}", TRY(sbom::write_document(input.document, write, licence_list(knowledge.library))));
    return 0;
}

Result<int> run(const CommonOptions& common, const SbomOptions& options) {
    const Knowledge knowledge = TRY(load_knowledge(common.catalogues_folder, catalog::Parts::lists));
    const auto policy = TRY(licence_policy(options.policy, knowledge.library));
    std::optional<sbom::Document> supplied;
    if (!options.compare.empty())
        supplied = TRY(required_bill(options.compare));
    Input input = TRY(open_input(common, options, knowledge));
    const SbomAnswers answers{.language = common.language, .json = options.json};
    if (supplied)
        return answers.print(sbom::compare(*supplied, input.facts.components, names_of(knowledge.library)));
    if (options.quality)
        return answers.print(sbom::rate(input.document));
    if (options.licences) {
        const auto list = licence_list(knowledge.library);
        const sbom::LicenceFinder finder(list, knowledge.library.licence_names);
        return answers.print(sbom::licences_of(input.facts.components, input.image ? &input.image->tree : nullptr, finder, policy), policy);
    }
    return print_document(options, input, knowledge);
}

}  // namespace

int run_sbom(const CommonOptions& common, const SbomOptions& options) {
    const auto done = run(common, options);
    return done ? *done : could_not_run(done.error());
}

}  // namespace shirushi::app
