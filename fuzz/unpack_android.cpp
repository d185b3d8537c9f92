// Boot and vendor boot images, verified boot, sparse images, dynamic partitions, and updates of Rockchip and Allwinner.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/android/android_images.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    struct Pair {
        Identify identify;
        Splitter split;
    };
    const Bytes bytes(data, size);
    for (const auto& [identify, split] : {Pair{identify_android_boot, split_android_boot}, Pair{identify_android_vendor_boot, split_android_vendor_boot}, Pair{identify_android_vbmeta, nullptr},
                                          Pair{identify_android_avb_footer, nullptr}, Pair{identify_android_sparse, nullptr}, Pair{identify_android_super, nullptr},
                                          Pair{identify_rockchip_firmware, split_rockchip_firmware}, Pair{identify_rockchip_update, split_rockchip_update}, Pair{identify_allwinner, split_allwinner}}) {
        const auto found = identify(bytes);
        if (found && found->size > size)
            __builtin_trap();
        if (found && split != nullptr && !split(bytes))
            __builtin_trap();
    }
    for (const Decoder decode : {read_android_sparse, read_android_super}) {
        CollectingSink sink(std::uint64_t{4} << 20);
        (void)decode(bytes, {}, sink);
        if (sink.misuses != 0)
            __builtin_trap();
    }
    return 0;
}
