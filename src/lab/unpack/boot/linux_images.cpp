#include "unpack/boot/linux_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/boot/pe_image.hpp"
#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
constexpr std::uint64_t kMostConfig = std::uint64_t{1} << 20;  // compressed; distributions' are about 60 KiB

std::string cut_note(std::uint64_t there, std::uint64_t all) {
    return there < all ? ", " + cut_off(there, all) : std::string();
}

// ---- x86

struct Setup {
    std::uint64_t size = 0;
    std::uint64_t start = 0;    // of the protected-mode code
    std::uint64_t payload = 0;  // from the first byte; 0: the header is too old to say
    std::uint64_t payload_size = 0;
    std::uint16_t protocol = 0;
    bool high = false;
    bool signed_ = false;
    std::string version;
};

std::optional<Setup> setup_of(Bytes bytes) {
    constexpr std::uint64_t kSector = 512;
    if (bytes.size() < 0x264 || as_text(bytes.subspan(0x202, 4)) != "HdrS" || load_le<std::uint16_t>(bytes.data() + 0x1fe) != 0xaa55)
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    Setup setup{.protocol = load_le<std::uint16_t>(at + 0x206)};
    const std::uint64_t sectors = at[0x1f1] == 0 ? 4 : at[0x1f1];
    const std::uint64_t paragraphs = load_le<std::uint32_t>(at + 0x1f4) & (setup.protocol >= 0x204 ? 0xffffffffU : 0xffffU);
    if (setup.protocol < 0x200 || setup.protocol > 0x2ff || sectors > 64 || paragraphs == 0)
        return std::nullopt;
    setup.start = (sectors + 1) * kSector;
    setup.size = setup.start + paragraphs * 16;
    setup.high = (at[0x211] & 1U) != 0;
    if (setup.protocol >= 0x208) {
        setup.payload = setup.start + load_le<std::uint32_t>(at + 0x248);
        setup.payload_size = load_le<std::uint32_t>(at + 0x24c);
        if (setup.payload + setup.payload_size > setup.size)
            return std::nullopt;
    }
    const auto version = load_le<std::uint16_t>(at + 0x20e);
    if (version != 0) {
        const std::string_view text = as_text(clipped(bytes, std::uint64_t{version} + 0x200, 256));
        setup.version = excerpt(trimmed(text.substr(0, text.find('\0'))));
    }
    if (const auto pe = read_pe(bytes); pe && pe->size >= setup.size && pe->size < setup.size + (1U << 20U)) {
        setup.size = pe->size;
        setup.signed_ = pe->certificates;
    }
    return setup.size <= kLargest ? std::optional(setup) : std::nullopt;
}

// ---- arm64 and RISC-V

struct RawKernel {
    std::uint64_t size = 0;
    bool in_memory = false;  // the size is that in memory
    std::string description;
};

std::optional<RawKernel> raw_kernel(Bytes bytes) {
    if (bytes.size() < 64)
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    const auto word = [&](std::uint64_t offset) { return load_le<std::uint64_t>(at + offset); };
    const bool arm = as_text(bytes.subspan(0x38, 4)) == "ARM\x64";
    const bool riscv = as_text(bytes.subspan(0x38, 4)) == "RSC\x05" && as_text(bytes.subspan(0x30, 5)) == "RISCV";
    const std::uint64_t text_offset = word(8);
    const std::uint64_t in_memory = word(16);
    const std::uint64_t flags = word(24);
    if ((!arm && !riscv) || text_offset > (std::uint64_t{64} << 20) || text_offset % 4096 != 0 || in_memory > kLargest || flags > 0xff)
        return std::nullopt;
    if (word(0x28) != 0 || (arm && (word(0x20) != 0 || word(0x30) != 0)))  // reserved; RISC-V has its version at 0x20
        return std::nullopt;
    RawKernel kernel;
    constexpr std::array kPages{"pages of unknown size", "4 KiB pages", "16 KiB pages", "64 KiB pages"};
    const bool big = (flags & 1U) != 0;
    kernel.description = arm ? fmt::format("Linux Image, arm64, {} endian, {}", big ? "big" : "little", kPages.at(flags >> 1U & 3U))
                             : fmt::format("Linux Image, RISC-V, {} endian, header version {}.{}", big ? "big" : "little", load_le<std::uint16_t>(at + 0x22), load_le<std::uint16_t>(at + 0x20));
    kernel.description += fmt::format(", load offset 0x{:x}, {} bytes in memory", text_offset, in_memory);
    if (const auto pe = read_pe(bytes); pe && pe->size >= 4096 && pe->size <= kLargest) {
        kernel.size = pe->size;
        kernel.description += pe->certificates ? ", EFI stub, with certificates (not verified)" : ", EFI stub";
    } else {
        kernel.size = in_memory;
        kernel.in_memory = true;
        if (in_memory < 4096)  // before 3.17 the field was zero: how long it is cannot be known
            return std::nullopt;
    }
    return kernel;
}

// ---- EFI wrapper

struct Wrapper {
    std::uint64_t size = 0;
    std::uint64_t payload = 0;
    std::uint64_t payload_size = 0;
    std::string compression;
};

std::optional<Wrapper> wrapper_of(Bytes bytes) {
    const auto pe = read_pe(bytes);
    if (!pe || as_text(bytes.subspan(4, 4)) != "zimg")
        return std::nullopt;
    Wrapper wrapper{.size = pe->size, .payload = load_le<std::uint32_t>(bytes.data() + 8), .payload_size = load_le<std::uint32_t>(bytes.data() + 12), .compression = {}};
    const std::string_view compression = as_text(bytes.subspan(24, 32));
    wrapper.compression = excerpt(compression.substr(0, compression.find('\0')));
    if (wrapper.payload < 64 || wrapper.payload_size == 0 || wrapper.payload + wrapper.payload_size > wrapper.size)
        return std::nullopt;
    return wrapper;
}

/// Parts "front", "payload" and "back" that together are everything from `from` to `size`.
void add_around(Parts& result, std::array<std::string_view, 2> names, std::uint64_t from, std::uint64_t payload, std::uint64_t payload_size, std::uint64_t size) {
    const auto add = [&](std::string_view name, std::uint64_t first, std::uint64_t last) {
        if (first < std::min(last, size))
            result.parts.push_back({.name = std::string(name), .offset = first, .size = std::min(last, size) - first, .encrypted = {}});
    };
    add(names[0], from, payload);
    add("payload", payload, payload + payload_size);
    add(names[1], payload + payload_size, size);
}

}  // namespace

std::optional<FoundContainer> identify_bzimage(Bytes bytes) {
    const auto setup = setup_of(bytes);
    if (!setup)
        return std::nullopt;
    const std::uint64_t there = std::min<std::uint64_t>(setup->size, bytes.size());
    std::string description = fmt::format("Linux {}, x86, boot protocol {}.{:02}", setup->high ? "bzImage" : "zImage", setup->protocol >> 8U, setup->protocol & 0xffU);
    if (!setup->version.empty())
        description += ", version " + setup->version;
    if (setup->signed_)
        description += ", with certificates (not verified)";
    return FoundContainer{.size = there, .description = description + cut_note(there, setup->size), .checked = setup->protocol >= 0x208};
}

Result<Parts> split_bzimage(Bytes bytes) {
    constexpr std::uint64_t kBehindMagic = 0x206;
    const auto setup = setup_of(bytes);
    if (!setup)
        return fail(Errc::internal, "not a bzImage after all");
    Parts result;
    if (bytes.size() < setup->size)
        result.damage = cut_off(bytes.size(), setup->size);
    const std::uint64_t size = std::min<std::uint64_t>(setup->size, bytes.size());
    add_around(result, {"setup", "kernel"}, kBehindMagic, setup->start, 0, setup->start);
    if (setup->payload != 0)
        add_around(result, {"startup", "unpacker"}, setup->start, setup->payload, setup->payload_size, size);
    else
        add_around(result, {"kernel", "kernel"}, setup->start, size, 0, size);
    return result;
}

std::optional<FoundContainer> identify_linux_image(Bytes bytes) {
    auto kernel = raw_kernel(bytes);
    if (!kernel)
        return std::nullopt;
    const std::uint64_t there = std::min<std::uint64_t>(kernel->size, bytes.size());
    if (!kernel->in_memory)
        kernel->description += cut_note(there, kernel->size);
    return FoundContainer{.size = there, .description = std::move(kernel->description), .checked = !kernel->in_memory};
}

Result<Parts> split_linux_image(Bytes bytes) {
    constexpr std::uint64_t kHeader = 64;
    const auto kernel = raw_kernel(bytes);
    if (!kernel)
        return fail(Errc::internal, "not a kernel after all");
    Parts result;
    // In memory a kernel is longer than in the file: only the file's own size says that something is missing.
    if (!kernel->in_memory && bytes.size() < kernel->size)
        result.damage = cut_off(bytes.size(), kernel->size);
    result.parts.push_back({.name = "kernel", .offset = kHeader, .size = std::min<std::uint64_t>(kernel->size, bytes.size()) - kHeader, .encrypted = {}});
    return result;
}

std::optional<FoundContainer> identify_zboot(Bytes bytes) {
    const auto wrapper = wrapper_of(bytes);
    if (!wrapper)
        return std::nullopt;
    const std::uint64_t there = std::min<std::uint64_t>(wrapper->size, bytes.size());
    return FoundContainer{.size = there, .description = fmt::format("Linux kernel in an EFI wrapper, compressed {}{}", wrapper->compression, cut_note(there, wrapper->size)), .checked = true};
}

Result<Parts> split_zboot(Bytes bytes) {
    constexpr std::uint64_t kHeader = 64;
    const auto wrapper = wrapper_of(bytes);
    if (!wrapper)
        return fail(Errc::internal, "not an EFI wrapper after all");
    Parts result;
    if (bytes.size() < wrapper->size)
        result.damage = cut_off(bytes.size(), wrapper->size);
    add_around(result, {"loader", "tables"}, kHeader, wrapper->payload, wrapper->payload_size, std::min<std::uint64_t>(wrapper->size, bytes.size()));
    return result;
}

// ---- the configuration

namespace {

constexpr std::uint64_t kMark = 8;  // IKCFG_ST, IKCFG_ED

/// A gzip stream's content as one file.
class AsFile final : public Sink {
public:
    AsFile(Sink& sink, std::string_view path) : sink_(sink), path_(path) {}
    Result<void> begin(std::string_view /*path*/, const EntryInfo& /*info*/) override { return sink_.begin(path_, {.mode = 0444}); }
    Result<void> begin_stream(std::string_view name, std::string_view about) override { return sink_.begin_stream(name, about); }
    Result<std::span<std::uint8_t>> reserve(std::uint64_t size) override { return sink_.reserve(size); }
    void commit(std::uint64_t size) override { sink_.commit(size); }
    void consumed(std::uint64_t size) override { sink_.consumed(kMark + size); }
    Result<void> end(std::string_view damage) override { return sink_.end(damage); }

private:
    Sink& sink_;
    std::string_view path_;
};

/// Where the end mark stands behind the stream, or nothing.
std::optional<std::uint64_t> config_end(Bytes bytes) {
    const Bytes there = clipped(bytes, 0, kMostConfig);
    if (there.size() < 2 * kMark + 18 || !identify_gzip(there.subspan(kMark)))
        return std::nullopt;
    const std::size_t at = as_text(there).find("IKCFG_ED", kMark);
    return at != std::string_view::npos ? std::optional<std::uint64_t>(at) : std::nullopt;
}

}  // namespace

std::optional<FoundContainer> identify_kernel_config(Bytes bytes) {
    const auto end = config_end(bytes);
    if (!end)
        return std::nullopt;
    return FoundContainer{.size = *end + kMark, .description = "the configuration this kernel was built with", .checked = true};
}

Result<void> read_kernel_config(Bytes bytes, Share share, Sink& sink) {
    const auto end = config_end(bytes);
    if (!end)
        return fail(Errc::bad_input, "the end of the configuration is missing");
    AsFile file(sink, "config");
    return read_gzip(bytes.subspan(kMark, *end - kMark), share, file);
}

}  // namespace shirushi::unpack
