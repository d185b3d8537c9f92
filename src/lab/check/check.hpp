#pragma once
// Facts -> findings. A check is a pure predicate over the tables that its type names; what it says is a message key with
// arguments, whose sentences (en, ja) stand in catalogues/checks/<id>.toml beside its level, remedy and limits.
//
// The runner, not the author, answers "open": where a table was not observed, or where a table has gaps and the predicate
// found nothing wrong in the rest. Kinds are SARIF 2.1.0 3.27.9's.

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "model/assessment.hpp"
#include "model/facts.hpp"

namespace shirushi::check {

/// What a predicate has to say about one thing. `names` identify it and make the fingerprint; `figures` (counts, scores,
/// versions) are said as well but may change from one firmware version to the next without making it another finding.
/// `wording` chooses among sentences that say the same ("one", "many", "many_unscored"): the message key is then
/// "<key>_<wording>". Like figures it does not count for the fingerprint.
struct Said {
    std::string key;
    std::string wording = {};
    std::vector<Argument> names;
    std::vector<Argument> figures;
    std::vector<Evidence> evidence;
};

/// What a predicate is given to speak through. Borrows the check's text, which must outlive it.
class Report {
public:
    explicit Report(const CheckText& text) : text_(text) {}

    void fail(Said said);               ///< weighs as the check's text says
    void fail(Level level, Said said);  ///< weighs otherwise
    void explain(Said said);            ///< holds, and is to be known: what somebody states about it
    void review(Said said);             ///< a person must look; the requirement neither passes nor fails by it

    /// The list of that name in the check's text. One that is missing makes the whole check `open`.
    std::span<const std::string> words(std::string_view name);
    bool listed(std::string_view name, std::string_view word);
    /// The only word of the list of that name, as a whole number; 0 (and the check `open`) where it is not one.
    std::uint64_t number(std::string_view name);

    /// Lists asked for, each once, and the first of them that the text lacks.
    [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }
    [[nodiscard]] const std::string& lacking() const { return lacking_; }
    std::vector<Finding> take() { return std::move(findings_); }

private:
    void add(Kind kind, Level level, Said said);

    const CheckText& text_;
    std::vector<Finding> findings_;
    std::vector<std::string> asked_;
    std::string lacking_;
};

/// The state of one table that a check reads.
struct TableState {
    std::string_view name;  ///< "services"
    bool observed = false;
    const std::vector<std::string>* gaps = nullptr;  ///< borrowed from the facts
};

struct Check {
    std::string_view id;  ///< permanent: never used again, not even after removal
    int revision = 1;     ///< goes up whenever the same facts could give other findings
    std::vector<TableState> (*tables)(const Facts&) = nullptr;
    void (*judge)(const Facts&, Report&) = nullptr;
};

/// The name of a table as facts.json has it.
template <class Row>
std::string_view table_name(Table<Row> Facts::*table) {
    std::string_view name;
    const auto look = [&](const auto& field) {
        if constexpr (std::same_as<std::decay_t<decltype(field.member)>, Table<Row> Facts::*>)
            if (field.member == table)
                name = field.name;
    };
    std::apply([&](const auto&... field) { (look(field), ...); }, Facts::fields());
    return name;
}

/// A check of the tables that are its template arguments. The predicate gets those tables' rows and a Report, nothing else:
/// reading another table does not compile. It is called only when all of them were observed.
template <auto... Tables, class Judge>
consteval Check check_reading(std::string_view id, int revision, Judge) {
    return {.id = id,
            .revision = revision,
            .tables = [](const Facts& facts) { return std::vector<TableState>{{table_name(Tables), (facts.*Tables).observed, &(facts.*Tables).gaps}...}; },
            .judge = [](const Facts& facts, Report& out) { Judge{}((facts.*Tables).rows..., out); }};
}

/// Every check, sorted by id.
std::span<const Check* const> all_checks();

/// Nothing when there is no such check.
const Check* find(std::string_view id);

/// What the check finds, at least one finding, sorted: fail first, then by fingerprint. Messages are keys; their sentences
/// are for assess to set. The runner's own keys: "pass", "not_observed" {table}, "gaps" {count}, "no_parameter" {name}.
std::vector<Finding> run(const Check& check, const Facts& facts, const CheckText& text);

/// 32 hexadecimal digits over check, message key and names: FNV-1a of 128 bits, an identity and no proof of anything, which
/// keeps this room free of cryptography. Offsets of file systems inside the image ("squashfs@0x40000") do not count, so
/// that a finding keeps its fingerprint in the next firmware version.
std::string fingerprint_of(std::string_view check, std::string_view key, const std::vector<Argument>& names);

/// At most this many places stand as evidence of one finding; the figures say how many there are.
inline constexpr std::size_t max_examples = 10;

/// At most `limit` names, with "..." at the end where there are more: "a, b, c, ...".
std::string joined(const std::vector<std::string>& names, std::size_t limit = max_examples);

}  // namespace shirushi::check
