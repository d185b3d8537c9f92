#include "unpack/boot/boot_formats.hpp"

#include "unpack/boot/boot_images.hpp"
#include "unpack/boot/efi_program.hpp"
#include "unpack/boot/environment.hpp"
#include "unpack/boot/flat_program.hpp"
#include "unpack/boot/linux_images.hpp"
#include "unpack/boot/redboot_fis.hpp"
#include "unpack/boot/uefi.hpp"
#include "unpack/locate.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

/// Names that U-Boot sets itself on nearly every board.
std::vector<Magic> environment_magics() { return {{"bootcmd="}, {"bootargs="}, {"bootdelay="}, {"baudrate="}, {"ethaddr="}, {"ipaddr="}, {"serverip="}, {"mtdparts="}, {"loadaddr="}}; }

/// The first halves of the capsules' GUIDs, in the order of kKinds in uefi_capsule.cpp.
std::vector<Magic> capsule_magics() {
    return {{"\xed\xd5\xcb\x6d\x2d\xe8\x44\x4c"}, {"\xbd\x86\x66\x3b\x76\x0d\x30\x40"}, {"\xb9\x82\x91\x53\xb5\xab\x91\x43"}, {"\x8b\xa6\x3c\x4a\x23\x77\xfb\x48"},
            {"\x90\xbb\xee\x14\x0a\x89\xdb\x43"}, {"\x62\x70\xe0\x3b\x51\x1d\xd2\x45"}, {"\xd3\xaf\x0b\xe2\x14\x99\x4f\x4f"}, {"\x62\x81\x8c\x3b\x8c\x18\xa4\x46"}};
}

}  // namespace

const std::vector<Format>& boot_formats() {
    static const std::vector<Format> kFormats{
        {.name = "uimage", .magics = {{"\x27\x05\x19\x56"}}, .identify = identify_uimage, .split = split_uimage},
        {.name = "fit", .magics = {{"\xd0\x0d\xfe\xed"}}, .identify = identify_fit, .split = split_fit, .walks = 256},
        {.name = "dtb", .magics = {{"\xd0\x0d\xfe\xed"}}, .identify = identify_device_tree, .walks = 256},
        {.name = "zimage", .magics = {{"\x18\x28\x6f\x01", 0x24}, {"\x01\x6f\x28\x18", 0x24}}, .identify = identify_zimage, .split = split_zimage, .walks = 256},
        {.name = "bzimage", .magics = {{"HdrS", 0x202}}, .identify = identify_bzimage, .split = split_bzimage},
        {.name = "linux-image", .magics = {{"ARM\x64", 0x38}, {"RSC\x05", 0x38}}, .identify = identify_linux_image, .split = split_linux_image},
        {.name = "efi-zboot", .magics = {{"zimg", 4}}, .identify = identify_zboot, .split = split_zboot},
        {.name = "efi-program", .magics = {{"MZ"}}, .identify = identify_efi_program, .split = split_efi_program},  // behind the kernels that are one
        {.name = "bflt", .magics = {{"bFLT"}}, .identify = identify_flat_program, .split = split_flat_program},
        {.name = "bflt", .magics = {{"bFLT"}}, .identify = identify_packed_flat_program, .decode = read_packed_flat_program},
        {.name = "kernel-config", .magics = {{"IKCFG_ST"}}, .identify = identify_kernel_config, .decode = read_kernel_config, .walks = 64},
        {.name = "uboot-environment", .magics = environment_magics(), .identify = identify_environment, .decode = read_environment, .walks = 512},
        {.name = "uboot-environment", .magics = environment_magics(), .identify = identify_environment_defaults, .decode = read_environment_defaults, .walks = 64},
        {.name = "broadcom-nvram", .magics = {{"FLSH"}}, .identify = identify_broadcom_nvram, .decode = read_broadcom_nvram, .walks = 64},
        {.name = "redboot-fis", .magics = {{"FIS directory\0\0\0"sv}}, .identify = identify_fis},
        {.name = "firmware-volume", .magics = {{"_FVH", 40}}, .identify = identify_firmware_volume, .decode = read_firmware_volume},
        {.name = "uefi-capsule", .magics = capsule_magics(), .identify = identify_capsule, .split = split_capsule},
        {.name = "intel-flash", .magics = {{"\x5a\xa5\xf0\x0f", 16}}, .identify = identify_flash_descriptor, .split = split_flash_descriptor},
    };
    return kFormats;
}

Locate locate_of(Identify identify) {
    if (identify == identify_environment)
        return locate_environment;
    if (identify == identify_environment_defaults)
        return locate_environment_defaults;
    return identify == identify_fis ? locate_fis : nullptr;
}

}  // namespace shirushi::unpack
