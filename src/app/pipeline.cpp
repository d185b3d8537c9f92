#include "app/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <future>

#include "app/version.hpp"
#include "base/text.hpp"
#include "inspect/inspect.hpp"
#include "sbom/sbom.hpp"

namespace shirushi::app {
namespace {

constexpr std::uint64_t kSnapshotLimit = std::uint64_t{256} << 20;
constexpr const char* kSnapshotFile = "advisories/embedded.snapshot";

inspect::Words words_of(const catalog::Library& library) {
    inspect::Words words;
    for (const auto& entry : library.default_passwords)
        words.default_passwords.push_back({.user = entry.user, .password = entry.password});
    return words;
}

/// The names advisories know each product by, as components.toml lists them.
std::vector<std::string> advisory_names(const catalog::Library& library, const std::string& product) {
    const auto known = std::ranges::find(library.components, product, &catalog::ComponentEntry::product);
    return known == library.components.end() ? std::vector<std::string>{} : known->cpe;
}

std::vector<sbom::ProductIdentifier> identifier_list(const catalog::Library& library) {
    std::vector<sbom::ProductIdentifier> identifiers;
    for (const auto& entry : library.identifiers.identifier) {
        std::vector<std::string> cpe = advisory_names(library, entry.product);
        if (cpe.empty())
            cpe = entry.cpe;
        identifiers.push_back({.product = entry.product, .kind = entry.kind, .anchor = entry.anchor, .pattern = entry.pattern, .exclude = entry.exclude,
                               .cpe = std::move(cpe), .with = entry.with, .where = entry.where, .purl = entry.purl, .confidence = entry.confidence});
    }
    return identifiers;
}

std::vector<sbom::ProductAlias> alias_list(const catalog::Library& library) {
    std::vector<sbom::ProductAlias> aliases;
    for (const auto& entry : library.identifiers.alias)
        aliases.push_back({.product = entry.product, .names = entry.names, .cpe = advisory_names(library, entry.product)});
    for (const auto& entry : library.components)  // packages named as the product itself need no alias, but their names in advisories
        if (std::ranges::find(aliases, entry.product, &sbom::ProductAlias::product) == aliases.end())
            aliases.push_back({.product = entry.product, .names = {}, .cpe = entry.cpe});
    return aliases;
}

/// Compiles the identifiers while `beside` runs on another thread, which fills the facts' other tables. Not the other way round: compiling
/// allocates most, and a second thread's heap grows by a page at a time.
template <class Beside>
Result<Table<Component>> components_beside(const unpack::Tree& tree, const catalog::Library& library, const Beside& beside) {
    auto running = std::async(std::launch::async, beside);
    const auto identifiers = TRY_WITHIN("identifiers", identifiers_of(library));
    running.get();
    return sbom::components(tree, identifiers);
}

}  // namespace

Result<sbom::Identifiers> identifiers_of(const catalog::Library& library) { return sbom::Identifiers::compile(identifier_list(library), alias_list(library)); }

sbom::ProductNames names_of(const catalog::Library& library) { return {identifier_list(library), alias_list(library)}; }

std::vector<vuln::ProductNames> product_names(const catalog::Library& library) {
    std::vector<vuln::ProductNames> names;
    for (const auto& entry : library.components)
        if (const auto scheme = vuln::scheme_from_name(entry.version_scheme))
            names.push_back({.product = entry.product, .cpe = entry.cpe, .scheme = *scheme});
    return names;
}

Result<Knowledge> load_knowledge(const std::string& given, catalog::Parts parts, const std::string& snapshot, const std::vector<std::string>& catalogues) {
    const auto folder = TRY(catalogues_folder(given));
    Knowledge knowledge{.library = TRY(catalog::load(folder, parts, catalogues)), .file = std::nullopt, .snapshot = std::nullopt};
    if (!snapshot.empty()) {
        knowledge.file.emplace(TRY(MappedFile::open(snapshot)));
        knowledge.snapshot = TRY_WITHIN(snapshot, vuln::Snapshot::view(knowledge.file->bytes()));
    } else if (std::filesystem::exists(folder / kSnapshotFile)) {
        const Buffer bytes = TRY(read_file(folder / kSnapshotFile, kSnapshotLimit));
        knowledge.snapshot = TRY_WITHIN(kSnapshotFile, vuln::Snapshot::read(bytes));
    }
    return knowledge;
}

Result<OpenedImage> open_image(const std::string& path, const Step& step) {
    auto file = TRY(unpack::ImageFile::open(path));
    const auto progress = [&](std::uint64_t done, std::uint64_t total, std::string_view what) { step(what, done, total); };
    auto tree = TRY(unpack::unpack(file.bytes(), {}, progress));
    return OpenedImage{.file = std::move(file), .tree = std::move(tree)};
}

Result<Table<Component>> components_of(const unpack::Tree& tree, const catalog::Library& library) {
    const auto identifiers = TRY_WITHIN("identifiers", identifiers_of(library));
    return sbom::components(tree, identifiers);
}

sbom::LicenceList licence_list(const catalog::Library& library) {
    std::vector<std::string> licences = library.licence_ids.licences;
    std::ranges::copy(library.licence_ids.deprecated, std::back_inserter(licences));
    return {licences, library.licence_ids.exceptions};
}

sbom::SbomSubject subject_of(const Facts& facts, const std::optional<Product>& product) {
    sbom::SbomSubject subject{.product = facts.image ? facts.image->name : "image",
                              .sha256 = facts.image ? std::optional(facts.image->sha256) : std::nullopt,
                              .program_version = kVersion};
    if (product && !product->model.empty()) {
        subject.vendor = product->vendor;
        subject.product = product->model;
        subject.version = product->version;
    }
    return subject;
}

Result<Facts> observe_exposures(const OpenedImage& image, const Knowledge& knowledge) {
    Facts facts;
    facts.files = unpack::file_table(image.tree);
    facts.notes = image.tree.notes();
    facts.components = TRY(components_beside(image.tree, knowledge.library, [&] { inspect::inspect(image.tree, {}, {.bytes_of_code = 0}, facts); }));  // no words: no password is guessed; no calls
    return Facts{.components = facts.components, .exposures = vuln::exposures(facts)};
}

Result<Facts> observe(const std::string& name, const OpenedImage& image, const Knowledge& knowledge, const Step& step) {
    const Bytes bytes = image.file.bytes();
    Facts facts;
    facts.image = Image{.name = printable(name), .size = bytes.size(), .sha256 = image.tree.image_digest()};
    facts.entropy_map = image.tree.entropy_map();
    facts.regions = unpack::region_table(image.tree);
    facts.partitions = unpack::partition_table(image.tree);
    facts.layers = unpack::layer_table(image.tree);
    facts.files = unpack::file_table(image.tree);
    facts.notes = image.tree.notes();
    facts.components = TRY(components_beside(image.tree, knowledge.library, [&] {
        step("accounts, keys, services, programs", bytes.size(), bytes.size());
        inspect::inspect(image.tree, words_of(knowledge.library), {}, facts);
        step("components", bytes.size(), bytes.size());
    }));
    facts.exposures = vuln::exposures(facts);
    if (knowledge.snapshot) {
        step("advisories", bytes.size(), bytes.size());
        facts.snapshot = knowledge.snapshot->info();
        facts.advisory_matches = vuln::match(facts.components, *knowledge.snapshot, product_names(knowledge.library));
    }
    const bool has_format = std::ranges::any_of(facts.regions.rows, [](const Region& region) { return region.kind == RegionKind::format; });
    if (!has_format && facts.components.rows.empty())
        return fail(Errc::bad_input,
                    fmt::format("{} does not look like a firmware image: no known format and no known component was found in its {} bytes. "
                                "If it is encrypted, hand in the image as it is before encryption",
                                printable(name), bytes.size()));
    return facts;
}

sbom::Document bill_of(const OpenedImage& image, const Facts& facts, const std::optional<Product>& product, const catalog::Library& library) {
    sbom::Document bill = sbom::document_of(facts.components, &facts.advisory_matches, subject_of(facts, product));
    const auto list = licence_list(library);
    sbom::add_licences(
        bill, sbom::licences_of(facts.components, &image.tree, sbom::LicenceFinder(list, library.licence_names), library.licence_policy));
    return bill;
}

}  // namespace shirushi::app
