#include "unpack/found.hpp"

#include <fmt/format.h>

#include "unpack/entry_names.hpp"

namespace shirushi::unpack {

std::string cut_off(std::uint64_t there, std::uint64_t whole) {
    return fmt::format("cut off: {} of {} bytes are there", with_commas(there), with_commas(whole));
}

}  // namespace shirushi::unpack
