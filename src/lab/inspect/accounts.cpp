// Accounts: passwd(5) joined with the shadow(5) beside it, and the factory defaults tried against the hashes.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "inspect/account_files.hpp"
#include "inspect/guess.hpp"
#include "inspect/inspectors.hpp"
#include "inspect/password_hash.hpp"

namespace shirushi::inspect {
namespace {

using unpack::NodeId;

constexpr std::size_t kMaxAccounts = 20'000;  // over all files of an image

/// "passwd", "shadow" or copies of them, by name ("passwd-", "shadow.bak"); the suffix tells copies from what is in force.
struct AccountFile {
    bool shadow = false;
    std::string suffix;
};

std::optional<AccountFile> account_file(std::string_view name) {
    for (const bool shadow : {false, true}) {
        const std::string_view base = shadow ? "shadow" : "passwd";
        if (!name.starts_with(base))
            continue;
        const std::string_view suffix = name.substr(base.size());
        if (suffix.empty() || suffix == "-" || suffix.starts_with(".") || suffix.starts_with("_"))
            return AccountFile{shadow, std::string(suffix)};
    }
    return std::nullopt;
}

/// Files of the same folder and suffix.
struct Pair {
    std::optional<NodeId> passwd;
    std::optional<NodeId> shadow;
};

std::map<std::pair<std::string, std::string>, Pair> pairs_in(const Image& image) {
    std::map<std::pair<std::string, std::string>, Pair> pairs;
    const unpack::Tree& tree = *image.tree;
    for (const NodeId id : image.files) {
        const auto file = account_file(tree.node(id).name);
        if (!file || !looks_like_text(text_of(tree, id)))
            continue;
        Pair& pair = pairs[{tree.path(tree.node(id).parent), file->suffix}];
        (file->shadow ? pair.shadow : pair.passwd) = id;
    }
    // etc/shadow may be a link to where the writable part starts out (etc/config/shadow, usr/default/passwd ...).
    for (const Root& root : image.roots) {
        const auto passwd = root.find("etc/passwd");
        const auto shadow = root.find("etc/shadow");
        const std::string folder = tree.path(root.id()) + (tree.path(root.id()).empty() ? "etc" : "/etc");
        const auto regular = [&](const std::optional<NodeId>& id) { return id && tree.node(*id).file.kind == FileKind::regular; };
        Pair pair = pairs[{folder, ""}];
        if (!pair.passwd && regular(passwd))
            pair.passwd = passwd;
        if (!pair.shadow && regular(shadow))
            pair.shadow = shadow;
        pairs[{folder, ""}] = pair;
    }
    return pairs;
}

struct Found {
    Account account;
    std::string field;  ///< what stands where the password belongs
};

Evidence evidence_of(const unpack::Tree& tree, NodeId file, std::string_view line, std::string_view password) {
    // The hash itself is a secret: whoever has it can go on guessing.
    std::string_view shown = password;
    if (shown.size() < 13)
        shown = {};
    return {.path = tree.path(file), .offset = offset_in(text_of(tree, file), line), .excerpt = masked_excerpt(line, shown)};
}

void add_from(const unpack::Tree& tree, const Pair& pair, bool copy, std::vector<Found>& found) {
    std::map<std::string_view, ShadowLine> shadows;
    if (pair.shadow)
        for (const ShadowLine& line : read_shadow(text_of(tree, *pair.shadow)))
            shadows.emplace(line.name, line);
    std::set<std::string_view> named;
    if (pair.passwd)
        for (const PasswdLine& line : read_passwd(text_of(tree, *pair.passwd))) {
            if (!named.insert(line.name).second && copy)
                continue;
            const auto shadow = shadows.find(line.name);
            const bool elsewhere = line.password == "x" && shadow != shadows.end();
            Found one{.account = {.name = std::string(line.name), .file = tree.path(*pair.passwd), .uid = line.uid,
                                  .shell = printable(line.shell), .can_log_in = !copy && is_login_shell(line.shell)},
                      .field = std::string(elsewhere ? shadow->second.password : line.password)};
            one.account.evidence = elsewhere ? evidence_of(tree, *pair.shadow, shadow->second.line, shadow->second.password)
                                             : evidence_of(tree, *pair.passwd, line.line, line.password);
            found.push_back(std::move(one));
        }
    if (!pair.passwd && pair.shadow)  // an overlay's shadow speaks for a passwd in another layer
        for (const ShadowLine& line : read_shadow(text_of(tree, *pair.shadow))) {
            if (std::ranges::count(line.line, ':') != 8)
                continue;  // alone, only the full form tells it from other text called "shadow"
            found.push_back({.account = {.name = std::string(line.name), .file = tree.path(*pair.shadow), .uid = line.name == "root" ? 0U : 65534U,
                                         .can_log_in = !copy, .evidence = evidence_of(tree, *pair.shadow, line.line, line.password)},
                             .field = std::string(line.password)});
        }
}

/// Sets everything that follows from the password fields.
void read_passwords(std::vector<Found>& found, const Words& words, const Budget& budget) {
    std::vector<HashToGuess> hashes;
    std::vector<std::size_t> owner;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const PasswordField field = read_password_field(found[i].field);
        Account& account = found[i].account;
        account.hash_scheme = field.scheme;
        account.password = field.kind == FieldKind::blank    ? PasswordState::none
                           : field.kind == FieldKind::locked ? PasswordState::locked
                                                             : PasswordState::hashed;
        if (field.kind == FieldKind::hash) {
            hashes.push_back({account.name, found[i].field});
            owner.push_back(i);
        }
    }
    const std::vector<Guess> guesses = guess_all(hashes, words, budget);
    for (std::size_t i = 0; i < guesses.size(); ++i) {
        Account& account = found[owner[i]].account;
        account.words_tried = guesses[i].words_tried;
        account.words_listed = guesses[i].words_listed;
        if (guesses[i].word) {
            account.password = PasswordState::guessed;
            account.guess = printable(masked(*guesses[i].word));
        }
    }
}

}  // namespace

Table<Account> inspect_accounts(const Image& image, const Words& words, const Budget& budget) {
    const unpack::Tree& tree = *image.tree;
    Table<Account> table{.observed = true, .gaps = tree.gaps(), .rows = {}};
    const auto pairs = pairs_in(image);
    std::vector<Found> found;
    std::set<std::pair<std::string, std::string>> in_force;  // name and password field
    for (const bool copies : {false, true})
        for (const auto& [where, pair] : pairs) {
            if (where.second.empty() == copies)
                continue;
            std::vector<Found> here;
            add_from(tree, pair, copies, here);
            for (Found& one : here) {
                const bool isnew = in_force.emplace(one.account.name, one.field).second;
                if (found.size() < kMaxAccounts && (!copies || (isnew && one.field != "x")))
                    found.push_back(std::move(one));
            }
        }
    if (found.size() == kMaxAccounts)
        table.gaps.push_back(fmt::format("accounts: only the first {} were read", kMaxAccounts));
    read_passwords(found, words, budget);
    for (Found& one : found)
        table.rows.push_back(std::move(one.account));
    std::ranges::stable_sort(table.rows, {}, [](const Account& a) { return std::tie(a.file, a.evidence); });
    return table;
}

}  // namespace shirushi::inspect
