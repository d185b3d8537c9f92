#include <lzma.h>

#include <array>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "make_snapshot/feeds.hpp"

namespace shirushi::make_snapshot {
namespace {

/// A file's bytes in pieces, through liblzma where it is packed.
class PieceReader {
public:
    explicit PieceReader(const std::string& path) : file_(path, std::ios::binary), packed_(path.ends_with(".xz")) {
        if (packed_)
            good_ = lzma_stream_decoder(&stream_, UINT64_MAX, LZMA_CONCATENATED) == LZMA_OK;
    }
    ~PieceReader() { lzma_end(&stream_); }
    PieceReader(const PieceReader&) = delete;
    PieceReader& operator=(const PieceReader&) = delete;

    /// Empty at the end.
    Result<std::string_view> next() {
        if (!file_.is_open() || !good_)
            return fail(Errc::io, "cannot be opened");
        return packed_ ? next_unpacked() : next_plain(output_);
    }

private:
    using Chunk = std::array<char, 1 << 16>;

    Result<std::string_view> next_plain(Chunk& chunk) {
        file_.read(chunk.data(), chunk.size());
        return std::string_view(chunk.data(), static_cast<std::size_t>(file_.gcount()));
    }

    Result<std::string_view> next_unpacked() {
        stream_.next_out = reinterpret_cast<std::uint8_t*>(output_.data());
        stream_.avail_out = output_.size();
        while (stream_.avail_out != 0 && !ended_) {
            if (stream_.avail_in == 0) {
                const auto piece = TRY(next_plain(input_));
                stream_.next_in = as_bytes(piece).data();
                stream_.avail_in = piece.size();
            }
            const lzma_ret code = lzma_code(&stream_, stream_.avail_in == 0 ? LZMA_FINISH : LZMA_RUN);
            if (code == LZMA_STREAM_END)
                ended_ = true;
            else if (code != LZMA_OK)
                return fail(Errc::bad_input, fmt::format("xz stream: error {}", static_cast<int>(code)));
        }
        return std::string_view(output_.data(), output_.size() - stream_.avail_out);
    }

    std::ifstream file_;
    bool packed_;
    bool good_ = true;
    bool ended_ = false;
    lzma_stream stream_ = LZMA_STREAM_INIT;
    Chunk input_{};
    Chunk output_{};
};

}  // namespace

Result<void> for_each_line(const std::string& path, const std::function<Result<void>(std::string_view)>& use) {
    PieceReader reader(path);
    std::string pending;
    std::uint64_t number = 0;
    const auto use_line = [&](std::string_view line) -> Result<void> {
        ++number;
        if (!line.empty())
            TRY_WITHIN(fmt::format("{}: line {}", path, number), use(line));
        return {};
    };
    for (;;) {
        std::string_view piece = TRY_WITHIN(path, reader.next());
        if (piece.empty())
            return use_line(pending);
        for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
            pending += piece.substr(0, end);
            TRY(use_line(pending));
            pending.clear();
            piece.remove_prefix(end + 1);
        }
        pending += piece;
    }
}

Result<std::string> read_text(const std::string& path) {
    PieceReader reader(path);
    std::string text;
    for (;;) {
        const std::string_view piece = TRY_WITHIN(path, reader.next());
        if (piece.empty())
            return text;
        text += piece;
    }
}

Result<nlohmann::json> parse_json(std::string_view text) {
    auto value = nlohmann::json::parse(text, nullptr, false);
    if (value.is_discarded())
        return fail(Errc::bad_input, "not JSON");
    return value;
}

}  // namespace shirushi::make_snapshot
