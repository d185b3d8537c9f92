#pragma once
// Reads the folder catalogues/: requirement sets, checks' texts, word lists. What is returned is consistent: no unknown key,
// no id used twice, no check that no requirement uses, every text in both languages. Anything else is refused (bad_input)
// as "file:line: what; what to do". Layout and keys: docs/formats/catalogues.md.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/crosswalk.hpp"
#include "model/assessment.hpp"
#include "model/catalogue.hpp"
#include "model/licences.hpp"

namespace shirushi::catalog {

/// An account that products are known to be shipped with.
struct PasswordEntry {
    std::string user;  ///< empty: any
    std::string password;
    std::string source;
    bool operator==(const PasswordEntry&) const = default;
    SHIRUSHI_FIELDS(PasswordEntry, user, password, source)
};

/// How a product's advisories are looked up.
struct ComponentEntry {
    std::string product;           ///< canonical name, Component::product
    std::vector<std::string> cpe;  ///< "vendor:product"
    std::string version_scheme;    ///< "openssl", "semver" ...
    bool operator==(const ComponentEntry&) const = default;
    SHIRUSHI_FIELDS(ComponentEntry, product, cpe, version_scheme)
};

/// How a product is recognised in read-only data.
struct Identifier {
    std::string product;
    std::string kind;     ///< a word of ComponentKind; empty: the reader's choice
    std::string anchor;   ///< text that must occur before the pattern is worth trying
    std::string pattern;  ///< regular expression whose first group is the version
    std::vector<std::string> exclude;  ///< expressions: a line that one of them matches is no evidence
    std::vector<std::string> with;     ///< literals that the same file must hold as well
    std::string where;                 ///< "content" (also when empty) or "file_name"
    std::vector<std::string> cpe;      ///< "vendor:product", for products that components.toml does not list
    std::string purl;                  ///< package-url without a version; empty: pkg:generic/ and the product
    std::uint32_t confidence = 0;      ///< per cent; 0: what is usual for the kind of evidence
    std::string note;
    bool operator==(const Identifier&) const = default;
    SHIRUSHI_FIELDS(Identifier, product, kind, anchor, pattern, exclude, with, where, cpe, purl, confidence, note)
};

/// Names under which package databases carry a product; a last '*' stands for any ending.
struct Alias {
    std::string product;
    std::vector<std::string> names;
    bool operator==(const Alias&) const = default;
    SHIRUSHI_FIELDS(Alias, product, names)
};

/// What identifiers.toml holds.
struct Identifiers {
    std::vector<Identifier> identifier;
    std::vector<Alias> alias;
    bool operator==(const Identifiers&) const = default;
    SHIRUSHI_FIELDS(Identifiers, identifier, alias)
};

struct Library {
    std::vector<Catalogue> catalogues;         ///< requirements/*.toml, sorted by id
    std::vector<CheckText> checks;             ///< checks/*.toml, sorted by id
    std::vector<MessageText> runner_messages;  ///< messages.toml, sorted by key
    std::vector<PasswordEntry> default_passwords;  ///< words/default-passwords.toml, in its order; empty when there is no such file
    std::vector<ComponentEntry> components;        ///< components.toml, likewise
    Crosswalk crosswalk;                           ///< crosswalk.toml, likewise
    Identifiers identifiers;                       ///< identifiers.toml, likewise
    LicenceIds licence_ids;                        ///< licences/spdx.toml, likewise
    LicenceNames licence_names;                    ///< licences/names.toml, likewise
    LicencePolicy licence_policy;                  ///< licences/policy.toml, likewise
    /// A digest per catalogue edition, one for the checks with the runner's messages, one per list that was read. Taken over
    /// the content: comments, white space and the order of keys do not count.
    std::vector<PinnedInput> inputs;

    /// Nothing when there is none. The pointers live as long as the library stays where it is.
    [[nodiscard]] const Catalogue* catalogue(std::string_view id) const;
    [[nodiscard]] const CheckText* check(std::string_view id) const;
    [[nodiscard]] const Text* message(std::string_view key) const;
};

/// How much of the folder is wanted: reading all takes longer than many a job.
enum class Parts {
    all,
    judging,  ///< catalogues by id, checks' texts, lists: no crosswalk, and nothing of what only the whole can show (checks that no catalogue lists)
    lists,    ///< no catalogues and checks' texts either: nothing is judged
};

/// `catalogues` counts for Parts::judging. Where one of them is not there, or is a reference list, all are read, so that whoever refuses it can say
/// which there are. Errors: not_found (no such folder), io, limit (a file above 4 MiB), bad_input.
Result<Library> load(const std::filesystem::path& folder, Parts parts = Parts::all, const std::vector<std::string>& catalogues = {});

/// One file's text; `file` is its name for errors. What load() does for each, without what only the whole folder can show.
Result<Catalogue> read_catalogue(std::string_view text, std::string_view file);
Result<CheckText> read_check(std::string_view text, std::string_view file);
Result<LicencePolicy> read_licence_policy(std::string_view text, std::string_view file);

/// Names of the {places} in a text, sorted, each once.
std::vector<std::string> places(std::string_view text);

/// The text with each {name} replaced by its argument; a place without an argument stays as it is.
std::string filled(std::string_view text, const std::vector<Argument>& arguments);

}  // namespace shirushi::catalog
