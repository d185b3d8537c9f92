#include "unpack/filesystems/squashfs_codec.hpp"

#include <fmt/format.h>
#include <libdeflate.h>
#include <lz4.h>
#include <lzma.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

#include "unpack/streams/lzo.hpp"

namespace shirushi::unpack {

namespace {

// A block is at most 1 MiB; a dictionary of more than 64 MiB for it is an attempt on our memory.
constexpr std::uint64_t lzma_memory = std::uint64_t{64} << 20;
// Blocks of one image may differ in their properties (DD-WRT); so many sets are remembered.
constexpr std::size_t most_ways = 128;
// Shorter blocks may decode by a wrong form to their end; longer ones run into an impossible distance.
constexpr std::size_t telling_block = 512;

struct FreeDeflate {
    void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
};
struct FreeZstd {
    void operator()(ZSTD_DCtx* it) const { ZSTD_freeDCtx(it); }
};

std::unexpected<Error> damaged(std::string_view library, std::string_view what) {
    return fail(Errc::bad_input, fmt::format("{}: {}", library, what));
}

std::string_view meaning(lzma_ret code) {
    switch (code) {
        case LZMA_MEM_ERROR: return "no memory";
        case LZMA_MEMLIMIT_ERROR: return "its dictionary is larger than any block needs";
        case LZMA_FORMAT_ERROR: return "not this format";
        case LZMA_OPTIONS_ERROR: return "unknown options";
        case LZMA_DATA_ERROR: return "damaged";
        default: return "ends early or does not fit its block";
    }
}

}  // namespace

struct SquashfsCodec::Libraries {
    std::unique_ptr<libdeflate_decompressor, FreeDeflate> deflate;
    std::unique_ptr<ZSTD_DCtx, FreeZstd> zstd;
    lzma_stream lzma = LZMA_STREAM_INIT;
    VendorLzmaDecoder vendor;

    explicit Libraries(std::uint32_t block_size) : vendor(block_size) {}
    ~Libraries() { lzma_end(&lzma); }

    Result<std::size_t> inflate(Bytes block, std::span<std::uint8_t> output, bool bare) {
        if (!deflate)
            deflate.reset(libdeflate_alloc_decompressor());
        if (!deflate)
            return fail(Errc::limit, "no memory for zlib");
        std::size_t size = 0;
        std::size_t used = block.size();
        const libdeflate_result result =
            bare ? libdeflate_deflate_decompress_ex(deflate.get(), block.data(), block.size(), output.data(), output.size(), &used, &size)
                 : libdeflate_zlib_decompress(deflate.get(), block.data(), block.size(), output.data(), output.size(), &size);
        if (result != LIBDEFLATE_SUCCESS || used != block.size())
            return damaged("zlib", "damaged, or too large for its block");
        return size;
    }

    Result<std::size_t> unzstd(Bytes block, std::span<std::uint8_t> output) {
        if (!zstd)
            zstd.reset(ZSTD_createDCtx());
        if (!zstd)
            return fail(Errc::limit, "no memory for zstd");
        const std::size_t size = ZSTD_decompressDCtx(zstd.get(), output.data(), output.size(), block.data(), block.size());
        if (ZSTD_isError(size) != 0)
            return damaged("zstd", ZSTD_getErrorName(size));
        return size;
    }

    /// The decoder is set up again for each block; liblzma keeps its dictionary's memory in between.
    Result<std::size_t> run_lzma(lzma_ret started, Bytes block, std::span<std::uint8_t> output, std::string_view name) {
        if (started != LZMA_OK)
            return fail(Errc::limit, fmt::format("{}: {}", name, meaning(started)));
        lzma.next_in = block.data();
        lzma.avail_in = block.size();
        lzma.next_out = output.data();
        lzma.avail_out = output.size();
        const lzma_ret code = lzma_code(&lzma, LZMA_FINISH);
        // A vendor's LZMA may lack its end; with the output full and the input used up nothing is missing.
        if (code != LZMA_STREAM_END && !(lzma.avail_in == 0 && lzma.avail_out == 0))
            return damaged(name, meaning(code));
        return output.size() - lzma.avail_out;
    }
};

SquashfsCodec::SquashfsCodec(const SquashfsSuperblock& superblock)
    : stated_{.compression = superblock.compression},
      guesses_(!superblock.is_version_4() || superblock.compression == SquashfsCompression::gzip ||
               superblock.compression == SquashfsCompression::lzma),
      libraries_(std::make_unique<Libraries>(std::max<std::uint32_t>(superblock.block_size, squashfs_metadata_size))) {
    if (superblock.is_version_4())
        ways_.push_back(stated_);
}
SquashfsCodec::~SquashfsCodec() = default;

Result<std::size_t> SquashfsCodec::decompress_as(const Way& way, Bytes block, std::span<std::uint8_t> output, SquashfsFill fill) {
    Libraries& use = *libraries_;
    if (way.lzma) {
        const auto size = use.vendor.decode(*way.lzma, block, output, fill, mixed_ || block.size() < telling_block);
        return size ? Result<std::size_t>(*size) : damaged("lzma", "damaged, or too large for its block");
    }
    switch (way.compression) {
        case SquashfsCompression::gzip: return use.inflate(block, output, way.bare);
        case SquashfsCompression::zstd: return use.unzstd(block, output);
        case SquashfsCompression::lzo: return decompress_lzo1x(block, output);
        case SquashfsCompression::xz:
            return use.run_lzma(lzma_stream_decoder(&use.lzma, lzma_memory, 0), block, output, "xz");
        case SquashfsCompression::lzma:
            return use.run_lzma(lzma_alone_decoder(&use.lzma, lzma_memory), block, output, "lzma");
        case SquashfsCompression::lz4: {
            static_assert(std::numeric_limits<int>::max() > 0x1000000);  // a size word has 24 bits
            const int size = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(output.data()),
                                                 static_cast<int>(block.size()), static_cast<int>(output.size()));
            if (size < 0)
                return damaged("lz4", "damaged, or too large for its block");
            return static_cast<std::size_t>(size);
        }
    }
    return fail(Errc::unsupported, "unknown compressor");
}

/// Another way by which the block decodes whole: zlib, xz and LZMA with its header know their own damage; the rest must be proven.
std::optional<SquashfsCodec::Way> SquashfsCodec::find(Bytes block, std::span<std::uint8_t> output, SquashfsFill fill) {
    const auto works = [&](const Way& way) {
        const auto size = decompress_as(way, block, output, fill);
        return size && *size > 0 && (fill == SquashfsFill::at_most || *size == output.size());
    };
    for (const SquashfsCompression compression : {SquashfsCompression::gzip, SquashfsCompression::xz, SquashfsCompression::lzma})
        if (const Way way{.compression = compression}; works(way))
            return way;
    if (const auto form = libraries_->vendor.find(block, output, fill))
        return Way{.compression = SquashfsCompression::lzma, .lzma = form};
    if (const Way way{.bare = true}; works(way))
        return way;
    return std::nullopt;
}

Result<std::size_t> SquashfsCodec::decompress(Bytes block, std::span<std::uint8_t> output, SquashfsFill fill) {
    if (!guesses_)
        return decompress_as(stated_, block, output, fill);
    auto first = ways_.empty() ? fail(Errc::bad_input, "no compressor that is known fits this block") : decompress_as(ways_[0], block, output, fill);
    if (first)
        return first;
    for (std::size_t i = 1; i < ways_.size(); ++i) {
        if (auto size = decompress_as(ways_[i], block, output, fill)) {
            std::rotate(ways_.begin(), ways_.begin() + static_cast<std::ptrdiff_t>(i), ways_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            return size;
        }
    }
    const auto way = find(block, output, fill);
    if (!way)
        return first;
    if (ways_.size() == most_ways)
        ways_.pop_back();
    mixed_ = mixed_ || (way->lzma && std::ranges::any_of(ways_, [](const Way& known) { return known.lzma.has_value(); }));
    ways_.insert(ways_.begin(), *way);
    return decompress_as(*way, block, output, fill);
}

std::string SquashfsCodec::guessed() const {
    std::string text;
    for (const Way& way : ways_) {
        if (way == stated_)
            continue;
        text += text.empty() ? "" : " and ";
        text += way.lzma ? describe(*way.lzma) : way.bare ? "deflate without zlib's header" : std::string(name_of(way.compression));
    }
    return text;
}

}  // namespace shirushi::unpack
