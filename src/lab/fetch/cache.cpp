#include "fetch/cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/sha256.hpp"
#include "model/json_fields.hpp"

namespace shirushi::fetch {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBlock = std::size_t{1} << 16;
constexpr std::uint64_t kLargestState = std::uint64_t{16} << 20;
constexpr const char* kState = "state.json";

std::unexpected<Error> system_error(std::string_view what, const std::string& path) {
    return fail(Errc::io, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

Result<std::string> sha256_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    crypto::Sha256 sum;
    std::array<char, kBlock> block{};
    while (file.read(block.data(), block.size()) || file.gcount() > 0)
        sum.update(Bytes(reinterpret_cast<const std::uint8_t*>(block.data()), static_cast<std::size_t>(file.gcount())));
    if (file.bad() || !file.eof())
        return system_error("read", path);
    return sum.finish().hex();
}

template <class Rows>
auto find(Rows& rows, std::string_view file) {
    return std::ranges::find(rows, file, [](const auto& each) { return std::string_view(each.file); });
}

}  // namespace

std::string to_json(const CacheState& state) { return json::text_of(state); }

Result<CacheState> cache_state_from_json(std::string_view text) { return json::read<CacheState>(TRY(json::parse(text))); }

Result<Cache> Cache::open(const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return fail(Errc::io, fmt::format("cannot make the folder {}: {}; name another with --cache", folder, error.message()));
    const std::string lock = folder + "/lock";
    const int file = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0)
        return system_error("write", lock);
    Cache cache(folder, file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0)
        return fail(Errc::refused, fmt::format("another update works in {}: wait for it, or name another folder with --cache", folder));
    std::ifstream state(cache.path(kState), std::ios::binary);
    const auto size = fs::file_size(cache.path(kState), error);
    if (state && !error && size <= kLargestState)
        if (auto known = cache_state_from_json(std::string(std::istreambuf_iterator<char>(state), {})))
            cache.state_ = std::move(*known);
    return cache;
}

Cache::Cache(Cache&& other) noexcept : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)), state_(std::move(other.state_)) {}

Cache::~Cache() {
    if (lock_ >= 0)
        ::close(lock_);
}

std::string Cache::path(std::string_view file) const { return fmt::format("{}/{}", folder_, file); }

const FileState* Cache::file(std::string_view file) const {
    const auto found = find(state_.files, file);
    if (found == state_.files.end())
        return nullptr;
    std::error_code error;
    if (fs::file_size(path(file), error) != found->size || error)
        return nullptr;
    const auto sum = sha256_of(path(file));
    return sum && *sum == found->sha256 ? &*found : nullptr;
}

const PartState* Cache::part(std::string_view file) const {
    const auto found = find(state_.parts, file);
    return found == state_.parts.end() ? nullptr : &*found;
}

std::uint64_t Cache::part_size(std::string_view file) const {
    std::error_code error;
    const auto size = fs::file_size(path(file) + ".part", error);
    return error ? 0 : size;
}

Result<void> Cache::save() const {
    const std::string temporary = path(kState) + ".part";
    {
        auto file = TRY(PartFile::open(temporary, false));
        TRY(file.write(to_json(state_)));
        TRY(file.sync());
    }
    return ::rename(temporary.c_str(), path(kState).c_str()) == 0 ? Result<void>() : Result<void>(system_error("write", path(kState)));
}

Result<void> Cache::set_part(const PartState& part) {
    std::erase_if(state_.parts, [&](const PartState& each) { return each.file == part.file; });
    state_.parts.push_back(part);
    return save();
}

Result<void> Cache::drop_part(const std::string& file) {
    std::error_code error;
    fs::remove(path(file) + ".part", error);
    return std::erase_if(state_.parts, [&](const PartState& each) { return each.file == file; }) == 0 ? Result<void>() : save();
}

Result<void> Cache::complete(FileState state) {
    const std::string part = path(state.file) + ".part";
    state.size = part_size(state.file);
    state.sha256 = TRY(sha256_of(part));
    if (::rename(part.c_str(), path(state.file).c_str()) != 0)
        return system_error("replace", path(state.file));
    std::erase_if(state_.parts, [&](const PartState& each) { return each.file == state.file; });
    std::erase_if(state_.files, [&](const FileState& each) { return each.file == state.file; });
    state_.files.push_back(std::move(state));
    std::ranges::sort(state_.files, {}, &FileState::file);
    return save();
}

Result<void> Cache::drop(const std::string& file) {
    std::error_code error;
    fs::remove(path(file), error);
    return std::erase_if(state_.files, [&](const FileState& each) { return each.file == file; }) == 0 ? Result<void>() : save();
}

Result<void> Cache::distrust(const std::string& file) {
    const auto found = find(state_.files, file);
    if (found == state_.files.end())
        return {};
    found->etag.clear();
    found->modified.clear();
    found->until.clear();
    return save();
}

Result<void> Cache::touch(const std::string& file, const std::string& fetched, const std::string& until) {
    const auto found = find(state_.files, file);
    if (found == state_.files.end())
        return {};
    found->fetched = fetched;
    found->until = until;
    return save();
}

Result<PartFile> PartFile::open(const std::string& path, bool append) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (append ? O_APPEND : O_TRUNC), 0644);
    if (file < 0)
        return system_error("write", path);
    return PartFile(path, file);
}

PartFile::PartFile(PartFile&& other) noexcept : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}

PartFile& PartFile::operator=(PartFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(file_, other.file_);
    return *this;
}

PartFile::~PartFile() {
    if (file_ >= 0)
        ::close(file_);
}

Result<void> PartFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return system_error("write", path_);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> PartFile::sync() { return ::fsync(file_) == 0 || errno == EINVAL || errno == EROFS ? Result<void>() : Result<void>(system_error("write", path_)); }

}  // namespace shirushi::fetch
