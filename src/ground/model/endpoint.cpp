#include "model/endpoint.hpp"

namespace shirushi {

bool is_loopback(const Endpoint& endpoint) {
    return endpoint.address.starts_with("127.") || endpoint.address == "::1" || endpoint.address == "[::1]" || endpoint.address == "localhost";
}

}  // namespace shirushi
