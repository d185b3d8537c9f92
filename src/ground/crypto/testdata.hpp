#pragma once
// What the tests read from testdata/.

#include <fstream>
#include <iterator>
#include <string>

#include "crypto/pem.hpp"

namespace shirushi::crypto {

inline std::string test_file(const std::string& name) {
    std::ifstream in(std::string(SHIRUSHI_TESTDATA) + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The only block of a PEM file; an empty one when the file has none.
inline PemBlock test_block(const std::string& name) {
    auto blocks = find_pem_blocks(as_bytes(test_file(name)));
    return blocks.size() == 1 ? std::move(blocks[0]) : PemBlock{};
}

}  // namespace shirushi::crypto
