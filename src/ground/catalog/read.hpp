#pragma once
// Private to the room: files as tables that still know their lines. Heavy (toml++): for .cpp files.

#include "catalog/catalog.hpp"
#include "catalog/crosswalk.hpp"
#include "model/toml_fields.hpp"

namespace shirushi::catalog {

/// Hand-written files are a few hundred KiB at most; 4 MiB keeps a mistaken or hostile file cheap.
inline constexpr std::size_t max_file_size = 4U << 20U;

template <class T>
struct Sourced {
    T value;
    toml::table table;
    std::string file;

    [[nodiscard]] std::unexpected<Error> wrong(const toml::node* at, std::string_view what) const {
        return toml_text::wrong(file, at == nullptr ? table : *at, what);
    }
};

/// The file's text as the type, remembering the lines.
template <class T>
Result<Sourced<T>> sourced(std::string_view text, std::string_view file) {
    Sourced<T> result{.value = {}, .table = TRY(toml_text::parse(text, file, max_file_size)), .file = std::string(file)};
    result.value = TRY(toml_text::read<T>(result.table, file, "the file"));
    return result;
}

bool is_check_id(std::string_view id);        ///< "SHI-NET-001"
bool is_slug(std::string_view id);            ///< small letters, digits and -
bool is_requirement_id(std::string_view id);  ///< letters, digits, . and -
Result<void> check_cwe(const std::vector<std::string>& list, const toml::node* at, std::string_view file);

Result<Sourced<Catalogue>> sourced_catalogue(std::string_view text, std::string_view file);
Result<Sourced<CheckText>> sourced_check(std::string_view text, std::string_view file);
/// Without what only the catalogues can show: whether the ids exist.
Result<Sourced<Crosswalk>> sourced_crosswalk(std::string_view text, std::string_view file);
/// Every id of the crosswalk is a catalogue's, or its requirement's.
Result<void> check_crosswalk(const Sourced<Crosswalk>& crosswalk, const std::vector<Catalogue>& catalogues);
Result<std::vector<MessageText>> read_runner_messages(std::string_view text, std::string_view file);
Result<std::vector<PasswordEntry>> read_passwords(std::string_view text, std::string_view file);
Result<std::vector<ComponentEntry>> read_components(std::string_view text, std::string_view file);
Result<Identifiers> read_identifiers(std::string_view text, std::string_view file);
Result<LicenceIds> read_licence_ids(std::string_view text, std::string_view file);
Result<LicenceNames> read_licence_names(std::string_view text, std::string_view file);

}  // namespace shirushi::catalog
