// The plain tables: services, accounts, secrets, certificates, permissions, update mechanisms. What matters most comes first.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>

#include "report/html_parts.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t most_rows = 100;

/// One table under `name`: its rows sorted by `weight` (small first, stable), cut, with what its end says.
template <class Row, class Weight, class Make>
void view_table(View& page, std::string_view name, const Table<Row>& table, const Weight& weight, const Make& make) {
    std::vector<const Row*> rows;
    for (const Row& row : table.rows)
        rows.push_back(&row);
    std::ranges::stable_sort(rows, std::less{}, [&](const Row* row) { return weight(*row); });
    const std::span listed(rows.data(), std::min(rows.size(), most_rows));
    View view;
    view.flag("rows_present", !rows.empty());
    view.flag("none", table.observed && rows.empty());
    view.flag("unobserved", !table.observed);
    view.flag("has_gaps", !table.gaps.empty());
    view.flag("has_more", rows.size() > listed.size());
    view.put("more", std::to_string(rows.size() - listed.size()));
    view.each("rows", listed, [&](const Row* row) { return make(*row); });
    page.lists[std::string(name)] = {std::move(view)};
}

std::string ports_of(const Service& service) {
    std::vector<std::string> ports;
    for (const Endpoint& endpoint : service.endpoints)
        ports.push_back(fmt::format("{}{}{}/{}", endpoint.address, endpoint.address.empty() ? "" : ":", endpoint.port, endpoint.transport));
    return fmt::format("{}", fmt::join(ports, ", "));
}

View service_view(const Service& service, const Texts& texts) {
    View row;
    row.put("name", service.name);
    row.flag("present", service.program_present);
    row.put("protocol", service.protocol);
    row.put("ports", ports_of(service));
    row.flag("authenticates", service.authenticates);
    row.put("note", service.authentication_note);
    row.put("started_by", texts.word("started_by", service.started_by));
    row.put("where", service.evidence.path);
    row.put("command", service.command);
    return row;
}

View account_view(const Account& account, const Texts& texts) {
    View row;
    row.put("name", account.name);
    row.put("uid", std::to_string(account.uid));
    row.put("shell", account.shell);
    row.flag("can_log_in", account.can_log_in);
    row.flag("bad", account.password == PasswordState::none || account.password == PasswordState::guessed);
    row.put("password", texts.word("password", account.password));
    row.flag("has_guess", !account.guess.empty());
    row.put("guess", account.guess);
    row.put("scheme", account.hash_scheme);
    row.put("tried", account.words_listed == 0 ? std::string() : fmt::format("{} / {}", account.words_tried, account.words_listed));
    row.put("file", account.file);
    return row;
}

View secret_view(const Secret& secret, const Texts& texts) {
    constexpr std::size_t shown_digits = 16;  // enough to tell secrets apart by eye; facts.json has all 64
    View row;
    row.put("kind", texts.word("secret", secret.kind));
    row.put("format", secret.format);
    row.put("algorithm", secret.algorithm);
    row.flag("encrypted", secret.encrypted);
    row.flag("fits", secret.fits_certificate);
    row.put("fingerprint", std::string_view(secret.fingerprint).substr(0, shown_digits));
    row.put("where", secret.evidence.path);
    return row;
}

View certificate_view(const Certificate& certificate) {
    View row;
    row.put("subject", certificate.subject);
    row.flag("self_signed", certificate.self_signed);
    row.put("not_before", certificate.not_before);
    row.put("not_after", certificate.not_after);
    row.put("key", certificate.key);
    row.put("signature", certificate.signature_algorithm);
    row.put("where", certificate.evidence.path);
    return row;
}

View permission_view(const Permission& permission, const Texts& texts) {
    View row;
    row.put("where", permission.evidence.path);
    row.put("kind", texts.word("permission", permission.kind));
    row.put("mode", fmt::format("{:04o}", permission.mode));
    row.flag("expected", permission.expected);
    return row;
}

View update_view(const UpdateMechanism& update, const Texts& texts) {
    constexpr std::size_t most_sources = 10;
    View row;
    row.put("tool", update.tool);
    row.put("where", update.evidence.path);
    row.put("encrypted", texts.word("answer", update.encrypted_transport));
    row.put("verifies", texts.word("answer", update.verifies_signature));
    row.put("keys", texts.word("answer", update.keys_present));
    row.put("note", update.note);
    const std::span sources(update.sources.data(), std::min(update.sources.size(), most_sources));
    row.each("sources", sources, [](const std::string& source) {
        View line;
        line.put("text", source);
        return line;
    });
    return row;
}

}  // namespace

void view_facts(View& page, const Facts& facts, const Texts& texts) {
    const auto as_found = [](const auto&) { return 0; };
    view_table(page, "services", facts.services, [](const Service& row) { return std::pair(row.authenticates, row.endpoints.empty()); },
               [&](const Service& row) { return service_view(row, texts); });
    const auto account_weight = [](const Account& row) {
        const bool bad = row.password == PasswordState::none || row.password == PasswordState::guessed;
        return std::pair(!bad, !row.can_log_in);
    };
    view_table(page, "accounts", facts.accounts, account_weight, [&](const Account& row) { return account_view(row, texts); });
    view_table(page, "secrets", facts.secrets, [](const Secret& row) { return row.encrypted; },
               [&](const Secret& row) { return secret_view(row, texts); });
    view_table(page, "certificates", facts.certificates, as_found, certificate_view);
    view_table(page, "permissions", facts.permissions, [](const Permission& row) { return row.expected; },
               [&](const Permission& row) { return permission_view(row, texts); });
    view_table(page, "updates", facts.update_mechanisms, as_found, [&](const UpdateMechanism& row) { return update_view(row, texts); });
}

}  // namespace shirushi::report
