#pragma once
// Where a service listens, asked alike by everybody.

#include "model/facts.hpp"

namespace shirushi {

/// Bound to this device itself only: 127.0.0.0/8, ::1 (with or without brackets), localhost.
bool is_loopback(const Endpoint& endpoint);

}  // namespace shirushi
