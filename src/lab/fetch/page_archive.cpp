#include "fetch/page_archive.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace shirushi::fetch {
namespace {

constexpr std::size_t kBlock = 512;  // of tar (POSIX.1-1988, ustar)
constexpr std::size_t kLongestName = 99;
constexpr std::size_t kPiece = std::size_t{1} << 16;

Result<std::string> gzip(std::string_view text) {
    z_stream stream{};
    constexpr int window_with_gzip = 15 + 16;
    constexpr int memory = 8;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_with_gzip, memory, Z_DEFAULT_STRATEGY) != Z_OK)
        return fail(Errc::internal, "zlib does not start");
    std::string packed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int code = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return code == Z_STREAM_END ? Result<std::string>(std::move(packed)) : Result<std::string>(fail(Errc::internal, "zlib did not finish"));
}

/// The header of a file that anybody may read, without owner and time.
std::string tar_header(std::string_view name, std::size_t size) {
    std::string header(kBlock, '\0');
    const auto put = [&](std::size_t at, std::string_view text) { std::ranges::copy(text, header.begin() + static_cast<std::ptrdiff_t>(at)); };
    put(0, name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, fmt::format("{:011o}", size));
    put(136, "00000000000");
    put(148, "        ");
    put(156, "0");
    put(257, std::string_view("ustar\00000", 8));
    unsigned sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    put(148, fmt::format("{:06o}", sum));
    header[154] = '\0';
    return header;
}

/// What every archive ends with: two empty blocks.
Result<std::string> trailer() { return gzip(std::string(2 * kBlock, '\0')); }

Result<void> copy_without_trailer(const std::string& from, PartFile& to) {
    std::error_code error;
    const std::string end = TRY(trailer());
    const auto size = std::filesystem::file_size(from, error);
    std::ifstream file(from, std::ios::binary);
    if (error || !file || size < end.size())
        return fail(Errc::bad_input, fmt::format("{} is no archive of pages", from));
    std::array<char, kPiece> piece{};
    for (std::uint64_t left = size - end.size(); left > 0;) {
        const auto wanted = static_cast<std::streamsize>(std::min<std::uint64_t>(left, piece.size()));
        if (!file.read(piece.data(), wanted))
            return fail(Errc::io, fmt::format("cannot read {}", from));
        TRY(to.write({piece.data(), static_cast<std::size_t>(wanted)}));
        left -= static_cast<std::uint64_t>(wanted);
    }
    std::string last(end.size(), '\0');
    if (!file.read(last.data(), static_cast<std::streamsize>(last.size())) || last != end)
        return fail(Errc::bad_input, fmt::format("{} does not end as an archive of pages does", from));
    return {};
}

}  // namespace

Result<PageArchive> PageArchive::begin(const std::string& path, const std::string& earlier) {
    PageArchive archive(TRY(PartFile::open(path, false)));
    if (!earlier.empty())
        TRY(copy_without_trailer(earlier, archive.file_));
    return archive;
}

Result<void> PageArchive::add(std::string_view name, std::string_view page) {
    if (name.size() > kLongestName)
        return fail(Errc::limit, "a name longer than tar holds");
    std::string member = tar_header(name, page.size());
    member += page;
    member.resize((member.size() + kBlock - 1) / kBlock * kBlock, '\0');
    const std::string packed = TRY(gzip(member));
    return file_.write(packed);
}

Result<void> PageArchive::finish() {
    const std::string end = TRY(trailer());
    TRY(file_.write(end));
    return file_.sync();
}

}  // namespace shirushi::fetch
