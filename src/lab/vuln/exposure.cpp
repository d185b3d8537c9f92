#include "vuln/exposure.hpp"

#include "model/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace shirushi::vuln {
namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Whether it waits for somebody outside.
bool listens(const Service& service) {
    if (service.endpoints.empty())
        return !service.protocol.empty();
    return !std::ranges::all_of(service.endpoints, is_loopback);
}

/// "dnsmasq (udp 53, tcp 53)".
std::string service_text(const Service& service) {
    std::string ports;
    for (const Endpoint& endpoint : service.endpoints)
        ports += fmt::format("{}{} {}", ports.empty() ? "" : ", ", endpoint.transport, endpoint.port);
    if (ports.empty())
        ports = service.protocol;
    return ports.empty() ? service.name : fmt::format("{} ({})", service.name, ports);
}

/// What the services reach, by the base names of files.
class Reach {
public:
    explicit Reach(const Facts& facts) {
        for (const File& file : facts.files.rows)
            if (file.kind == FileKind::symlink && !file.target.empty())
                links_.try_emplace(base_name(file.path), base_name(file.target));
        for (const Executable& executable : facts.executables.rows)
            executables_[base_name(executable.path)].push_back(&executable);
        for (const bool listening : {true, false})  // what listens first: it says more
            for (const Service& service : facts.services.rows)
                if (service.program_present && listens(service) == listening)
                    start(service, listening ? ExposureKind::listening : ExposureKind::started);
    }

    /// Nothing where no service reaches a file or program of this name.
    [[nodiscard]] const ComponentExposure* of(std::string_view name) const {
        const auto found = reached_.find(name);
        return found == reached_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] bool is_program(std::string_view name) const { return executables_.contains(name); }

private:
    void start(const Service& service, ExposureKind kind) {
        const ComponentExposure by{.component = {}, .kind = kind, .service = service_text(service), .through = {}};
        reach(service.name, by);
        // A link names the program that runs, whose libraries are loaded under the service's name.
        if (const std::string_view target = resolved(service.name); target != service.name)
            reach(target, by);
    }

    /// Nearest first; a list instead of recursion, since chains of hostile programs are long.
    void reach(std::string_view name, const ComponentExposure& by) {
        std::vector<std::string_view> waiting;
        const auto add = [&](std::string_view each, const ComponentExposure& how) {
            if (reached_.try_emplace(each, how).second)
                waiting.push_back(each);
        };
        add(name, by);
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            const auto programs = executables_.find(waiting[i]);
            if (programs == executables_.end())
                continue;
            for (const Executable* program : programs->second) {
                ComponentExposure loaded = by;
                loaded.through = program->path;
                for (const std::string& library : program->needed) {
                    add(library, loaded);
                    add(resolved(library), loaded);
                }
            }
        }
    }

    /// Where a chain of links of this name ends; a loop ends somewhere in it.
    [[nodiscard]] std::string_view resolved(std::string_view name) const {
        constexpr int longest_chain = 16;
        for (int i = 0; i < longest_chain; ++i) {
            const auto link = links_.find(name);
            if (link == links_.end() || link->second == name)
                break;
            name = link->second;
        }
        return name;
    }

    std::map<std::string_view, std::string_view> links_;
    std::map<std::string_view, std::vector<const Executable*>> executables_;
    std::map<std::string_view, ComponentExposure> reached_;
};

bool is_better(const ComponentExposure* candidate, const ComponentExposure* best) {
    return candidate != nullptr && (best == nullptr || candidate->kind < best->kind);
}

/// The best of all names the component's program or library goes by.
const ComponentExposure* best_of(const Component& component, const Reach& reach) {
    const ComponentExposure* best = nullptr;
    const auto consider = [&](std::string_view name) {
        if (const ComponentExposure* candidate = reach.of(name); is_better(candidate, best))
            best = candidate;
    };
    for (const Evidence& evidence : component.evidence)
        consider(base_name(evidence.path));
    consider(component.name);
    consider(component.product);
    if (component.compiled_in)
        for (const std::string& applet : component.compiled_in->applets)
            consider(applet);
    return best;
}

}  // namespace

Table<ComponentExposure> exposures(const Facts& facts) {
    Table<ComponentExposure> table{.observed = facts.services.observed && facts.components.observed, .gaps = {}, .rows = {}};
    if (!table.observed)
        return table;
    table.gaps = facts.services.gaps;
    const Reach reach(facts);
    const bool complete = facts.services.gaps.empty() && facts.executables.observed && facts.executables.gaps.empty();
    for (const Component& component : facts.components.rows) {
        ComponentExposure row{.component = component.id};
        const bool in_program = std::ranges::any_of(component.evidence, [&](const Evidence& each) { return reach.is_program(base_name(each.path)); });
        if (const ComponentExposure* best = best_of(component, reach)) {
            row = *best;
            row.component = component.id;
        } else if (component.kind == ComponentKind::operating_system && component.product == "linux_kernel") {
            row.kind = ExposureKind::started;
        } else if (complete && in_program) {
            row.kind = ExposureKind::idle;
        } else {
            continue;
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace shirushi::vuln
