#include "unpack/archives/alpine_package.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/archives/adb.hpp"
#include "unpack/archives/forwarding_sink.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;
using Value = AdbTree::Value;

// Members of the objects, by number.
namespace package_member { constexpr std::uint32_t info = 1, folders = 2, scripts = 3; }
namespace info_member { constexpr std::uint32_t name = 1, version = 2, arch = 5, license = 6; }
namespace folder_member { constexpr std::uint32_t name = 1, access = 2, files = 3; }
namespace file_member { constexpr std::uint32_t name = 1, access = 2, size = 3, modified = 4, digest = 5, target = 6; }
namespace access_member { constexpr std::uint32_t mode = 1, user = 2, group = 3; }
namespace index_member { constexpr std::uint32_t description = 1, packages = 2; }
constexpr std::array kScripts{".trigger"sv, ".pre-install"sv, ".post-install"sv, ".pre-deinstall"sv, ".post-deinstall"sv, ".pre-upgrade"sv, ".post-upgrade"sv};

enum class Compression : std::uint8_t { none, deflate, zstd };
constexpr std::uint64_t kShortHeader = 4;
constexpr std::uint64_t kLongHeader = 6;  // with algorithm and level

std::string name_and_version(const AdbTree& tree, Value info) {
    return fmt::format("{} {}", excerpt(tree.text(tree.member(info, info_member::name)), 80), excerpt(tree.text(tree.member(info, info_member::version)), 40));
}

/// Names of users are those of the machine that installs it; all but root's are nobody's here, as in apk itself.
std::uint32_t number_of(std::string_view user) {
    constexpr std::uint32_t kNobody = 65534;
    return user.empty() || user == "root" ? 0 : kNobody;
}

class Package {
public:
    Package(const AdbFile& adb, Sink& sink) : adb_(adb), tree_(adb.tree), sink_(sink) {}

    Result<void> run() {
        const Value folders = tree_.member(tree_.root(), package_member::folders);
        for (std::uint32_t number = 1; number <= tree_.count(folders); ++number)
            TRY(folder(number, tree_.member(folders, number)));
        const Value scripts = tree_.member(tree_.root(), package_member::scripts);
        for (std::uint32_t number = 1; number <= kScripts.size(); ++number)
            if (const Bytes script = tree_.blob(tree_.member(scripts, number)); !script.empty()) {
                TRY(sink_.begin(kScripts.at(number - 1), {.mode = 0755}));
                TRY(sink_.write(script));
                TRY(sink_.end(""));
            }
        return {};
    }

private:
    Result<void> folder(std::uint32_t number, Value folder) {
        const std::string path(tree_.text(tree_.member(folder, folder_member::name)));
        if (!path.empty()) {
            EntryInfo info = access(tree_.member(folder, folder_member::access));
            info.kind = FileKind::directory;
            TRY(begin(path, info));
            TRY(sink_.end(""));
        }
        const Value files = tree_.member(folder, folder_member::files);
        for (std::uint32_t i = 1; i <= tree_.count(files); ++i)
            TRY(file(path.empty() ? path : path + "/", number, i, tree_.member(files, i)));
        return {};
    }

    Result<void> file(const std::string& before, std::uint32_t folder, std::uint32_t number, Value file) {
        const std::string path = before + std::string(tree_.text(tree_.member(file, file_member::name)));
        EntryInfo info = access(tree_.member(file, file_member::access));
        info.modified = static_cast<std::int64_t>(std::min<std::uint64_t>(tree_.number(tree_.member(file, file_member::modified)), INT64_MAX));
        if (const Value target = tree_.member(file, file_member::target); target != 0)
            return link(path, info, tree_.blob(target));
        TRY(begin(path, info));
        const std::uint64_t size = tree_.number(tree_.member(file, file_member::size));
        const Bytes content = size == 0 ? Bytes() : content_of(folder, number);
        TRY(sink_.write(content));
        const std::string damage = damage_of(content, size, tree_.blob(tree_.member(file, file_member::digest)));
        contents_.insert_or_assign(path, std::pair(content, damage));
        return sink_.end(damage);
    }

    static std::string damage_of(Bytes content, std::uint64_t size, Bytes digest) {
        if (content.size() < size)
            return content.empty() ? "its content is not in the package" : cut_off(content.size(), size);
        const bool right = content.size() == size && (digest.size() != 32 || std::ranges::equal(digest, crypto::sha256(content).bytes));
        return right ? "" : "its SHA-256 does not match";
    }

    /// What is no plain file has a kind (as in Linux's st_mode) and where it leads.
    Result<void> link(const std::string& path, EntryInfo info, Bytes target) {
        const unsigned kind = target.size() < 2 ? 0 : load_le<std::uint16_t>(target.data()) >> 12U;
        const std::string_view to = as_text(clipped(target, 2, target.size()));
        switch (kind) {
            case 1: info.kind = FileKind::fifo; break;
            case 2: info.kind = FileKind::character_device; break;
            case 6: info.kind = FileKind::block_device; break;
            case 10: info.kind = FileKind::symlink; info.target = to; break;
            default: break;
        }
        TRY(begin(path, info));
        if (kind != 8)
            return sink_.end(info.kind == FileKind::regular ? "it is a special file of an unknown kind" : "");
        const auto original = contents_.find(std::string(to));
        if (original == contents_.end())
            return sink_.end("it is a hard link to something that is not in the package");
        TRY(sink_.write(original->second.first));
        return sink_.end(original->second.second);
    }

    /// The same folder may stand in the tree many times over, so entries are counted.
    Result<void> begin(const std::string& path, const EntryInfo& info) {
        if (++entries_ > most_entries || path.size() > longest_path)
            return fail(Errc::limit, "the package has more entries, or a longer path, than are read");
        return sink_.begin(path, info);
    }

    [[nodiscard]] EntryInfo access(Value access) const {
        return {.mode = static_cast<std::uint32_t>(tree_.number(tree_.member(access, access_member::mode)) & 07777U),
                .uid = number_of(tree_.text(tree_.member(access, access_member::user))), .gid = number_of(tree_.text(tree_.member(access, access_member::group)))};
    }

    [[nodiscard]] Bytes content_of(std::uint32_t folder, std::uint32_t file) const {
        const auto key = std::pair(folder, file);
        const auto at = std::ranges::lower_bound(adb_.contents, key, {}, [](const AdbFile::Content& one) { return std::pair(one.folder, one.file); });
        return at != adb_.contents.end() && std::pair(at->folder, at->file) == key ? at->bytes : Bytes();
    }

    const AdbFile& adb_;
    const AdbTree& tree_;
    Sink& sink_;
    std::unordered_map<std::string, std::pair<Bytes, std::string>> contents_;  // with what is wrong with each
    std::size_t entries_ = 0;
};

Result<void> write_index(const AdbTree& tree, Sink& sink) {
    const Value packages = tree.member(tree.root(), index_member::packages);
    TRY(sink.begin_stream("packages", "a line for each: name, version, architecture, licence"));
    for (std::uint32_t number = 1; number <= tree.count(packages); ++number) {
        const Value info = tree.member(packages, number);
        const auto field = [&](std::uint32_t which) { return excerpt(tree.text(tree.member(info, which)), 200); };
        TRY(sink.write(as_bytes(fmt::format("{} {} {} {}\n", field(info_member::name), field(info_member::version), field(info_member::arch), field(info_member::license)))));
    }
    return sink.end("");
}

struct StreamEnd {
    void operator()(z_stream* stream) const { inflateEnd(stream); }
};

/// Raw deflate. Nothing is handed out unless it begins as it must.
Result<void> inflate_adb(Bytes bytes, Sink& sink) {
    z_stream stream{};
    if (inflateInit2(&stream, -15) != Z_OK)
        return fail(Errc::internal, "zlib could not start");
    const std::unique_ptr<z_stream, StreamEnd> cleanup(&stream);
    std::array<std::uint8_t, 4> first{};
    std::span<std::uint8_t> room(first);
    std::uint64_t position = 0;
    for (int code = Z_OK; code != Z_STREAM_END;) {
        const Bytes input = clipped(bytes, position, 1U << 30);
        stream.next_in = const_cast<Bytef*>(input.data());
        stream.avail_in = static_cast<uInt>(input.size());
        stream.next_out = room.data();
        stream.avail_out = static_cast<uInt>(room.size());
        code = inflate(&stream, Z_NO_FLUSH);
        const std::uint64_t made = room.size() - stream.avail_out;
        const std::uint64_t taken = input.size() - stream.avail_in;
        position += taken;
        if (room.data() == first.data()) {
            if (made < first.size() || as_text(first) != "ADB.")
                return fail(Errc::bad_input, "what is compressed is no package");
            TRY(sink.begin("", {}));
            TRY(sink.write(first));
        } else {
            sink.commit(made);
        }
        sink.consumed(position);
        if (code != Z_OK && code != Z_STREAM_END)
            return fail(Errc::bad_input, fmt::format("the package is damaged or cut off at 0x{:x}", kShortHeader + position));
        if (code == Z_OK)
            room = TRY(sink.reserve(kStreamChunk));
    }
    return sink.end("");
}

/// How it is compressed, and where that begins.
std::pair<Compression, std::uint64_t> compression_of(Bytes bytes) {
    if (bytes.size() < kLongHeader || as_text(bytes.first(3)) != "ADB")
        return {Compression::none, 0};
    if (bytes[3] == 'd')
        return {Compression::deflate, kShortHeader};
    return {bytes[3] == 'c' && bytes[4] <= 2 ? Compression{bytes[4]} : Compression::none, kLongHeader};
}

}  // namespace

std::optional<FoundContainer> identify_apk_v3(Bytes bytes) {
    const auto adb = read_adb(bytes);
    if (!adb || (adb->schema != "pckg" && adb->schema != "indx"))
        return std::nullopt;
    FoundContainer found{.size = adb->size, .checked = !adb->cut};
    const AdbTree& tree = adb->tree;
    if (adb->schema == "pckg") {
        const Value info = tree.member(tree.root(), package_member::info);
        found.description = fmt::format("package {} for {}, {} folders, {} files with content", name_and_version(tree, info), excerpt(tree.text(tree.member(info, info_member::arch)), 20),
                                        tree.count(tree.member(tree.root(), package_member::folders)), adb->contents.size());
    } else {
        const std::string about = excerpt(tree.text(tree.member(tree.root(), index_member::description)), 100);
        found.description = fmt::format("index of {} packages{}{}", tree.count(tree.member(tree.root(), index_member::packages)), about.empty() ? "" : ": ", about);
    }
    found.description += fmt::format(", {} signatures{}", adb->signatures, adb->cut ? ", cut off" : "");
    return found;
}

Result<void> read_apk_v3(Bytes bytes, Share /*share*/, Sink& sink) {
    const auto adb = read_adb(bytes);
    if (!adb)
        return fail(Errc::bad_input, "its tree of values is damaged");
    TRY(adb->schema == "pckg" ? Package(*adb, sink).run() : write_index(adb->tree, sink));
    return adb->cut ? fail(Errc::bad_input, fmt::format("the package is cut off after {} bytes", bytes.size())) : Result<void>();
}

std::optional<FoundContainer> identify_packed_apk_v3(Bytes bytes) {
    const auto [compression, from] = compression_of(bytes);
    const Bytes packed = clipped(bytes, from, bytes.size());
    if (compression == Compression::zstd && identify_zstd(packed))
        return FoundContainer{.size = 0, .description = "compressed with zstd"};
    constexpr std::uint8_t kNoBlockType = 6;  // of the bits that follow the first
    if (compression == Compression::deflate && !packed.empty() && (packed[0] & kNoBlockType) != kNoBlockType)
        return FoundContainer{.size = 0, .description = "compressed with deflate"};
    return std::nullopt;
}

Result<void> read_packed_apk_v3(Bytes bytes, Share share, Sink& sink) {
    const auto [compression, from] = compression_of(bytes);
    OffsetSink behind(sink, from);
    const Bytes packed = clipped(bytes, from, bytes.size());
    if (compression == Compression::none)
        return fail(Errc::bad_input, "it is not compressed in a known way");
    return compression == Compression::zstd ? read_zstd(packed, share, behind) : inflate_adb(packed, behind);
}

}  // namespace shirushi::unpack
