#pragma once
// tar and cpio archives that are more than that: update bundles and packages, told by their members' names. Sources: SWUpdate
// 2022.12's documentation, "SWUpdate: syntax and tags with the default parser" and "Update images from verified source" (.swu);
// Mender's documentation, "Artifact format" (.mender); opkg's README (.ipk); Alpine's wiki, "Apk spec" (.apk, version 2); OpenWrt's
// package/base-files/files/lib/upgrade/nand.sh (sysupgrade tar).

#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// SWUpdate's sw-description, in libconfig's syntax or JSON, as far as it says what is in the bundle.
struct SwDescription {
    bool is_text = false;  ///< otherwise it is encrypted itself
    std::string version;
    std::vector<std::string> hardware;   ///< hardware-compatibility
    std::vector<std::string> encrypted;  ///< file names of images with encrypted = true
    std::size_t images = 0;
    std::size_t hashed = 0;  ///< images with a sha256
};
SwDescription read_sw_description(Bytes text);

/// Is shown an archive's members as they come by, and says at the end what they make together.
class BundleFacts {
public:
    /// `content` is as much of it as is there.
    void member(std::string_view name, Bytes content);
    /// "SWUpdate bundle, version 1.2, for board-a, ..."; empty when the archive is nothing of the kind.
    [[nodiscard]] std::string text() const;

private:
    enum class Kind { none, swupdate, mender, opkg, alpine, sysupgrade };

    void first_member(std::string_view name, Bytes content);
    void further_member(std::string_view name, Bytes content);
    [[nodiscard]] std::string swupdate_text() const;

    std::size_t seen_ = 0;
    Kind kind_ = Kind::none;
    std::string title_;      // what the kind is called, with its version
    std::string signature_;  // empty: none seen
    std::size_t payloads_ = 0;
    SwDescription description_;
};

/// From a Mender artifact's header.tar (however it is compressed): "artifact release-1, for device-a". Runs in a child: libarchive.
std::string mender_header(Bytes header);

}  // namespace shirushi::unpack
