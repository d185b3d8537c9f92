#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>

#include "base/text.hpp"
#include "catalog/read.hpp"
#include "crypto/sha256.hpp"
#include "model/json_fields.hpp"

namespace shirushi::catalog {
namespace {

namespace fs = std::filesystem;

/// The file's name as errors print it: relative to the catalogue folder's parent, so that it is the same on every machine.
std::string shown(const fs::path& folder, const fs::path& file) {
    const std::string name = folder.filename().empty() ? folder.parent_path().filename().string() : folder.filename().string();
    return name + "/" + file.lexically_relative(folder).generic_string();
}

Result<std::string> read_file(const fs::path& path, const std::string& name) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return fail(Errc::io, name + ": cannot be read; check that it exists and its permissions");
    std::string text;
    std::array<char, 65536> piece;  // not as much as a file may have: that would be cleared for each of them
    while (text.size() <= max_file_size && stream) {
        stream.read(piece.data(), piece.size());
        text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    }
    if (stream.bad())
        return fail(Errc::io, name + ": cannot be read; check the disk");
    return text;
}

/// The folder's *.toml by name; nothing when there is no such folder.
std::vector<fs::path> toml_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code code;
    for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
        if (at->path().extension() == ".toml")
            files.push_back(at->path());
    std::ranges::sort(files);
    return files;
}

template <class T>
Digest digest_of(const T& value) {
    return crypto::sha256(as_bytes(json::text_of(value)));
}

template <class T, class Read>
Result<std::vector<Sourced<T>>> read_files(const fs::path& folder, const char* name, const std::vector<fs::path>& files, const Read& read) {
    std::vector<Sourced<T>> all;
    std::map<std::string, std::string> seen;
    for (const fs::path& path : files) {
        const std::string file = shown(folder, path);
        const std::string text = TRY(read_file(path, file));
        Sourced<T> one = TRY(read(text, file));
        const toml::node* id = one.table.get("id");
        if (const auto [at, is_new] = seen.emplace(one.value.id, file); !is_new)
            return one.wrong(id, fmt::format("id \"{}\" is already taken by {}; choose another", one.value.id, at->second));
        if (one.value.id != path.stem().string())
            return one.wrong(id, fmt::format("id \"{}\" is not the file's name; rename one of them", one.value.id));
        all.push_back(std::move(one));
    }
    if (all.empty())
        return fail(Errc::bad_input, shown(folder, folder / name) + ": holds no .toml file; is this the catalogue folder?");
    std::ranges::sort(all, {}, [](const Sourced<T>& one) { return std::string_view(one.value.id); });
    return all;
}

using Catalogues = std::vector<Sourced<Catalogue>>;

/// The catalogues' files that are wanted; all where one is not there.
std::vector<fs::path> catalogue_files(const fs::path& folder, const std::vector<std::string>& ids) {
    std::vector<fs::path> all = toml_files(folder / "requirements");
    std::vector<fs::path> some;
    for (const fs::path& path : all)
        if (std::ranges::find(ids, path.stem().string()) != ids.end())
            some.push_back(path);
    const std::set<std::string> different(ids.begin(), ids.end());
    return some.empty() || some.size() < different.size() ? all : some;
}

/// The catalogues that these build on and that were not read yet.
std::vector<std::string> bases_of(const Catalogues& catalogues) {
    std::vector<std::string> missing;
    for (const auto& each : catalogues)
        if (each.value.profile)
            for (const std::string& base : each.value.profile->builds_on)
                if (std::ranges::none_of(catalogues, [&](const auto& known) { return known.value.id == base; }))
                    missing.push_back(base);
    return missing;
}

Result<Catalogues> read_catalogues(const fs::path& folder, std::vector<std::string> ids) {
    auto some = TRY(read_files<Catalogue>(folder, "requirements", catalogue_files(folder, ids), sourced_catalogue));
    if (ids.empty())
        return some;
    if (const auto bases = bases_of(some); !bases.empty()) {
        ids.insert(ids.end(), bases.begin(), bases.end());
        some = TRY(read_files<Catalogue>(folder, "requirements", catalogue_files(folder, ids), sourced_catalogue));
    }
    if (std::ranges::none_of(some, [](const auto& each) { return each.value.kind == CatalogueKind::reference; }))
        return some;
    return read_files<Catalogue>(folder, "requirements", toml_files(folder / "requirements"), sourced_catalogue);
}

/// What a product field's catalogue builds on, and what its threats name of other catalogues, is there.
Result<void> check_profiles(const Catalogues& catalogues) {
    const auto named = [&](std::string_view id) { return std::ranges::find_if(catalogues, [&](const auto& each) { return each.value.id == id; }); };
    for (const auto& one : catalogues) {
        if (!one.value.profile)
            continue;
        for (const std::string& base : one.value.profile->builds_on)
            if (named(base) == catalogues.end() || named(base)->value.kind == CatalogueKind::reference)
                return one.wrong(one.table["profile"]["builds_on"].node(), fmt::format("there is no catalogue \"{}\" to judge by; name one of requirements/", excerpt(base, 60)));
        for (std::size_t i = 0; i < one.value.profile->threats.size(); ++i)
            for (const std::string& measure : one.value.profile->threats[i].measures) {
                const auto slash = measure.find('/');
                if (slash == std::string::npos)
                    continue;
                const auto other = named(std::string_view(measure).substr(0, slash));
                const bool builds_on = std::ranges::find(one.value.profile->builds_on, measure.substr(0, slash)) != one.value.profile->builds_on.end();
                if (!builds_on || other == catalogues.end() || std::ranges::find(other->value.requirements, measure.substr(slash + 1), &Requirement::id) == other->value.requirements.end())
                    return one.wrong(one.table["profile"]["threats"][i]["measures"].node(),
                                     fmt::format("no catalogue that this one builds on has the requirement {}; name another, or add the catalogue to builds_on", excerpt(measure, 60)));
            }
    }
    return {};
}

/// Every check a requirement lists exists, and where all catalogues were read, every check is listed by one.
Result<void> check_references(const Catalogues& catalogues, const std::vector<Sourced<CheckText>>& checks, bool all_read) {
    std::set<std::string_view> known;
    for (const auto& check : checks)
        known.insert(check.value.id);
    std::set<std::string_view> used;
    for (const auto& catalogue : catalogues)
        for (std::size_t i = 0; i < catalogue.value.requirements.size(); ++i)
            for (const std::string& id : catalogue.value.requirements[i].checks) {
                if (!known.contains(id))
                    return catalogue.wrong(catalogue.table["requirements"][i]["checks"].node(),
                                           fmt::format("{} lists check {}, which does not exist; write checks/{}.toml or remove it",
                                                       catalogue.value.requirements[i].id, id, id));
                used.insert(id);
            }
    for (const auto& check : checks)
        if (all_read && !used.contains(check.value.id))
            return check.wrong(check.table.get("id"),
                               fmt::format("no requirement lists {}; add it to one in requirements/ or remove the file", check.value.id));
    return {};
}

/// An optional list: absent altogether it is empty and not pinned.
template <class List, class Read>
Result<void> read_list(Library& library, const fs::path& folder, const char* name, List& rows, const Read& read) {
    std::error_code code;
    if (!fs::exists(folder / name, code) && !code)
        return {};
    const std::string file = shown(folder, folder / name);
    const std::string text = TRY(read_file(folder / name, file));
    rows = TRY(read(text, file));
    library.inputs.push_back({"list " + std::string(name), digest_of(rows)});
    return {};
}

/// Optional, too; no judgement rests on it, so it is not pinned.
Result<void> load_crosswalk(Library& library, const fs::path& folder) {
    std::error_code code;
    if (!fs::exists(folder / "crosswalk.toml", code) && !code)
        return {};
    const std::string file = shown(folder, folder / "crosswalk.toml");
    const std::string text = TRY(read_file(folder / "crosswalk.toml", file));
    auto crosswalk = TRY(sourced_crosswalk(text, file));
    TRY(check_crosswalk(crosswalk, library.catalogues));
    library.crosswalk = std::move(crosswalk.value);
    return {};
}

struct Judging {
    std::vector<CheckText> checks;
    std::vector<MessageText> messages;
    SHIRUSHI_FIELDS(Judging, checks, messages)
};

/// What a judgement rests on besides the lists: catalogues (these; none named: all) and checks' texts.
Result<void> load_judging(Library& library, const fs::path& folder, const std::vector<std::string>& ids) {
    auto catalogues = TRY(read_catalogues(folder, ids));
    auto checks = TRY(read_files<CheckText>(folder, "checks", toml_files(folder / "checks"), sourced_check));
    TRY(check_references(catalogues, checks, ids.empty()));
    TRY(check_profiles(catalogues));
    for (auto& catalogue : catalogues) {
        library.inputs.push_back({fmt::format("catalogue {} {}", catalogue.value.id, catalogue.value.edition), digest_of(catalogue.value)});
        library.catalogues.push_back(std::move(catalogue.value));
    }
    for (auto& check : checks)
        library.checks.push_back(std::move(check.value));
    return {};
}

}  // namespace

Result<Library> load(const fs::path& folder, Parts parts, const std::vector<std::string>& catalogues) {
    std::error_code code;
    if (!fs::is_directory(folder, code))
        return fail(Errc::not_found, folder.string() + ": no such folder; name the one that holds requirements/ and checks/");
    Library library;
    if (parts != Parts::lists)
        TRY(load_judging(library, folder, parts == Parts::all ? std::vector<std::string>() : catalogues));
    const std::string messages = shown(folder, folder / "messages.toml");
    const std::string messages_text = TRY(read_file(folder / "messages.toml", messages));
    library.runner_messages = TRY(read_runner_messages(messages_text, messages));
    if (parts != Parts::lists)
        library.inputs.push_back({"checks", digest_of(Judging{library.checks, library.runner_messages})});
    if (parts == Parts::all)
        TRY(load_crosswalk(library, folder));
    TRY(read_list(library, folder, "words/default-passwords.toml", library.default_passwords, read_passwords));
    TRY(read_list(library, folder, "components.toml", library.components, read_components));
    TRY(read_list(library, folder, "identifiers.toml", library.identifiers, read_identifiers));
    TRY(read_list(library, folder, "licences/spdx.toml", library.licence_ids, read_licence_ids));
    TRY(read_list(library, folder, "licences/names.toml", library.licence_names, read_licence_names));
    TRY(read_list(library, folder, "licences/policy.toml", library.licence_policy, read_licence_policy));
    return library;
}

const Catalogue* Library::catalogue(std::string_view id) const {
    const auto at = std::ranges::find(catalogues, id, &Catalogue::id);
    return at == catalogues.end() ? nullptr : &*at;
}

const CheckText* Library::check(std::string_view id) const {
    const auto at = std::ranges::lower_bound(checks, id, {}, &CheckText::id);
    return at == checks.end() || at->id != id ? nullptr : &*at;
}

const Text* Library::message(std::string_view key) const {
    const auto at = std::ranges::lower_bound(runner_messages, key, {}, &MessageText::key);
    return at == runner_messages.end() || at->key != key ? nullptr : &at->text;
}

}  // namespace shirushi::catalog
