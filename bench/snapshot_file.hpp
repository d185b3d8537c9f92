#pragma once
// What the bench programs share.

#include <fstream>
#include <iterator>
#include <string>

#include "vuln/vuln.hpp"

namespace shirushi::bench {

inline Result<vuln::Snapshot> read_snapshot(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return fail(Errc::not_found, path + " cannot be read");
    const Buffer bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return vuln::Snapshot::read(bytes);
}

}  // namespace shirushi::bench
