#pragma once
// Sections of a firmware file, packed ones unpacked: what is left are leaves. For the decoder of firmware volumes, in its child.

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

struct UefiLeaf {
    std::uint8_t type = 0;  ///< of the section; 0: what stands behind the last one, or could not be read
    Bytes content;
    std::shared_ptr<const Buffer> keeper;  ///< owns content where it was unpacked
    std::string damage;
};

namespace section_type {
constexpr std::uint8_t kCompression = 0x01;
constexpr std::uint8_t kGuided = 0x02;
constexpr std::uint8_t kDisposable = 0x03;
constexpr std::uint8_t kPe32 = 0x10;
constexpr std::uint8_t kPositionIndependent = 0x11;
constexpr std::uint8_t kTe = 0x12;
constexpr std::uint8_t kDxeDependency = 0x13;
constexpr std::uint8_t kVersion = 0x14;
constexpr std::uint8_t kUserInterface = 0x15;
constexpr std::uint8_t kCompatibility16 = 0x16;
constexpr std::uint8_t kVolume = 0x17;
constexpr std::uint8_t kFreeform = 0x18;
constexpr std::uint8_t kRaw = 0x19;
constexpr std::uint8_t kPeiDependency = 0x1b;
constexpr std::uint8_t kMmDependency = 0x1c;
}  // namespace section_type

/// `budget`: how much may still be unpacked in this decoder; lowered by what is. `keeper` owns `sections`, if somebody must.
std::vector<UefiLeaf> leaves_of(Bytes sections, const std::shared_ptr<const Buffer>& keeper, std::uint64_t& budget);

}  // namespace shirushi::unpack
