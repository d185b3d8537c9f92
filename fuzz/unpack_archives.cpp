// Identification of archives (own code) and what reads them (libarchive, own code), into a sink with a ceiling.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/archives/archives.hpp"
#include "unpack/formats.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    constexpr std::pair<Identify, Decoder> kArchives[] = {{identify_tar, read_tar}, {identify_old_tar, read_tar}, {identify_cpio, read_cpio}, {identify_zip, read_zip}, {identify_ar, read_ar},
                                                          {identify_seven_zip, read_seven_zip}, {identify_cab, read_cab}, {identify_lzh, read_lzh}, {identify_rar, read_rar}, {identify_arj, read_arj}};
    for (const auto& [identify, read] : kArchives) {
        const auto found = identify(bytes);
        if (found && found->size > size)
            __builtin_trap();
        if (!found)
            continue;
        CollectingSink sink(std::uint64_t{4} << 20);
        (void)read(bytes.first(found->size), {}, sink);
        if (sink.misuses != 0)
            __builtin_trap();
    }
    return 0;
}
