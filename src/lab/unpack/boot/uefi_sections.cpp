#include "unpack/boot/uefi_sections.hpp"

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "unpack/boot/uefi.hpp"
#include "unpack/boot/uefi_compressed.hpp"

namespace shirushi::unpack {
namespace {

namespace type = section_type;

constexpr std::size_t kMostLeaves = 4096;  // of one file; real ones have less than ten
constexpr int kDeepest = 16;               // sections inside packed sections; real ones stop at three
constexpr std::uint64_t kLzmaHeader = 13;

struct Section {
    std::uint8_t type = 0;
    std::uint64_t header = 0;
    Bytes all;  // with the header
};

struct Stream {
    Bytes bytes;
    std::shared_ptr<const Buffer> keeper;
    int depth = 0;
};

/// The section at the start of `bytes`: a size of three bytes, or of four behind the type where those are all ones.
std::optional<Section> section_at(Bytes bytes) {
    if (bytes.size() < 4)
        return std::nullopt;
    std::uint64_t size = load_le<std::uint32_t>(bytes.data()) & 0xffffffU;
    std::uint64_t header = 4;
    if (size == 0xffffff) {
        if (bytes.size() < 8)
            return std::nullopt;
        size = load_le<std::uint32_t>(bytes.data() + 4);
        header = 8;
    }
    if (size < header || size > bytes.size())
        return std::nullopt;
    return Section{.type = bytes[3], .header = header, .all = bytes.first(size)};
}

Result<Buffer> run_lzma(lzma_stream& stream, Bytes input, std::uint64_t size) {
    Buffer output(size);
    stream.next_in = input.data();
    stream.avail_in = input.size();
    stream.next_out = output.data();
    stream.avail_out = output.size();
    lzma_ret code = LZMA_OK;
    while (code == LZMA_OK && stream.avail_out != 0)
        code = lzma_code(&stream, LZMA_RUN);
    const std::uint64_t made = output.size() - stream.avail_out;
    lzma_end(&stream);
    if (made != size)
        return fail(Errc::bad_input, fmt::format("its LZMA stream is damaged or cut off after {} of {} bytes", made, size));
    return output;
}

/// LZMA as the SDK's command writes it: properties, dictionary, size. `x86`: behind it jumps are made relative again.
Result<Buffer> unpack_lzma(Bytes packed, bool x86, std::uint64_t most) {
    if (packed.size() < kLzmaHeader + 5)
        return fail(Errc::bad_input, "its LZMA header is cut off");
    const auto size = load_le<std::uint64_t>(packed.data() + 5);
    if (size > most)
        return fail(Errc::limit, fmt::format("it unpacks to {} bytes, which is more than a decoder may hold", size));
    constexpr std::uint64_t kMemory = std::uint64_t{256} << 20;
    lzma_stream stream = LZMA_STREAM_INIT;
    if (!x86) {
        if (lzma_alone_decoder(&stream, kMemory) != LZMA_OK)
            return fail(Errc::internal, "liblzma could not start");
        return run_lzma(stream, packed, size);
    }
    lzma_options_lzma options{};
    const unsigned properties = packed[0];
    options.dict_size = load_le<std::uint32_t>(packed.data() + 1);
    options.lc = properties % 9;
    options.lp = properties / 9 % 5;
    options.pb = properties / 45;
    options.ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
    options.ext_size_low = static_cast<std::uint32_t>(size);
    options.ext_size_high = static_cast<std::uint32_t>(size >> 32U);
    if (properties >= 225 || options.dict_size > kMemory)
        return fail(Errc::bad_input, "its LZMA header holds values that cannot be");
    const std::array<lzma_filter, 3> filters{{{LZMA_FILTER_X86, nullptr}, {LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
    if (lzma_raw_decoder(&stream, filters.data()) != LZMA_OK)
        return fail(Errc::bad_input, "its LZMA header holds values that cannot be");
    return run_lzma(stream, packed.subspan(kLzmaHeader), size);
}

class Walk {
public:
    Walk(std::uint64_t& budget) : budget_(budget) {}

    std::vector<UefiLeaf> run(Bytes sections, const std::shared_ptr<const Buffer>& keeper) {
        streams_.push_back({sections, keeper, 0});
        while (!streams_.empty()) {
            const Stream stream = std::move(streams_.back());
            streams_.pop_back();
            walk(stream);
        }
        return std::move(leaves_);
    }

private:
    void walk(const Stream& stream) {
        std::uint64_t at = 0;
        while (at < stream.bytes.size()) {
            const Bytes rest = stream.bytes.subspan(at);
            if (leaves_.size() >= kMostLeaves)
                return add(0, rest, stream, "it holds too many sections; the rest was not read");
            const auto section = section_at(rest);
            if (!section || section->type == 0) {
                // Files end with padding; anything else is kept.
                if (!std::ranges::all_of(rest, [&](std::uint8_t byte) { return byte == rest[0]; }))
                    add(0, rest, stream, "a section's header makes no sense");
                return;
            }
            open(*section, stream);
            at += (section->all.size() + 3) / 4 * 4;
        }
    }

    void open(const Section& section, const Stream& stream) {
        const Bytes body = section.all.subspan(section.header);
        if (section.type == type::kDisposable)
            return enter(body, stream.keeper, stream);
        if (section.type == type::kCompression)
            return open_compressed(body, stream);
        if (section.type == type::kGuided)
            return open_guided(section, stream);
        add(section.type, body, stream, {});
    }

    void open_compressed(Bytes body, const Stream& stream) {
        if (body.size() < 5)
            return add(0, body, stream, "a compressed section is cut off");
        const Bytes packed = body.subspan(5);
        if (body[4] == 0)
            return enter(packed, stream.keeper, stream);
        if (body[4] != 1)
            return add(0, packed, stream, fmt::format("packed in an unknown way ({})", body[4]));
        // Which of the two it is, nothing says: the wrong one breaks, or gives what is no section.
        auto unpacked = decompress_uefi(packed, UefiCompression::efi, budget_);
        if (!unpacked || !section_at(*unpacked))
            if (auto other = decompress_uefi(packed, UefiCompression::tiano, budget_); other && (!unpacked || section_at(*other)))
                unpacked = std::move(other);
        take(std::move(unpacked), packed, stream);
    }

    void open_guided(const Section& section, const Stream& stream) {
        constexpr std::uint64_t kGuidHeader = 20;
        if (section.all.size() < section.header + kGuidHeader)
            return add(0, section.all, stream, "a section with a GUID is cut off");
        const Bytes guid = section.all.subspan(section.header, 16);
        const auto from = load_le<std::uint16_t>(section.all.data() + section.header + 16);
        const auto attributes = load_le<std::uint16_t>(section.all.data() + section.header + 18);
        if (from < section.header + kGuidHeader || from > section.all.size())
            return add(0, section.all, stream, "a section with a GUID points outside of itself");
        const Bytes data = section.all.subspan(from);
        if (is_guid(guid, "EE4E5898-3914-4259-9D6E-DC7BD79403CF"))
            return take(unpack_lzma(data, false, budget_), data, stream);
        if (is_guid(guid, "D42AE6BD-1352-4BFB-909A-CA72A6EAE889"))
            return take(unpack_lzma(data, true, budget_), data, stream);
        if (is_guid(guid, "A31280AD-481E-41B6-95E8-127F4C984779"))
            return take(decompress_uefi(data, UefiCompression::tiano, budget_), data, stream);
        if (is_guid(guid, "FC1BCDB0-7D31-49AA-936A-A4600D9DD083")) {
            const std::uint64_t at = section.header + kGuidHeader;
            const bool fits = from >= at + 4 && load_le<std::uint32_t>(section.all.data() + at) == crc32_z(0, data.data(), data.size());
            if (!fits)
                damage_ = "the checksum of its section does not match";
            return enter(data, stream.keeper, stream);
        }
        constexpr std::uint16_t kProcessingRequired = 1;
        const bool brotli = is_guid(guid, "3D532050-5CDA-4FD0-879E-0F7F630D5AFB");
        if (brotli || ((attributes & kProcessingRequired) != 0 && !section_at(data)))
            return add(0, data, stream, brotli ? "packed with Brotli, which is not read here" : fmt::format("packed in an unknown way ({})", guid_text(guid)));
        enter(data, stream.keeper, stream);  // signed or measured: its sections lie open
    }

    void take(Result<Buffer> unpacked, Bytes packed, const Stream& stream) {
        if (!unpacked)
            return add(0, packed, stream, "could not be unpacked: " + unpacked.error().message);
        budget_ -= std::min<std::uint64_t>(budget_, unpacked->size());
        const auto keeper = std::make_shared<const Buffer>(std::move(*unpacked));
        enter(*keeper, keeper, stream);
    }

    /// Sections inside a section are walked once the stream around them is done.
    void enter(Bytes bytes, std::shared_ptr<const Buffer> keeper, const Stream& stream) {
        if (stream.depth >= kDeepest)
            return add(0, bytes, stream, "sections are nested too deeply; this was not read");
        streams_.push_back({bytes, std::move(keeper), stream.depth + 1});
    }

    void add(std::uint8_t type, Bytes content, const Stream& stream, std::string damage) {
        if (damage.empty())
            damage = damage_;
        leaves_.push_back({.type = type, .content = content, .keeper = stream.keeper, .damage = std::move(damage)});
    }

    std::uint64_t& budget_;
    std::vector<Stream> streams_;
    std::vector<UefiLeaf> leaves_;
    std::string damage_;  // of a checksum around sections still to come
};

}  // namespace

std::vector<UefiLeaf> leaves_of(Bytes sections, const std::shared_ptr<const Buffer>& keeper, std::uint64_t& budget) { return Walk(budget).run(sections, keeper); }

}  // namespace shirushi::unpack
