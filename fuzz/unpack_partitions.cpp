// Master boot records and GPT: identification and splitting. Encrypted volumes: identification.

#include <utility>

#include "unpack/disks/encrypted_volumes.hpp"
#include "unpack/disks/partition_tables.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    for (const auto& [identify, split] : {std::pair{&identify_mbr, &split_mbr}, std::pair{&identify_gpt, &split_gpt}}) {
        const auto found = identify(bytes);
        const auto parts = split(bytes);
        if (found.has_value() != parts.has_value() || (found && found->size > size))
            __builtin_trap();
        if (parts && parts->parts.size() > 5000)
            __builtin_trap();
    }
    for (const auto& found : {identify_luks(bytes), identify_openssl_encrypted(bytes)})
        if (found && found->size > size)
            __builtin_trap();
    (void)partitions_of(bytes);
    return 0;
}
