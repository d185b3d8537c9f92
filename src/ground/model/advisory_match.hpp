#pragma once
// What an advisory match comes to once the statement about it is heard. Every room that weighs matches asks here.

#include "model/facts.hpp"

namespace shirushi {

/// A statement that counts says that it does not matter here: it is kept and explained, and weighs nothing.
inline bool is_set_aside(const AdvisoryMatch& match) {
    return match.statement && match.statement->use == StatementUse::applied &&
           (match.statement->status == VexStatus::not_affected || match.statement->status == VexStatus::fixed);
}

/// By version, or because somebody who may say so states it.
inline bool affects(const AdvisoryMatch& match) {
    if (is_set_aside(match))
        return false;
    const bool stated = match.statement && match.statement->use == StatementUse::applied && match.statement->status == VexStatus::affected;
    return stated || match.state == MatchState::affected;
}

}  // namespace shirushi
