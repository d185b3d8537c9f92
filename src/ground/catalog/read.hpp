#pragma once
// Private to the room: files as tables that still know their lines. Heavy (toml++): for .cpp files.

#include "catalog/catalog.hpp"
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

Result<Sourced<Catalogue>> sourced_catalogue(std::string_view text, std::string_view file);
Result<Sourced<CheckText>> sourced_check(std::string_view text, std::string_view file);
Result<std::vector<MessageText>> read_runner_messages(std::string_view text, std::string_view file);
Result<std::vector<PasswordEntry>> read_passwords(std::string_view text, std::string_view file);
Result<std::vector<ComponentEntry>> read_components(std::string_view text, std::string_view file);
Result<Identifiers> read_identifiers(std::string_view text, std::string_view file);
Result<LicenceIds> read_licence_ids(std::string_view text, std::string_view file);
Result<LicenceNames> read_licence_names(std::string_view text, std::string_view file);

}  // namespace shirushi::catalog
