#pragma once
// The way of an image through the rooms, one step a line.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/program_files.hpp"
#include "catalog/catalog.hpp"
#include "model/assessment.hpp"
#include "model/facts.hpp"
#include "model/product.hpp"
#include "sbom/documents/documents.hpp"
#include "sbom/product_names.hpp"
#include "sbom/sbom.hpp"
#include "unpack/unpack.hpp"
#include "vuln/vuln.hpp"

namespace shirushi::app {

/// What a run works with: the catalogues and an advisory snapshot.
struct Knowledge {
    catalog::Library library;
    std::optional<MappedFile> file;          ///< what the snapshot is a view of, if it is one
    std::optional<vuln::Snapshot> snapshot;  ///< absent: the folder has none; advisory matches then stay unobserved
};

/// With the snapshot of this name, or where there is none with the one that came with the program. Errors: those of catalog::load and of
/// the snapshot's reader.
Result<Knowledge> load_knowledge(const std::string& catalogues_folder, catalog::Parts parts, const std::string& snapshot = {}, const std::vector<std::string>& catalogues = {});

/// Each product of components.toml with its names in advisories.
std::vector<vuln::ProductNames> product_names(const catalog::Library& library);

/// Told what is being done: a step's name and how much of the image has been looked at.
using Step = std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;

/// The image's file opened and unpacked. `tree` borrows from `file`.
struct OpenedImage {
    unpack::ImageFile file;
    unpack::Tree tree;
};
Result<OpenedImage> open_image(const std::string& path, const Step& step);

/// Only the components: what `sbom` shows.
Result<Table<Component>> components_of(const unpack::Tree& tree, const catalog::Library& library);

/// The components and how they are reached, and no other table: what `match` shows.
Result<Facts> observe_exposures(const OpenedImage& image, const Knowledge& knowledge);

/// Everything that can be said about an image without judging it.
Result<Facts> observe(const std::string& name, const OpenedImage& image, const Knowledge& knowledge, const Step& step);

/// How products are recognised and named, from the catalogues. Errors: those of sbom::Identifiers::compile(), which takes a quarter of a second.
Result<sbom::Identifiers> identifiers_of(const catalog::Library& library);
/// The names alone, for bills of materials: nothing to compile.
sbom::ProductNames names_of(const catalog::Library& library);

/// The licences a bill of materials may name as expressions.
sbom::LicenceList licence_list(const catalog::Library& library);

/// What the bill of materials names as its subject: the declared product, else the image's file name.
sbom::SbomSubject subject_of(const Facts& facts, const std::optional<Product>& product);

/// The image's bill of materials: what was found in it, with licences from packages and texts.
sbom::Document bill_of(const OpenedImage& image, const Facts& facts, const std::optional<Product>& product, const catalog::Library& library);

}  // namespace shirushi::app
