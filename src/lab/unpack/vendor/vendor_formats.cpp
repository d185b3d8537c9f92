#include "unpack/vendor/vendor_formats.hpp"

#include "unpack/vendor/decoded_images.hpp"
#include "unpack/vendor/dlink_encrypted.hpp"
#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kAny = UINT32_MAX;
constexpr std::uint32_t kLists = 256;  // for those whose identify goes through a list of any length
constexpr std::uint32_t kSums = 64;    // for those whose identify sums up what they claim before they are believed

template <VendorParser parse>
Format split_format(std::string_view name, std::vector<Magic> magics, std::uint32_t walks = kAny) {
    return {.name = name, .magics = std::move(magics), .identify = identify_as<parse>, .split = split_as<parse>, .walks = walks};
}

Format decoded_format(std::string_view name, std::vector<Magic> magics, Identify identify, Decoder decode, std::uint32_t walks = kAny) {
    return {.name = name, .magics = std::move(magics), .identify = identify, .decode = decode, .walks = walks};
}

std::vector<Magic> encimg_magics() {
    return {{"\x35\x66\x6f\x68\xef\x1a"}, {"\x68\x01\xcc\xfb\xad\x6b"}, {"\xdf\x8c\x39\x0d\x22\xb4"}, {"\xf5\x2a\xa0\xb4\x92\x53"},
            {"\x21\xdd\xda\0\x99\xd8"sv}, {"\xe3\x13\0\x5b\x76\xdf"sv}, {"\x0a\x14\xe4\x24\xff\x0f"}, {"\x4c\x1b\x95\xaf\x93\x72"},
            {"\x98\x9c\x3c\x2c\x6b\x19"}, {"\x3d\xe6\x02\x63\x3f\xc1"}, {"\x8e\x69\x57\xe7\x76\x09"}, {"\x92\x61\x58\x58\x14\xdb"},
            {"\xcb\xc3\xa7\x4c\x50\x0f"}, {"\x91\x5a\xc9\xa2\x11\xff"}};
}

}  // namespace

const std::vector<Format>& vendor_formats() {
    static const std::vector<Format> kFormats{
        // Known by their end, or without a magic: only at the beginning of a node.
        split_format<linksys_footer_image>("linksys-footer", {}),
        split_format<wfi_image>("broadcom-wfi", {}),
        split_format<brn_image>("brn", {}),
        split_format<qnap_image>("qnap", {}),
        split_format<znbg_image>("zyxel-znbg", {}),
        split_format<ras_image>("zyxel-ras", {}),
        split_format<mbn_image>("qualcomm-mbn", {}),
        split_format<bcm963xx_image>("bcm963xx", {}),  // with a company's own signature

        // Known by their beginning.
        split_format<trx_image>("trx", {{"HDR0"}}),
        split_format<zytrx_image>("zyxel-trx", {{"0RDH"}}),
        split_format<chk_image>("chk", {{"*#$^"}}),
        split_format<dni_image>("netgear-dni", {{"device:"}}),
        split_format<sercomm_image>("sercomm", {{"sErCoMm"}}),
        split_format<seama_image>("seama", {{"\x5e\xa3\xa4\x17"}, {"\x17\xa4\xa3\x5e"}}),
        decoded_format("wrgg-encrypted", {{"\x21\x03\x08\x20\x21\x03\x08\x20", 32}}, identify_encrypted_wrgg, read_encrypted_wrgg),
        split_format<wrgg_image>("wrgg", {{"\x21\x03\x08\x20\x21\x03\x08\x20", 32}}),
        split_format<wrg_image>("wrg", {{"\x20\x02\x04\x20\x20\x02\x04\x20", 32}, {"\x20\x04\x02\x20\x20\x04\x02\x20", 32}}),
        decoded_format("shrs", {{"SHRS"}}, identify_shrs, read_shrs),
        decoded_format("encrpted-img", {{"encrpted_img"}}, identify_encrpted_img, read_encrpted_img),
        decoded_format("encimg", encimg_magics(), identify_encimg, read_encimg),
        split_format<jboot_image>("jboot", {{"\x42\x48\x02\0"sv, 64}}),
        split_format<dlink_tlv_image>("dlink-tlv", {{"\x64\x80\x19\x40"}}),
        split_format<mh01_image>("mh01", {{"MH01"}}),
        split_format<dkbs_image>("dkbs", {{"_dkbs_", 7}}),
        split_format<packimg_image>("packimg", {{"--PaCkImGs--"}}),
        split_format<fpkg_image>("fpkg", {{"FPKG\1\0\0\0"sv}, {"CPKG\1\0\0\0"sv}}, kLists),
        split_format<deafbead_image>("deafbead", {{"\xde\xaf\xbe\xad"}}, kLists),
        split_format<safeloader_image>("tplink-safeloader", {{"fwup-ptn ", 0x1014}}, 4096),
        split_format<tplink1_image>(
            "tplink", {{"\x01\0\0\0TP-LINK"sv}, {"\x02\0\0\0TP-LINK"sv}, {"\x01\0\0\0OpenWrt"sv}, {"\x02\0\0\0OpenWrt"sv}}, kSums),
        split_format<tplink2_image>("tplink", {{"\x55\xaa", 0x8c}}),
        split_format<tplink_rtos_image>("tplink-rtos", {{"IMG0", 20}}),
        split_format<zynos_image>("zynos", {{"SIG", 6}}),
        split_format<linksys_header_image>("linksys", {{"U2ND", 14}}),
        split_format<bcm963xx_image>("bcm963xx", {{"Broadcom Corporatio", 4}, {"OpenWRT BCM963xx", 4}}),
        split_format<realtek_image>(
            "realtek", {{"cs6b"}, {"cs6c"}, {"csys"}, {"cr6b"}, {"cr6c"}, {"csro"}, {"r6br"}, {"r6cr"}, {"w6bg"}, {"w6cg"}, {"w6cp"}}),
        split_format<csys_image>("csys", {{"CSYS"}}, kSums),
        split_format<rtk0_image>("rtk0", {{"RTK0"}}),
        split_format<sbl_image>("qualcomm-sbl", {{"\xd1\xdc\x4b\x84\x34\x10\xd7\x73"}}),
        split_format<qualcomm_elf_image>("qualcomm-elf", {{"\x7f"
                                                           "ELF"}}),
        split_format<ubnt_image>("ubnt", {{"UBNT"}, {"OPEN"}, {"GEOS"}}),
        split_format<xiaomi_image>("xiaomi", {{"HDR1"}, {"HDR2"}}),
        split_format<hwnp_image>("hwnp", {{"HWNP"}}, kLists),
        split_format<zte_image>("zte", {{"\x99\x99\x99\x99\x44\x44\x44\x44\x55\x55\x55\x55\xaa\xaa\xaa\xaa"}}),
        decoded_format("npk", {{"\x1e\xf1\xd0\xba"}}, identify_npk, read_npk, kLists),
        decoded_format("senao", {{"\x12\x34\x56\x78", 0x5c}}, identify_senao, read_senao),
        decoded_format("buffalo", {{"start\0"sv}, {"asar1\0"sv}}, identify_buffalo, read_buffalo),
        decoded_format("instar-zip", {{"PK\x03\x07"}}, identify_instar_zip, read_instar_zip, kSums),
        decoded_format("dahua-zip", {{"DH\x03\x04"}}, identify_dahua_zip, read_dahua_zip, kSums),
        split_format<bneg_image>("bneg", {{"BNEG"}}),
        split_format<hp_bdl_image>("hp-bdl", {{"ibdl\1\0\1\0"sv}}, kLists),
        split_format<hp_ipkg_image>("hp-ipkg", {{"ipkg\1\0\3\0"sv}}, kLists),
        split_format<moxa_image>("moxa", {{"*FRM"}}, kLists),
        split_format<autel_image>("autel", {{"ECC0101\0"sv}}),
    };
    return kFormats;
}

}  // namespace shirushi::unpack
