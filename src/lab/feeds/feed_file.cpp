#include "feeds/feed_file.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "crypto/sha256.hpp"

namespace shirushi::feeds {

namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

struct Access {  // what the callback may touch
    int* file;
    std::uint64_t* position;
    crypto::Sha256* sum;
    std::array<std::uint8_t, kPiece>* piece;
};

la_ssize_t read_piece(struct archive* reader, const Access& access, const void** piece) {
    ssize_t got = 0;
    do {
        got = ::read(*access.file, access.piece->data(), access.piece->size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        archive_set_error(reader, errno, "cannot be read: %s", std::strerror(errno));
        return -1;
    }
    *access.position += static_cast<std::uint64_t>(got);
    access.sum->update(Bytes(access.piece->data(), static_cast<std::size_t>(got)));
    *piece = access.piece->data();
    return got;
}

extern "C" la_ssize_t shirushi_feed_read(struct archive* reader, void* data, const void** piece) {
    return read_piece(reader, *static_cast<const Access*>(data), piece);
}

}  // namespace

struct FeedFile::State {
    int file = -1;
    struct archive* reader = nullptr;
    std::string member;
    std::uint64_t size = 0;
    std::uint64_t position = 0;
    std::uint64_t unpacked = 0;
    FileLimits limits;
    crypto::Sha256 sum;
    std::array<std::uint8_t, kPiece> piece{};
    Access access{};

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (reader != nullptr)
            archive_read_free(reader);
        if (file >= 0)
            close(file);
    }
    [[nodiscard]] std::string reason() const {
        const char* const text = archive_error_string(reader);
        return text != nullptr ? excerpt(text) : "no detail";
    }
};

FeedFile::FeedFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
FeedFile::FeedFile(FeedFile&&) noexcept = default;
FeedFile& FeedFile::operator=(FeedFile&&) noexcept = default;
FeedFile::~FeedFile() = default;

Result<FeedFile> FeedFile::open(const std::string& path, const FileLimits& limits) {
    auto state = std::make_unique<State>();
    state->limits = limits;
    state->file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (state->file < 0)
        return fail(errno == ENOENT ? Errc::not_found : Errc::io, fmt::format("{}: {}", path, std::strerror(errno)));
    struct stat facts {};
    if (fstat(state->file, &facts) != 0 || S_ISDIR(facts.st_mode))
        return fail(Errc::bad_input, fmt::format("{} is a folder: name the files in it", path));
    state->size = static_cast<std::uint64_t>(facts.st_size);
    state->reader = archive_read_new();
    struct archive* const reader = state->reader;
    archive_read_support_filter_all(reader);
    archive_read_support_format_zip(reader);
    archive_read_support_format_tar(reader);
    archive_read_support_format_raw(reader);
    archive_read_support_format_empty(reader);
    state->access = {.file = &state->file, .position = &state->position, .sum = &state->sum, .piece = &state->piece};
    if (archive_read_open(reader, &state->access, nullptr, shirushi_feed_read, nullptr) != ARCHIVE_OK)
        return fail(Errc::bad_input, fmt::format("{}: {}", path, state->reason()));
    return FeedFile(std::move(state));
}

Result<bool> FeedFile::next_member() {
    struct archive_entry* entry = nullptr;
    while (true) {
        const int code = archive_read_next_header(state_->reader, &entry);
        if (code == ARCHIVE_EOF)
            return false;
        if (code == ARCHIVE_RETRY)
            continue;
        if (code < ARCHIVE_WARN)
            return fail(Errc::bad_input, state_->reason());
        if (archive_entry_filetype(entry) == AE_IFREG || archive_format(state_->reader) == ARCHIVE_FORMAT_RAW)
            break;
    }
    const char* const name = archive_entry_pathname(entry);
    state_->member = archive_format(state_->reader) == ARCHIVE_FORMAT_RAW || name == nullptr ? std::string() : printable(name);
    return true;
}

std::string_view FeedFile::member() const { return state_->member; }

Result<std::string_view> FeedFile::read() {
    while (true) {
        const void* piece = nullptr;
        std::size_t size = 0;
        std::int64_t offset = 0;
        const int code = archive_read_data_block(state_->reader, &piece, &size, &offset);
        if (code == ARCHIVE_EOF)
            return std::string_view();
        if (code == ARCHIVE_RETRY || (code >= ARCHIVE_WARN && size == 0))
            continue;
        if (code < ARCHIVE_WARN)
            return fail(Errc::bad_input, fmt::format("damaged or cut off after {} bytes: {}", state_->unpacked, state_->reason()));
        state_->unpacked += size;
        if (state_->unpacked > state_->limits.unpacked_bytes)
            return fail(Errc::limit, fmt::format("more than {} bytes come out of it", state_->limits.unpacked_bytes));
        return std::string_view(static_cast<const char*>(piece), size);
    }
}

std::uint64_t FeedFile::position() const { return state_->position; }
std::uint64_t FeedFile::size() const { return state_->size; }

Digest FeedFile::digest() {
    const void* piece = nullptr;
    while (read_piece(state_->reader, state_->access, &piece) > 0) {
    }
    return state_->sum.finish();
}

}  // namespace shirushi::feeds
