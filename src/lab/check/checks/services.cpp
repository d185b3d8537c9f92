#include "check/checks/services.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "check/check.hpp"

namespace shirushi::check {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view program_of(std::string_view command) {
    const auto words = words_of(command);
    return words.empty() ? std::string_view{} : base_name(words.front());
}

std::string ports_of(const Service& service) {
    std::vector<std::string> ports;
    for (const Endpoint& endpoint : service.endpoints)
        ports.push_back(fmt::format("{}/{}", endpoint.port, endpoint.transport));
    return joined(ports);
}

}  // namespace shirushi::check
