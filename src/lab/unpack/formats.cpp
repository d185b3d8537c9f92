#include "unpack/formats.hpp"

#include "unpack/archives.hpp"
#include "unpack/compressed.hpp"

namespace shirushi::unpack {

using namespace std::string_view_literals;

const std::vector<Format>& formats() {
    static const std::vector<Format> kFormats{
        {.name = "gzip", .magics = {{"\x1f\x8b\x08"}}, .identify = identify_gzip, .decode = read_gzip},
        {.name = "tar", .magics = {{"ustar", 257}}, .identify = identify_tar, .decode = read_tar},
    };
    return kFormats;
}

}  // namespace shirushi::unpack
