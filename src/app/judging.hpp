#pragma once
// From facts to verdicts and reports: what `verify` and `assess` share.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/program_files.hpp"
#include "assess/assess.hpp"
#include "base/result.hpp"
#include "catalog/catalog.hpp"
#include "model/assessment.hpp"

namespace shirushi::app {

/// product.toml as it was handed in; `inputs` pins its bytes. Nothing where `path` is empty.
struct Declared {
    std::optional<Product> product;
    std::vector<PinnedInput> inputs;
};
Result<Declared> read_declaration(const std::string& path);

/// The day of a judgement: `as_of`, or where it is empty the day of the advisory data. Errors: bad_input (no date).
Result<Date> day_of(const std::string& as_of, const Facts& facts);

/// One catalogue's judgement and the folder for its documents: with several catalogues each has one of its name.
struct Judged {
    const Catalogue* catalogue = nullptr;
    Assessment assessment;
    std::filesystem::path folder;
};

/// What is judged, and by what. Borrows all of it.
struct Case {
    const Facts& facts;
    const catalog::Library& library;
    const std::vector<const Catalogue*>& catalogues;
    const Declared& declared;
    std::vector<PinnedInput> inputs;  ///< further ones
    Date as_of;
};

/// Judges and writes: facts.json with `beside` into the folder, each catalogue's documents into its own. The facts are pinned, so that a
/// judgement of the same facts.json by the same catalogues gives the same bytes. Errors: io.
Result<std::vector<Judged>> judge_and_write(const Case& one, const OutputFolder& folder, std::vector<OutputFile> beside = {});

/// The table of verdicts on standard output; returns the exit code, of several catalogues the worst.
int print_judgements(const CommonOptions& common, const catalog::Library& library, const std::vector<Judged>& judged);

}  // namespace shirushi::app
