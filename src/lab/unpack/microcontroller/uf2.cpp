#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "crypto/stored_digests.hpp"
#include "unpack/microcontroller/memory_map.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kContent = 476;
constexpr std::uint64_t kMostDamagedBlocks = 8;  // in a row, before the file is taken to have ended
constexpr std::size_t kMostGroups = 256;         // families and files in one image; real ones have one to three
constexpr std::size_t kMostComplaints = 8;

constexpr std::uint32_t kNotMainFlash = 0x0001;
constexpr std::uint32_t kFileContainer = 0x1000;
constexpr std::uint32_t kHasFamily = 0x2000;
constexpr std::uint32_t kHasMd5 = 0x4000;
constexpr std::uint32_t kHasTags = 0x8000;

struct Family {
    std::uint32_t number;
    std::string_view name;
};

// Microsoft's uf2families.json, and the Pico SDK's boot/uf2.h for the RP2350.
constexpr std::array kFamilies{
    Family{0x16573617, "ATmega32"},      Family{0x1851780a, "SAML21"},        Family{0x1b57745f, "nRF52"},        Family{0x1c5f21b0, "ESP32"},
    Family{0x1e1f432d, "STM32L1"},       Family{0x202e3a91, "STM32L0"},       Family{0x21460ff0, "STM32WL"},      Family{0x2abc77ec, "LPC55"},
    Family{0x300f5633, "STM32G0"},       Family{0x31d228c6, "GD32F350"},      Family{0x04240bdf, "STM32L5"},      Family{0x4c71240a, "STM32G4"},
    Family{0x4fb2d5bd, "i.MX RT10xx"},   Family{0x53b80f00, "STM32F7"},       Family{0x55114460, "SAMD51"},       Family{0x57755a57, "STM32F4"},
    Family{0x5a18069b, "FX2"},           Family{0x5d1a0a2e, "STM32F2"},       Family{0x5ee21072, "STM32F1"},      Family{0x621e937a, "nRF52833"},
    Family{0x647824b6, "STM32F0"},       Family{0x68ed2b88, "SAMD21"},        Family{0x6b846188, "STM32F3"},      Family{0x6d0922fa, "STM32F407"},
    Family{0x6db66082, "STM32H7"},       Family{0x70d16653, "STM32WB"},       Family{0x7eab61ed, "ESP8266"},      Family{0x7f83e793, "KL32L2"},
    Family{0x8fb060fe, "STM32F407VG"},   Family{0xada52840, "nRF52840"},      Family{0xbfdd4eee, "ESP32-S2"},     Family{0xc47e5767, "ESP32-S3"},
    Family{0xd42ba06c, "ESP32-C3"},      Family{0x2b88d29c, "ESP32-C2"},      Family{0x332726f6, "ESP32-H2"},     Family{0x540ddf62, "ESP32-C6"},
    Family{0x3d308e94, "ESP32-P4"},      Family{0xe48bff56, "RP2040"},        Family{0xe48bff57, "RP2 absolute"}, Family{0xe48bff58, "RP2 data"},
    Family{0xe48bff59, "RP2350 Arm-S"},  Family{0xe48bff5a, "RP2350 RISC-V"}, Family{0xe48bff5b, "RP2350 Arm-NS"}, Family{0x00ff6919, "STM32L4"},
    Family{0x9af03e33, "GD32VF103"},     Family{0x4f6ace52, "CSK4"},          Family{0x6e7348a8, "CSK6"},         Family{0x11de784a, "BL702"},
    Family{0x4b684d71, "BL618"},         Family{0x9517422f, "RZ/A1LU"}};

std::string family_name(std::uint32_t number) {
    const auto* const known = std::ranges::find(kFamilies, number, &Family::number);
    return known != kFamilies.end() ? std::string(known->name) : fmt::format("family 0x{:08x}", number);
}

struct Block {
    std::uint32_t flags = 0;
    std::uint32_t address = 0;
    std::uint32_t size = 0;
    std::uint32_t number = 0;
    std::uint32_t count = 0;
    std::uint32_t family = 0;  // or the file's size
    Bytes content;             // all 476 bytes
};

std::optional<Block> block_at(Bytes bytes, std::uint64_t offset) {
    const Bytes raw = clipped(bytes, offset, kBlock);
    if (raw.size() < kBlock || as_text(raw.first(8)) != "UF2\n\x57\x51\x5d\x9e" || load_le<std::uint32_t>(raw.data() + 508) != 0x0ab16f30)
        return std::nullopt;
    const auto word = [&](std::size_t at) { return load_le<std::uint32_t>(raw.data() + at); };
    Block block{.flags = word(8), .address = word(12), .size = word(16), .number = word(20), .count = word(24), .family = word(28), .content = raw.subspan(32, kContent)};
    if (block.size > kContent || block.number >= block.count)
        return std::nullopt;
    return block;
}

/// Extension tags stand behind the content: size with these four bytes, three bytes of type, value; each filled up to four bytes.
std::string told_by_tags(const Block& block) {
    constexpr std::uint32_t kVersion = 0x9fc7bc;
    constexpr std::uint32_t kDescription = 0x650d9d;
    std::string told;
    std::uint64_t at = (std::uint64_t{block.size} + 3) / 4 * 4;
    while (at + 4 <= kContent) {
        const std::uint64_t size = block.content[at];
        const std::uint32_t type = load_le<std::uint32_t>(block.content.data() + at) >> 8U;
        if (size < 4 || at + size > kContent)
            break;
        const std::string value = excerpt(as_text(block.content.subspan(at + 4, size - 4)), 100);
        if (type == kVersion)
            told += fmt::format(", version {}", value);
        else if (type == kDescription)
            told += fmt::format(", {}", value);
        at += (size + 3) / 4 * 4;
    }
    return told;
}

/// What belongs together: the blocks of one family, of one file, or those that are not for the main flash.
struct Group {
    MemoryMap memory;
    std::vector<bool> seen;
    std::uint64_t blocks = 0;
    std::uint64_t file_size = 0;
    bool file = false;
    std::vector<std::pair<std::uint32_t, std::array<std::uint8_t, 20>>> sums;  // address; size and MD5
};

class Uf2Reader {
public:
    Result<void> read(Bytes bytes, Sink& sink) {
        for (std::uint64_t at = 0; at + kBlock <= bytes.size(); at += kBlock)
            if (const auto block = block_at(bytes, at))
                take(*block);
            else
                complain(fmt::format("the block at 0x{:x} is damaged", at));
        if (bytes.size() % kBlock != 0)
            complain("the last block is cut off");
        sink.describe(told_);
        for (auto& [name, group] : groups_)
            TRY(hand_out(name, group, sink));
        if (!complaints_.empty())
            return fail(Errc::bad_input, fmt::format("{}", fmt::join(complaints_, "; ")));
        return {};
    }

private:
    void complain(std::string what) {
        if (complaints_.size() < kMostComplaints)
            complaints_.push_back(std::move(what));
    }

    static std::string group_name(const Block& block) {
        if ((block.flags & kFileContainer) != 0) {
            const std::string_view rest = as_text(block.content.subspan(block.size));
            return std::string(rest.substr(0, rest.find('\0')));
        }
        std::string name = (block.flags & kNotMainFlash) != 0 ? "not main flash " : "";
        return name + ((block.flags & kHasFamily) != 0 ? family_name(block.family) + " " : "");
    }

    void take(const Block& block) {
        const std::string name = group_name(block);
        if (!groups_.contains(name) && groups_.size() >= kMostGroups)
            return complain(fmt::format("more than {} families or files: the others are left out", kMostGroups));
        Group& group = groups_[name];
        group.file = (block.flags & kFileContainer) != 0;
        group.file_size = group.file ? block.family : 0;
        ++group.blocks;
        if (group.seen.empty())
            group.seen.resize(std::min<std::uint64_t>(block.count, kMostCounted));
        if (block.number < group.seen.size())
            group.seen[block.number] = true;
        group.memory.add(block.address, block.content.first(block.size));
        if ((block.flags & kHasTags) != 0 && told_.empty())
            told_ = told_by_tags(block).substr(0, 400);
        if (told_.starts_with(", "))
            told_.erase(0, 2);
        if ((block.flags & kHasMd5) != 0 && group.sums.size() < kMostSums) {
            std::array<std::uint8_t, 20> sum{};
            std::ranges::copy(block.content.subspan(kContent - 20), sum.begin());
            group.sums.emplace_back(load_le<std::uint32_t>(block.content.data() + kContent - 24), sum);
        }
    }

    static std::string missing_in(const Group& group) {
        const auto missing = static_cast<std::uint64_t>(std::ranges::count(group.seen, false));
        if (missing == 0)
            return "";
        const auto first = std::ranges::find(group.seen, false) - group.seen.begin();
        return fmt::format("{} of {} blocks are missing, the first is block {}", missing, group.seen.size(), first);
    }

    /// Regions whose MD5 the blocks give, where this file holds all of them.
    static std::string wrong_sum(const Group& group, const std::vector<MemorySegment>& segments) {
        std::uint32_t checked = 0;
        std::array<std::uint8_t, 20> last{};
        for (const auto& [address, sum] : group.sums) {
            const auto size = load_le<std::uint32_t>(sum.data());
            if (sum == last)
                continue;
            for (const MemorySegment& segment : segments) {
                const std::uint64_t from = std::uint64_t{address} - segment.address;
                if (address < segment.address || from + size > segment.content.size() || ++checked > kMostChecked)
                    continue;
                if (!std::ranges::equal(crypto::md5({Bytes(segment.content).subspan(from, size)}), std::span(sum).subspan(4)))
                    return fmt::format("the MD5 of the {} bytes at {} does not match", size, address_name(address));
            }
            last = sum;
        }
        return "";
    }

    Result<void> hand_out(const std::string& name, Group& group, Sink& sink) {
        auto segments = group.memory.take_segments();
        std::string damage = missing_in(group);
        if (const std::string wrong = wrong_sum(group, segments); !wrong.empty())
            damage += (damage.empty() ? "" : "; ") + wrong;
        if (!damage.empty())
            complain(name.empty() || groups_.size() == 1 ? damage : fmt::format("{}: {}", printable(trimmed(name)), damage));
        const std::string said = complaints_.empty() ? damage : fmt::format("{}", fmt::join(complaints_, "; "));
        if (!group.file)
            return hand_out_segments(std::move(segments), groups_.size() == 1 && !name.starts_with("not") ? "" : name, said, sink);
        const bool whole = segments.size() == 1 && segments[0].address == 0 && segments[0].content.size() == group.file_size;
        TRY(sink.begin(name.empty() ? "file" : name, {.mode = 0644}));
        for (const MemorySegment& segment : segments)
            TRY(sink.write(segment.content));
        return sink.end(!said.empty() ? said : whole ? segments[0].overlap : "parts of the file are missing: the rest stands without them");
    }

    static constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 23;  // blocks of 256 bytes that 2 GiB of flash need
    static constexpr std::size_t kMostSums = 1 << 16;
    static constexpr std::uint32_t kMostChecked = 4096;  // each may be as large as the file

    std::map<std::string, Group> groups_;
    std::vector<std::string> complaints_;
    std::string told_;
};

}  // namespace

std::optional<FoundContainer> identify_uf2(Bytes bytes) {
    const auto first = block_at(bytes, 0);
    if (!first)
        return std::nullopt;
    // Blocks stand one after the other; some may be damaged.
    std::uint64_t end = kBlock;
    std::uint64_t blocks = 1;
    for (std::uint64_t at = kBlock; at < bytes.size() && at < end + kMostDamagedBlocks * kBlock; at += kBlock)
        if (block_at(bytes, at)) {
            end = at + kBlock;
            ++blocks;
        }
    if (const Bytes rest = bytes.subspan(end); !rest.empty() && rest.size() < kBlock && as_text(clipped(rest, 0, 8)) == std::string_view("UF2\n\x57\x51\x5d\x9e").substr(0, std::min<std::size_t>(rest.size(), 8)))
        end = bytes.size();
    std::string description = fmt::format("{} blocks", blocks);
    if ((first->flags & kFileContainer) != 0)
        description += ", files";
    else if ((first->flags & kHasFamily) != 0)
        description += ", for " + family_name(first->family);
    return FoundContainer{.size = end, .description = std::move(description), .checked = true};
}

Result<void> read_uf2(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    return Uf2Reader().read(bytes, sink);
}

}  // namespace shirushi::unpack
