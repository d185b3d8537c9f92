#pragma once
// What Android devices boot from and are updated with. Sources: the Android Open Source Project's documentation ("Boot image header",
// "Vendor boot partitions", "Android Verified Boot 2.0"), and the layouts published in bootimg.h, sparse_format.h, update_metadata.proto
// and metadata_format.h (liblp).
//
// Errors: bad_input with what is damaged; unsupported, where an update changes an older image that is not here.

#include <optional>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

/// boot, recovery, init_boot: versions 0 to 4.
std::optional<FoundContainer> identify_android_boot(Bytes bytes);
Result<Parts> split_android_boot(Bytes bytes);
/// vendor_boot: versions 3 and 4.
std::optional<FoundContainer> identify_android_vendor_boot(Bytes bytes);
Result<Parts> split_android_vendor_boot(Bytes bytes);

/// Blocks that are given, filled or left out, as fastboot takes them: decoded to what lies on the device, with zeros for what is left out.
std::optional<FoundContainer> identify_android_sparse(Bytes bytes);
Result<void> read_android_sparse(Bytes bytes, Share share, Sink& sink);

/// payload.bin of an over-the-air update: each partition is a stream.
std::optional<FoundContainer> identify_android_payload(Bytes bytes);
Result<void> read_android_payload(Bytes bytes, Share share, Sink& sink);

/// What is said of partitions for verified boot, and the footer that points at it. Nothing lies inside.
std::optional<FoundContainer> identify_android_vbmeta(Bytes bytes);
std::optional<FoundContainer> identify_android_avb_footer(Bytes bytes);

/// A "super" partition: logical partitions pieced together from extents.
std::optional<FoundContainer> identify_android_super(Bytes bytes);
Result<void> read_android_super(Bytes bytes, Share share, Sink& sink);

// Updates for the flashing tools of Rockchip (RKFW around RKAF) and Allwinner (IMAGEWTY), after rockchip-mkbootimg's rkrom.h and
// rkafp.h, and OpenixCard's description of IMAGEWTY. (The kind whose header is encrypted, too, has no mark and is not recognised.)
std::optional<FoundContainer> identify_rockchip_firmware(Bytes bytes);
Result<Parts> split_rockchip_firmware(Bytes bytes);
std::optional<FoundContainer> identify_rockchip_update(Bytes bytes);
Result<Parts> split_rockchip_update(Bytes bytes);
std::optional<FoundContainer> identify_allwinner(Bytes bytes);
Result<Parts> split_allwinner(Bytes bytes);

}  // namespace shirushi::unpack
