#include "check/checks/call_sites.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace shirushi::check {
namespace {

constexpr std::size_t kShownFunctions = 3;
constexpr std::size_t kExcerpt = 120;

/// "4012a0: call 0x401030 <strcpy>, from recv at 0x401290": the last instruction, which is the call.
Evidence evidence_of(const CallSite& site) {
    std::string excerpt = fmt::format("{} 0x{:x}", site.function, site.address);
    if (!site.disassembly.empty())
        excerpt.append(": ").append(site.disassembly.back());
    if (!site.origin_call.empty())
        excerpt.append(fmt::format(" ({} 0x{:x})", site.origin_call, site.origin_address));
    return {.path = site.path, .offset = std::nullopt, .excerpt = excerpt.substr(0, kExcerpt)};
}

/// "strcpy (set_name), sprintf (0x4012a0)".
std::string places(const std::vector<const CallSite*>& sites) {
    std::vector<std::string> named;
    for (const CallSite* site : sites) {
        std::string place = site->callee.empty() ? site->function : fmt::format("{} ({})", site->callee, site->function);
        if (std::ranges::find(named, place) == named.end())
            named.push_back(std::move(place));
    }
    return joined(named, kShownFunctions);
}

}  // namespace

void judge_call_sites(const std::vector<CallSite>& sites, CallWeakness weakness, Report& out) {
    std::map<std::pair<std::string, CallConfidence>, std::vector<const CallSite*>> programs;
    for (const CallSite& site : sites)
        if (site.weakness == weakness)
            programs[{site.path, site.confidence}].push_back(&site);
    for (const auto& [program, found] : programs) {
        Said said{.key = std::string(name_of(program.second)),
                  .names = {{"file", program.first}},
                  .figures = {{"count", fmt::to_string(found.size())}, {"places", places(found)}},
                  .evidence = {}};
        for (std::size_t i = 0; i < std::min(found.size(), max_examples); ++i)
            said.evidence.push_back(evidence_of(*found[i]));
        // What is not certain is for a person: of a thousand clean programs most have a place that only looks wrong.
        if (program.second == CallConfidence::certain)
            out.fail(std::move(said));
        else
            out.review(std::move(said));
    }
}

}  // namespace shirushi::check
