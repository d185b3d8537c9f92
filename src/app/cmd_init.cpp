#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>

#include "app/command.hpp"
#include "app/found_in_image.hpp"
#include "app/program_files.hpp"
#include "app/supplied_documents.hpp"
#include "base/civil_time.hpp"
#include "base/text.hpp"
#include "declaration/declaration.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

/// Asks on standard output, reads answers from standard input; the end of input answers every further question with nothing.
class Questions {
public:
    explicit Questions(Language language) : language_(language), texts_(report::Texts::embedded()) {}

    void say(std::string_view key) { fmt::print("{}\n", texts_.of(fmt::format("init.{}", key)).in(language_)); }

    void say(std::string_view key, std::string_view first, std::string_view second) {
        fmt::print(fmt::runtime(texts_.of(fmt::format("init.{}", key)).in(language_)), first, second);
        fmt::print("\n");
    }

    [[nodiscard]] std::string text(std::string_view key) const { return texts_.of(fmt::format("init.{}", key)).in(language_); }

    std::string ask(std::string_view key, std::string_view about = {}) {
        fmt::print("{}{}{}: ", about.empty() ? "" : "  ", about, about.empty() ? text(key) : " " + text(key));
        std::fflush(stdout);
        std::string line;
        if (!std::getline(std::cin, line))
            fmt::print("\n");
        return printable(trimmed(line));
    }

    /// Asks until there is an answer; nothing when the input ends first.
    std::string ask_required(std::string_view key) {
        for (;;) {
            std::string answer = ask(key);
            if (!answer.empty() || !std::cin)
                return answer;
            say("required");
        }
    }

    Answer ask_whether(std::string_view key) {
        for (;;) {
            const std::string answer = lowered(ask(key));
            if (answer.empty() || answer == "?")
                return Answer::unknown;
            if (answer.starts_with("y") || answer.starts_with("は"))
                return Answer::yes;
            if (answer.starts_with("n") || answer.starts_with("い"))
                return Answer::no;
            say("yes_or_no");
        }
    }

    std::string ask_date(std::string_view key) {
        for (;;) {
            std::string answer = ask(key);
            if (answer.empty() || Date::from_text(answer))
                return answer;
            say("date_form");
        }
    }

private:
    Language language_;
    report::Texts texts_;
};

/// "443/tcp https settings page" -> a service; nothing if it does not read so.
std::optional<DeclaredService> service_from(std::string_view line) {
    const auto words = words_of(line);
    if (words.size() < 2)
        return std::nullopt;
    const auto parts = split(words[0], '/');
    const auto port = to_integer<std::uint16_t>(parts[0]);
    if (parts.size() != 2 || !port || *port == 0 || (parts[1] != "tcp" && parts[1] != "udp"))
        return std::nullopt;
    const auto purpose = line.substr(static_cast<std::size_t>(words[1].data() - line.data()) + words[1].size());
    return DeclaredService{.transport = std::string(parts[1]), .port = *port, .protocol = std::string(words[1]), .purpose = std::string(trimmed(purpose))};
}

/// What the image shows; empty where nobody handed one in.
struct Found {
    bool looked_at_services = false;
    std::vector<FoundInterface> interfaces;
    std::vector<DeclaredService> services;
};

Result<Found> found_in(const CommonOptions& common, const std::string& path) {
    if (path.empty())
        return Found{};
    const Facts facts = TRY(facts_in(path));
    const auto folder = TRY(catalogues_folder(common.catalogues_folder));
    const catalog::Library library = TRY(catalog::load(folder));
    return Found{.looked_at_services = facts.services.observed, .interfaces = interfaces_in(facts, library), .services = services_in(facts)};
}

/// Of each service that was found: what it is for; "-" leaves it out, and verify will say that it is not declared.
std::vector<DeclaredService> confirm_services(Questions& questions, const std::vector<DeclaredService>& found) {
    std::vector<DeclaredService> services;
    questions.say("services_found");
    for (DeclaredService service : found) {
        const std::string answer = questions.ask("purpose", fmt::format("{}/{} {}", service.port, service.transport, service.protocol));
        if (answer == "-")
            continue;
        service.purpose = answer;
        services.push_back(std::move(service));
    }
    return services;
}

std::vector<DeclaredService> ask_services(Questions& questions) {
    std::vector<DeclaredService> services;
    questions.say("services_how");
    for (;;) {
        const std::string line = questions.ask("service");
        if (line.empty())
            return services;
        if (const auto service = service_from(line))
            services.push_back(*service);
        else
            questions.say("service_form");
    }
}

std::optional<Scope> ask_scope(Questions& questions) {
    for (questions.say("reach_how");;) {
        const std::string answer = questions.ask("reach");
        if (answer.empty())
            return std::nullopt;
        const auto number = to_integer<unsigned>(answer);
        if (number && *number >= 1 && *number <= std::size(EnumNames<Reach>::list)) {
            Scope scope{.reach = static_cast<Reach>(*number - 1), .reason = {}};
            if (scope.reach == Reach::isolated)
                scope.reason = questions.ask_required("reach_reason");
            return scope.reach == Reach::isolated && scope.reason.empty() ? std::nullopt : std::optional(scope);
        }
        questions.say("reach_form");
    }
}

Product ask_product(Questions& questions, const Found& found) {
    questions.say("start");
    Product product;
    product.vendor = questions.ask_required("vendor");
    product.model = questions.ask_required("model");
    product.version = questions.ask_required("version");
    product.field = questions.ask("field");
    product.contact = questions.ask("contact");
    product.support_until = questions.ask_date("support_until");
    questions.say("interfaces_how");
    const std::array<std::pair<std::string_view, Answer DeclaredInterfaces::*>, 6> interfaces = {
        {{"ethernet", &DeclaredInterfaces::ethernet}, {"wifi", &DeclaredInterfaces::wifi}, {"bluetooth", &DeclaredInterfaces::bluetooth},
         {"usb", &DeclaredInterfaces::usb}, {"web_interface", &DeclaredInterfaces::web_interface}, {"sql_database", &DeclaredInterfaces::sql_database}}};
    for (const auto& [key, member] : interfaces) {
        const auto seen = std::ranges::find(found.interfaces, member, &FoundInterface::member);
        if (seen == found.interfaces.end()) {
            product.interfaces.*member = questions.ask_whether(key);
            continue;
        }
        product.interfaces.*member = Answer::yes;
        questions.say("found", questions.text(key), printable(seen->by));
    }
    if (found.looked_at_services && !found.services.empty())
        product.services = confirm_services(questions, found.services);
    else if (questions.ask_whether("services_stated") == Answer::yes)
        product.services = ask_services(questions);
    product.scope = ask_scope(questions);
    return product;
}

Result<void> init(const CommonOptions& common, const InitOptions& options) {
    const std::filesystem::path path = options.output;
    std::error_code error;
    if (!options.force && std::filesystem::exists(path, error))
        return fail(Errc::refused, fmt::format("{} exists already; name another file with -o, or replace it with --force", path.string()));
    const Found found = TRY(found_in(common, options.facts));
    Questions questions(common.language);
    const Product product = ask_product(questions, found);
    if (product.vendor.empty() || product.model.empty() || product.version.empty())
        return fail(Errc::bad_input, "the answers ended before maker, model and version were known; nothing was written");
    const auto folder = TRY(OutputFolder::open(path.has_parent_path() ? path.parent_path().string() : "."));
    TRY(folder.write({{path.filename().string(), declaration::write(product)}}));
    questions.say("done");
    fmt::print("{}\n", path.string());
    return {};
}

}  // namespace

int run_init(const CommonOptions& common, const InitOptions& options) {
    const auto done = init(common, options);
    return done ? 0 : could_not_run(done.error());
}

}  // namespace shirushi::app
