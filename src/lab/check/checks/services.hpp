#pragma once
// What several checks ask of a started service.

#include <string>
#include <string_view>

#include "model/endpoint.hpp"

namespace shirushi::check {

/// Base name of the program that a command line starts: "/usr/sbin/telnetd -l /bin/sh" -> "telnetd".
std::string_view program_of(std::string_view command);

/// The base name of a path: "squashfs@0x40000/usr/sbin/dropbear" -> "dropbear".
std::string_view base_name(std::string_view path);

/// "23/tcp, 69/udp"; empty when no port is known.
std::string ports_of(const Service& service);

}  // namespace shirushi::check
