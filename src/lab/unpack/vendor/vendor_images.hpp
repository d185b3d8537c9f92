#pragma once
// Headers that vendors put in front of (or behind) what their devices flash, in own code, split in the parent. Each function reads one
// header; vendor_formats.cpp says where it is looked for. Layouts are facts taken from the sources that each .cpp names.

#include "unpack/vendor/vendor_image.hpp"

namespace shirushi::unpack {

// trx.cpp
std::optional<VendorImage> trx_image(Bytes bytes);
std::optional<VendorImage> zytrx_image(Bytes bytes);
// netgear.cpp
std::optional<VendorImage> chk_image(Bytes bytes);
std::optional<VendorImage> dni_image(Bytes bytes);
std::optional<VendorImage> sercomm_image(Bytes bytes);
// seama.cpp
std::optional<VendorImage> seama_image(Bytes bytes);
// wrg.cpp
std::optional<VendorImage> wrg_image(Bytes bytes);
std::optional<VendorImage> wrgg_image(Bytes bytes);
// dlink.cpp
std::optional<VendorImage> jboot_image(Bytes bytes);
std::optional<VendorImage> dlink_tlv_image(Bytes bytes);
std::optional<VendorImage> mh01_image(Bytes bytes);
std::optional<VendorImage> dkbs_image(Bytes bytes);
std::optional<VendorImage> packimg_image(Bytes bytes);
std::optional<VendorImage> fpkg_image(Bytes bytes);
std::optional<VendorImage> deafbead_image(Bytes bytes);
// tplink.cpp
std::optional<VendorImage> tplink1_image(Bytes bytes);
std::optional<VendorImage> tplink2_image(Bytes bytes);
std::optional<VendorImage> safeloader_image(Bytes bytes);
std::optional<VendorImage> tplink_rtos_image(Bytes bytes);
// zyxel.cpp
std::optional<VendorImage> zynos_image(Bytes bytes);
std::optional<VendorImage> ras_image(Bytes bytes);
std::optional<VendorImage> znbg_image(Bytes bytes);
// linksys.cpp
std::optional<VendorImage> linksys_header_image(Bytes bytes);
std::optional<VendorImage> linksys_footer_image(Bytes bytes);
// broadcom.cpp
std::optional<VendorImage> bcm963xx_image(Bytes bytes);
std::optional<VendorImage> wfi_image(Bytes bytes);
// realtek.cpp
std::optional<VendorImage> realtek_image(Bytes bytes);
std::optional<VendorImage> csys_image(Bytes bytes);
std::optional<VendorImage> rtk0_image(Bytes bytes);
// qualcomm.cpp
std::optional<VendorImage> mbn_image(Bytes bytes);
std::optional<VendorImage> sbl_image(Bytes bytes);
std::optional<VendorImage> qualcomm_elf_image(Bytes bytes);
// ubiquiti.cpp
std::optional<VendorImage> ubnt_image(Bytes bytes);
// xiaomi.cpp
std::optional<VendorImage> xiaomi_image(Bytes bytes);
// huawei_zte.cpp
std::optional<VendorImage> hwnp_image(Bytes bytes);
std::optional<VendorImage> zte_image(Bytes bytes);
// tables.cpp
std::optional<VendorImage> bneg_image(Bytes bytes);
std::optional<VendorImage> hp_bdl_image(Bytes bytes);
std::optional<VendorImage> hp_ipkg_image(Bytes bytes);
std::optional<VendorImage> moxa_image(Bytes bytes);
// footers.cpp
std::optional<VendorImage> brn_image(Bytes bytes);
std::optional<VendorImage> qnap_image(Bytes bytes);
std::optional<VendorImage> autel_image(Bytes bytes);

}  // namespace shirushi::unpack
