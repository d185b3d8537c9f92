// What every reader of statements about vulnerabilities is held to: what was read can be written, and that be read again.
#pragma once
#include "vex/vex.hpp"

inline int statement_round_trip(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    auto document = vex::read({data, size});
    if (!document) {
        if (document.error().message.empty())
            __builtin_trap();
        return 0;
    }
    document->author = "x";
    document->timestamp = "2026-01-01T00:00:00Z";
    const auto openvex = vex::write_openvex(*document);
    const auto cyclonedx = vex::write_cyclonedx(*document);
    if (!openvex || !cyclonedx || !vex::read(as_bytes(*openvex)) || !vex::read(as_bytes(*cyclonedx)))
        __builtin_trap();
    return 0;
}
