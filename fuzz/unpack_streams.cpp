// Readers of compressed streams with headers or codes of our own (lzop, compress, zlib's first block, LZMA's forms) and the libraries
// behind lzip, zstd and lz4, into a sink with a ceiling.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/formats.hpp"
#include "unpack/streams/compressed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    constexpr std::pair<Identify, Decoder> kStreams[] = {{identify_lzop, read_lzop}, {identify_compress, read_compress}, {identify_zlib, read_zlib}, {identify_lzma, read_lzma},
                                                         {identify_lzip, read_lzip}, {identify_zstd, read_zstd}, {identify_lz4, read_lz4}, {identify_xz, read_xz}};
    for (const auto& [identify, read] : kStreams) {
        if (!identify(bytes))
            continue;
        CollectingSink sink(std::uint64_t{4} << 20);
        (void)read(bytes, {}, sink);
        if (sink.misuses != 0)
            __builtin_trap();
    }
    return 0;
}
