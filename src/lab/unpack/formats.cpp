#include "unpack/formats.hpp"

#include "unpack/android/android_images.hpp"
#include "unpack/archives/alpine_package.hpp"
#include "unpack/archives/archives.hpp"
#include "unpack/archives/rauc.hpp"
#include "unpack/archives/rpm.hpp"
#include "unpack/archives/signed_message.hpp"
#include "unpack/boot/boot_formats.hpp"
#include "unpack/disks/encrypted_volumes.hpp"
#include "unpack/disks/partition_tables.hpp"
#include "unpack/filesystems/erofs.hpp"
#include "unpack/filesystems/exfat.hpp"
#include "unpack/filesystems/ext.hpp"
#include "unpack/filesystems/f2fs.hpp"
#include "unpack/filesystems/fat.hpp"
#include "unpack/filesystems/iso9660.hpp"
#include "unpack/filesystems/jffs2.hpp"
#include "unpack/filesystems/minifs.hpp"
#include "unpack/filesystems/minix.hpp"
#include "unpack/filesystems/ntfs.hpp"
#include "unpack/filesystems/small_filesystems.hpp"
#include "unpack/filesystems/squashfs.hpp"
#include "unpack/filesystems/ubi.hpp"
#include "unpack/filesystems/ubifs.hpp"
#include "unpack/filesystems/yaffs.hpp"
#include "unpack/microcontroller/small_file_systems.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"
#include "unpack/streams/compressed.hpp"
#include "unpack/vendor/vendor_formats.hpp"

namespace shirushi::unpack {

using namespace std::string_view_literals;

namespace {

/// Headers of vendors: vendor/vendor_formats.cpp; of boot loaders: boot/boot_formats.cpp.
const std::vector<Format>& common_formats() {
    static const std::vector<Format> kFormats{
        // Memory contents of microcontrollers.
        {.name = "intel-hex", .identify = identify_intel_hex, .decode = read_intel_hex},
        {.name = "s-record", .identify = identify_s_record, .decode = read_s_record},
        {.name = "uf2", .magics = {{"UF2\n\x57\x51\x5d\x9e"}}, .identify = identify_uf2, .decode = read_uf2},
        {.name = "esp-flash",
         .magics = {{"\xaa\x50", 0x8000}, {"\xaa\x50", 0x9000}, {"\xaa\x50", 0xa000}, {"\xaa\x50", 0xc000}, {"\xaa\x50", 0xd000}, {"\xaa\x50", 0x10000}},
         .identify = identify_esp_flash,
         .split = split_esp_flash},
        {.name = "esp-partition-table", .magics = {{"\xaa\x50"}}, .identify = identify_esp_partition_table},
        {.name = "esp-image",
         .magics = {{"\xe9\x01"}, {"\xe9\x02"}, {"\xe9\x03"}, {"\xe9\x04"}, {"\xe9\x05"}, {"\xe9\x06"}, {"\xe9\x07"}, {"\xe9\x08"}, {"\xe9\x09"}, {"\xe9\x0a"},
                    {"\xe9\x0b"}, {"\xe9\x0c"}, {"\xe9\x0d"}, {"\xe9\x0e"}, {"\xe9\x0f"}, {"\xe9\x10"}, {"\xea\x04"}},
         .identify = identify_esp_image,
         .split = split_esp_image},
        {.name = "esp-nvs", .magics = {{"\xfe\xff\xff\xff"}, {"\xfc\xff\xff\xff"}, {"\xf8\xff\xff\xff"}}, .identify = identify_esp_nvs, .decode = read_esp_nvs},
        {.name = "mcuboot", .magics = {{"\x3d\xb8\xf3\x96"}}, .identify = identify_mcuboot, .split = split_mcuboot},
        {.name = "matter-ota", .magics = {{"\x1e\xf1\xee\x1b"}}, .identify = identify_matter_ota, .split = split_matter_ota},
        {.name = "zigbee-ota", .magics = {{"\x1e\xf1\xee\x0b"}}, .identify = identify_zigbee_ota, .split = split_zigbee_ota},
        {.name = "windows-ce", .magics = {{"B000FF\n"}}, .identify = identify_windows_ce, .decode = read_windows_ce, .walks = 64},
        {.name = "littlefs", .magics = {{"littlefs", 8}}, .identify = identify_littlefs, .decode = read_littlefs},
        {.name = "dfuse", .magics = {{"DfuSe\x01"}}, .identify = identify_dfuse, .split = split_dfuse},

        // Android.
        {.name = "android-boot", .magics = {{"ANDROID!"}}, .identify = identify_android_boot, .split = split_android_boot},
        {.name = "android-vendor-boot", .magics = {{"VNDRBOOT"}}, .identify = identify_android_vendor_boot, .split = split_android_vendor_boot},
        {.name = "android-sparse", .magics = {{"\x3a\xff\x26\xed"}}, .identify = identify_android_sparse, .decode = read_android_sparse},
        {.name = "android-payload", .magics = {{"CrAU"}}, .identify = identify_android_payload, .decode = read_android_payload, .shares = 4},
        {.name = "android-vbmeta", .magics = {{"AVB0"}}, .identify = identify_android_vbmeta},
        {.name = "android-avb-footer", .magics = {{"AVBf"}}, .identify = identify_android_avb_footer},
        {.name = "android-super", .magics = {{"gDla", 4096}}, .identify = identify_android_super, .decode = read_android_super, .shares = 4},
        {.name = "rockchip-firmware", .magics = {{"RKFW"}}, .identify = identify_rockchip_firmware, .split = split_rockchip_firmware},
        {.name = "rockchip-update", .magics = {{"RKAF"}}, .identify = identify_rockchip_update, .split = split_rockchip_update},
        {.name = "allwinner", .magics = {{"IMAGEWTY"}}, .identify = identify_allwinner, .split = split_allwinner},

        // Encrypted with a password: said.
        {.name = "luks", .magics = {{"LUKS\xba\xbe"}}, .identify = identify_luks},
        {.name = "openssl-enc", .identify = identify_openssl_encrypted},

        // File systems, behind the update bundles that begin with one.
        {.name = "rauc", .magics = {{"hsqs"}}, .identify = identify_rauc, .split = split_rauc},
        {.name = "rauc", .identify = identify_rauc, .split = split_rauc},
        {.name = "squashfs", .magics = {{"hsqs"}, {"sqsh"}, {"shsq"}, {"qshs"}, {"tqsh"}, {"hsqt"}, {"sqlz"}}, .identify = identify_squashfs, .decode = read_squashfs, .shares = 16},
        {.name = "cramfs", .magics = {{"\x45\x3d\xcd\x28"}, {"\x28\xcd\x3d\x45"}, {"\x45\x3d\xcd\x28", 512}, {"\x28\xcd\x3d\x45", 512}}, .identify = identify_cramfs, .decode = read_cramfs},
        {.name = "romfs", .magics = {{"-rom1fs-"}}, .identify = identify_romfs, .decode = read_romfs},
        {.name = "minifs", .magics = {{"MINIFS\0\0"sv}}, .identify = identify_minifs, .decode = read_minifs, .walks = 64},
        {.name = "f2fs", .magics = {{"\x10\x20\xf5\xf2", 1024}}, .identify = identify_f2fs, .decode = read_f2fs},
        {.name = "erofs", .magics = {{"\xe2\xe1\xf5\xe0", 1024}}, .identify = identify_erofs, .decode = read_erofs, .shares = 16},
        {.name = "ext", .magics = {{"\x53\xef", 1080}}, .identify = identify_ext, .decode = read_ext},
        {.name = "exfat", .magics = {{"EXFAT   ", 3}, {"EXFAT   ", 6147}}, .identify = identify_exfat, .decode = read_exfat},
        {.name = "iso9660", .magics = {{"CD001", 32769}}, .identify = identify_iso9660, .decode = read_iso9660},
        {.name = "minix",
         .magics = {{"\x7f\x13", 1040}, {"\x8f\x13", 1040}, {"\x68\x24", 1040}, {"\x78\x24", 1040}, {"\x5a\x4d", 1048},
                    {"\x13\x7f", 1040}, {"\x13\x8f", 1040}, {"\x24\x68", 1040}, {"\x24\x78", 1040}, {"\x4d\x5a", 1048}},
         .identify = identify_minix, .decode = read_minix},
        {.name = "ntfs", .magics = {{"NTFS    ", 3}}, .identify = identify_ntfs, .decode = read_ntfs},
        {.name = "fat", .magics = {{"\x55\xaa", 510}, {"FAT1", 54}, {"FAT32", 82}, {"\x55\xaa", 3582}}, .identify = identify_fat, .decode = read_fat},

        // Partition tables: behind the file systems, whose boot sectors look like them.
        {.name = "gpt", .magics = {{"EFI PART", 512}, {"EFI PART", 4096}, {"\x55\xaa", 510}}, .identify = identify_gpt, .split = split_gpt},
        {.name = "mbr", .magics = {{"\x55\xaa", 510}}, .identify = identify_mbr, .split = split_mbr},

        // File systems and volumes of raw flash.
        {.name = "jffs2",
         .magics = {{"\x85\x19\x01\xe0"}, {"\x85\x19\x02\xe0"}, {"\x85\x19\x03\x20"}, {"\x85\x19\x04\x20"}, {"\x85\x19\x08\xe0"},
                    {"\x19\x85\xe0\x01"}, {"\x19\x85\xe0\x02"}, {"\x19\x85\x20\x03"}, {"\x19\x85\x20\x04"}, {"\x19\x85\xe0\x08"}},
         .identify = identify_jffs2, .decode = read_jffs2, .walks = 256},
        {.name = "ubi", .magics = {{"UBI#\x01"}}, .identify = identify_ubi, .decode = read_ubi, .walks = 256},
        {.name = "ubifs", .magics = {{"\x31\x18\x10\x06"}}, .identify = identify_ubifs, .decode = read_ubifs},
        // The header of an object in the root directory, in both byte orders; a dump that starts with another page is tried as a whole.
        {.name = "yaffs",
         .magics = {{"\x03\0\0\0\x01\0\0\0\xff\xff"sv}, {"\x01\0\0\0\x01\0\0\0\xff\xff"sv}, {"\x02\0\0\0\x01\0\0\0\xff\xff"sv},
                    {"\x03\0\0\0\x01\xff\xff"sv, 3}, {"\x01\0\0\0\x01\xff\xff"sv, 3}, {"\x02\0\0\0\x01\xff\xff"sv, 3}},
         .identify = identify_yaffs, .decode = read_yaffs, .walks = 256},
        {.name = "yaffs", .magics = {}, .identify = identify_yaffs_dump, .decode = read_yaffs},

        // Archives.
        {.name = "tar", .magics = {{"ustar", 257}}, .identify = identify_tar, .decode = read_tar},
        {.name = "cpio", .magics = {{"070701"}, {"070702"}, {"070707"}}, .identify = identify_cpio, .decode = read_cpio},
        {.name = "zip", .magics = {{"PK\x03\x04"}}, .identify = identify_zip, .decode = read_zip, .shares = 16, .walks = 64},
        {.name = "7z", .magics = {{"7z\xbc\xaf\x27\x1c"}}, .identify = identify_seven_zip, .decode = read_seven_zip},
        {.name = "cab", .magics = {{"MSCF\0\0\0\0"sv}}, .identify = identify_cab, .decode = read_cab},
        {.name = "lzh", .magics = {{"-lh", 2}, {"-lz", 2}}, .identify = identify_lzh, .decode = read_lzh},
        {.name = "rar", .magics = {{"Rar!\x1a\x07"}}, .identify = identify_rar, .decode = read_rar},
        {.name = "arj", .magics = {{"\x60\xea"}}, .identify = identify_arj, .decode = read_arj},
        {.name = "apk-v3", .magics = {{"ADB.pckg"}, {"ADB.indx"}}, .identify = identify_apk_v3, .decode = read_apk_v3},
        {.name = "apk-v3", .magics = {{"ADBd"}, {"ADBc"}}, .identify = identify_packed_apk_v3, .decode = read_packed_apk_v3},
        {.name = "tar", .identify = identify_old_tar, .decode = read_tar},
        {.name = "rpm", .magics = {{"\xed\xab\xee\xdb"}}, .identify = identify_rpm, .split = split_rpm},
        {.name = "cms", .identify = identify_signed_message},
        {.name = "ar", .magics = {{"!<arch>\n"}}, .identify = identify_ar, .decode = read_ar},

        // Compressed streams.
        {.name = "gzip", .magics = {{"\x1f\x8b\x08"}}, .identify = identify_gzip, .decode = read_gzip},
        {.name = "xz", .magics = {{"\xfd" "7zXZ\0"sv}}, .identify = identify_xz, .decode = read_xz},
        {.name = "bzip2", .magics = {{"BZh"}}, .identify = identify_bzip2, .decode = read_bzip2},
        {.name = "zstd", .magics = {{"\x28\xb5\x2f\xfd"}, {"\x50\x2a\x4d\x18"}}, .identify = identify_zstd, .decode = read_zstd},
        {.name = "lz4", .magics = {{"\x04\x22\x4d\x18"}}, .identify = identify_lz4, .decode = read_lz4},
        {.name = "lz4-legacy", .magics = {{"\x02\x21\x4c\x18"}}, .identify = identify_lz4_legacy, .decode = read_lz4_legacy},

        {.name = "lzip", .magics = {{"LZIP"}}, .identify = identify_lzip, .decode = read_lzip},
        {.name = "lzop", .magics = {{"\x89LZO\0\r\n\x1a\n"sv}}, .identify = identify_lzop, .decode = read_lzop},
        {.name = "compress", .identify = identify_compress, .decode = read_compress},
        {.name = "zlib", .magics = {{"\x78\x9c"}, {"\x78\xda"}, {"\x78\x01"}, {"\x78\x5e"}}, .identify = identify_zlib, .decode = read_zlib},
        {.name = "brotli", .suffix = ".br", .identify = identify_brotli, .decode = read_brotli},

        // Last: those with the weakest magics. LZMA: lc/lp/pb as the SDK, OpenWrt and 7-Zip's low-memory setting choose them.
        {.name = "lzma", .magics = {{"\x5d\0\0"sv}, {"\x6d\0\0"sv}, {"\x5e\0\0"sv}, {"\x2c\0\0"sv}}, .identify = identify_lzma, .decode = read_lzma},
        {.name = "spiffs", .identify = identify_spiffs, .decode = read_spiffs},
        {.name = "cortex-m", .identify = identify_cortex_m, .split = split_cortex_m},
        {.name = "cpio", .magics = {{"\xc7\x71"}, {"\x71\xc7"}}, .identify = identify_cpio_binary, .decode = read_cpio},
    };
    return kFormats;
}

}  // namespace

const std::vector<Format>& formats() {
    static const std::vector<Format> kFormats = [] {
        std::vector<Format> all = vendor_formats();
        // Known by its end: before whatever its content begins with.
        all.push_back({.name = "dfu", .identify = identify_dfu, .split = split_dfu});
        all.insert(all.end(), boot_formats().begin(), boot_formats().end());
        all.insert(all.end(), common_formats().begin(), common_formats().end());
        return all;
    }();
    return kFormats;
}

}  // namespace shirushi::unpack
