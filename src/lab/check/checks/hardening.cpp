#include "check/checks/hardening.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "check/checks/services.hpp"

namespace shirushi::check {
namespace {

Evidence evidence_of(const Executable& executable) { return {.path = executable.path, .offset = std::nullopt, .excerpt = ""}; }

/// Base names of the programs that services run.
std::set<std::string_view> service_programs(const std::vector<Service>& services) {
    std::set<std::string_view> programs;
    for (const Service& service : services)
        if (service.program_present && !(service.endpoints.empty() && service.protocol.empty()))
            programs.insert({service.name, program_of(service.command)});
    return programs;
}

}  // namespace

bool is_loaded(const Executable& executable) {
    return executable.kind == ElfKind::executable || executable.kind == ElfKind::shared_library;
}

std::optional<bool> known(Answer answer) {
    return answer == Answer::unknown ? std::nullopt : std::optional(answer == Answer::yes);
}

void judge_hardening(const std::vector<Executable>& executables, const std::vector<Service>& services, Protected is_protected, Report& out) {
    const auto programs = service_programs(services);
    std::vector<const Executable*> exposed;
    std::vector<const Executable*> others;
    std::size_t counted = 0;
    for (const Executable& executable : executables) {
        const auto answer = is_loaded(executable) ? is_protected(executable) : std::nullopt;
        counted += answer ? 1 : 0;
        if (answer == false) {
            const bool serves = executable.kind == ElfKind::executable && programs.contains(base_name(executable.path));
            (serves ? exposed : others).push_back(&executable);
        }
    }
    const std::size_t lacking = exposed.size() + others.size();
    if (lacking == 0)
        return;
    Said said{.key = "some",
              .names = {},
              .figures = {{"count", fmt::to_string(lacking)}, {"total", fmt::to_string(counted)}},
              .evidence = {}};
    for (const auto* group : {&exposed, &others})
        for (const Executable* executable : *group)
            if (said.evidence.size() < max_examples)
                said.evidence.push_back(evidence_of(*executable));
    std::vector<std::string> services_lacking;
    for (const Executable* executable : exposed)
        services_lacking.emplace_back(base_name(executable->path));
    const bool many = lacking * 100 > counted * out.number("tolerated_percent");
    if (!exposed.empty()) {
        said.key = "network";
        said.figures.push_back({"programs", joined(services_lacking, 5)});
    } else if (many) {
        said.key = "many";
    }
    said.key == "some" ? out.review(std::move(said)) : out.fail(std::move(said));
}

std::optional<Said> said_of_imports(const std::vector<Executable>& executables, std::span<const std::string> functions) {
    std::set<std::string> seen;
    std::size_t files = 0;
    Said said{.key = "imported", .names = {}, .figures = {}, .evidence = {}};
    for (const Executable& executable : executables) {
        std::vector<std::string> here;
        for (const std::string& function : executable.dangerous)
            if (is_loaded(executable) && std::ranges::find(functions, function) != functions.end())
                here.push_back(function);
        if (here.empty())
            continue;
        ++files;
        seen.insert(here.begin(), here.end());
        if (said.evidence.size() < max_examples)
            said.evidence.push_back({.path = executable.path, .offset = std::nullopt, .excerpt = joined(here)});
    }
    if (files == 0)
        return std::nullopt;
    said.figures = {{"count", fmt::to_string(files)}, {"functions", joined({seen.begin(), seen.end()})}};
    return said;
}

}  // namespace shirushi::check
