#pragma once
// CycloneDX's words for the state of an analysis and its justification beside ours (CISA's). CycloneDX's are finer.

#include <array>
#include <optional>
#include <string_view>

#include "model/vex.hpp"

namespace shirushi::vex {

struct StateWord {
    std::string_view word;
    VexStatus status;
};
/// The first of each status is the one that is written.
inline constexpr std::array<StateWord, 6> kStates = {{{"not_affected", VexStatus::not_affected}, {"false_positive", VexStatus::not_affected},
                                                      {"resolved", VexStatus::fixed}, {"resolved_with_pedigree", VexStatus::fixed},
                                                      {"exploitable", VexStatus::affected}, {"in_triage", VexStatus::under_investigation}}};

struct JustificationWord {
    std::string_view word;
    VexJustification justification;
};
/// Likewise. CycloneDX has no word for a component that is not there at all: its code is not present either.
inline constexpr std::array<JustificationWord, 10> kJustifications = {{
    {"code_not_present", VexJustification::vulnerable_code_not_present}, {"code_not_present", VexJustification::component_not_present},
    {"code_not_reachable", VexJustification::vulnerable_code_not_in_execute_path},
    {"requires_environment", VexJustification::vulnerable_code_cannot_be_controlled_by_adversary},
    {"requires_configuration", VexJustification::vulnerable_code_cannot_be_controlled_by_adversary},
    {"requires_dependency", VexJustification::vulnerable_code_cannot_be_controlled_by_adversary},
    {"protected_by_mitigating_control", VexJustification::inline_mitigations_already_exist},
    {"protected_by_compiler", VexJustification::inline_mitigations_already_exist},
    {"protected_at_runtime", VexJustification::inline_mitigations_already_exist},
    {"protected_at_perimeter", VexJustification::inline_mitigations_already_exist}}};

}  // namespace shirushi::vex
