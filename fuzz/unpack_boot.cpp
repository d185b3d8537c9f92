// What boot loaders read and leave behind: kernels, environments, image trees, partition tables. Identification and splitters run
// in the parent process, so they must be safe without a child.

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/boot/boot_images.hpp"
#include "unpack/boot/efi_program.hpp"
#include "unpack/boot/environment.hpp"
#include "unpack/boot/flat_program.hpp"
#include "unpack/boot/linux_images.hpp"
#include "unpack/boot/redboot_fis.hpp"
#include "unpack/partitions.hpp"

namespace {

using namespace shirushi;
using namespace shirushi::unpack;

void look_at(Bytes bytes, Identify identify, Splitter split, Decoder decode) {
    const auto found = identify(bytes);
    if (!found)
        return;
    if (found->size > bytes.size())
        __builtin_trap();
    if (split != nullptr)
        (void)split(bytes.first(found->size));
    if (decode == nullptr)
        return;
    CollectingSink sink(std::uint64_t{4} << 20);
    (void)decode(bytes.first(found->size), {}, sink);
    if (sink.misuses != 0)
        __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes(data, size);
    look_at(bytes, identify_zimage, split_zimage, nullptr);
    look_at(bytes, identify_bzimage, split_bzimage, nullptr);
    look_at(bytes, identify_linux_image, split_linux_image, nullptr);
    look_at(bytes, identify_zboot, split_zboot, nullptr);
    look_at(bytes, identify_efi_program, split_efi_program, nullptr);
    look_at(bytes, identify_flat_program, split_flat_program, nullptr);
    look_at(bytes, identify_packed_flat_program, nullptr, read_packed_flat_program);
    look_at(bytes, identify_kernel_config, nullptr, read_kernel_config);
    look_at(bytes, identify_uimage, split_uimage, nullptr);
    look_at(bytes, identify_fit, split_fit, nullptr);
    look_at(bytes, identify_device_tree, nullptr, nullptr);
    look_at(bytes, identify_environment, nullptr, read_environment);
    look_at(bytes, identify_environment_defaults, nullptr, read_environment_defaults);
    look_at(bytes, identify_broadcom_nvram, nullptr, read_broadcom_nvram);
    look_at(bytes, identify_fis, nullptr, nullptr);
    std::vector<std::uint64_t> starts;
    const std::uint64_t at = as_text(bytes).find("boot");
    if (at < size) {
        locate_environment(bytes, at, starts);
        locate_environment_defaults(bytes, at, starts);
        locate_fis(bytes, at, starts);
        for (const std::uint64_t start : starts)
            if (start > at || at - start > kLocateReach)
                __builtin_trap();
    }
    (void)partitions_of_command_line(as_text(bytes));
    (void)partitions_of_device_tree(bytes);
    (void)partitions_of_fis(bytes);
    return 0;
}
