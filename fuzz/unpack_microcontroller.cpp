// DFU, DfuSe, Espressif's images, tables and flash dumps, MCUboot, Cortex-M, Matter's and Zigbee's updates: identification and splitting. NVS: reading.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    struct Pair {
        Identify identify;
        Splitter split;
    };
    const Bytes bytes(data, size);
    for (const auto& [identify, split] : {Pair{identify_dfu, split_dfu}, Pair{identify_dfuse, split_dfuse}, Pair{identify_esp_image, split_esp_image}, Pair{identify_esp_flash, split_esp_flash},
                                          Pair{identify_esp_partition_table, nullptr}, Pair{identify_mcuboot, split_mcuboot}, Pair{identify_cortex_m, split_cortex_m}, Pair{identify_matter_ota, split_matter_ota},
                                          Pair{identify_zigbee_ota, split_zigbee_ota}, Pair{identify_esp_nvs, nullptr}}) {
        const auto found = identify(bytes);
        if (found && found->size > size)
            __builtin_trap();
        if (found && split != nullptr && !split(clipped(bytes, 0, found->size)))
            __builtin_trap();  // what was identified must split, if only into nothing
    }
    CollectingSink sink;
    (void)read_esp_nvs(bytes, {}, sink);
    if (sink.misuses != 0)
        __builtin_trap();
    return 0;
}
