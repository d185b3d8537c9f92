#include "unpack/archives/libarchive_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <clocale>
#include <fmt/format.h>
#include <langinfo.h>

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "base/text.hpp"

namespace shirushi::unpack {
namespace {

struct ArchiveEnd {
    void operator()(struct archive* reader) const { archive_read_free(reader); }
};
using Archive = std::unique_ptr<struct archive, ArchiveEnd>;

// Names in pax headers and zip are UTF-8; libarchive turns them into the thread's character set, so that has to be UTF-8, too.
// Loaded before any child is made (there, no file can be opened); without it such names lose their non-ASCII letters.
const locale_t kUtf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);

FileKind kind_of(struct archive_entry* entry) {
    switch (archive_entry_filetype(entry)) {
        case AE_IFDIR: return FileKind::directory;
        case AE_IFLNK: return FileKind::symlink;
        case AE_IFBLK: return FileKind::block_device;
        case AE_IFCHR: return FileKind::character_device;
        case AE_IFIFO: return FileKind::fifo;
        case AE_IFSOCK: return FileKind::socket;
        default: return FileKind::regular;
    }
}

std::string_view text_of(const char* text) { return text != nullptr ? std::string_view(text) : std::string_view(); }

class Reading {
public:
    Reading(Bytes bytes, struct archive* reader, Share share, Sink& sink) : bytes_(bytes), reader_(reader), dealer_(share), sink_(sink) {}

    Result<void> entry(struct archive_entry* entry) {
        const std::string path(text_of(archive_entry_pathname(entry)));
        EntryInfo info{.kind = kind_of(entry), .mode = archive_entry_perm(entry) & 07777U, .uid = clamped(archive_entry_uid(entry)),
                       .gid = clamped(archive_entry_gid(entry)), .target = std::string(text_of(archive_entry_symlink(entry))),
                       .modified = archive_entry_mtime_is_set(entry) != 0 ? archive_entry_mtime(entry) : 0};
        const bool filled = info.kind == FileKind::regular && archive_entry_size_is_set(entry) != 0;
        if (filled ? !dealer_.mine(static_cast<std::uint64_t>(std::max<std::int64_t>(archive_entry_size(entry), 0))) : !dealer_.first())
            return {};
        TRY(sink_.begin(path, info));
        if (archive_entry_is_encrypted(entry) != 0)
            return sink_.end("it is encrypted");
        if (const char* linked = archive_entry_hardlink(entry); linked != nullptr) {
            const auto original = contents_.find(linked);
            if (original == contents_.end())
                return sink_.end("it is a hard link to something that is not in the archive");
            TRY(sink_.write(original->second));
            return sink_.end("");
        }
        if (info.kind != FileKind::regular)
            return sink_.end("");
        return content(path);
    }

private:
    static std::uint32_t clamped(std::int64_t id) { return static_cast<std::uint32_t>(std::clamp<std::int64_t>(id, 0, UINT32_MAX)); }

    Result<void> content(const std::string& path) {
        std::int64_t written = 0;
        Bytes whole;  // the content where it lies in the archive, if it does so in one piece
        bool in_place = true;
        std::string warning;  // zip says of a wrong checksum or size only this, behind the last piece
        while (true) {
            const void* block = nullptr;
            std::size_t size = 0;
            std::int64_t offset = 0;
            const int code = archive_read_data_block(reader_, &block, &size, &offset);
            if (code == ARCHIVE_EOF) {
                for (; written < offset;)
                    written += TRY(zeros(offset - written));
                break;
            }
            if (code == ARCHIVE_RETRY)
                continue;
            if (code < ARCHIVE_WARN)
                return code == ARCHIVE_FATAL ? Result<void>(fail(Errc::bad_input, reason())) : sink_.end(reason());
            if (code == ARCHIVE_WARN)
                warning = reason();
            for (; written < offset; in_place = false)
                written += TRY(zeros(offset - written));
            const Bytes piece{static_cast<const std::uint8_t*>(block), size};
            TRY(sink_.write(piece));
            written += static_cast<std::int64_t>(size);
            const bool inside = size != 0 && piece.data() >= bytes_.data() && piece.data() + size <= bytes_.data() + bytes_.size();
            if (whole.empty() && inside)
                whole = piece;
            else if (inside && whole.data() + whole.size() == piece.data())
                whole = {whole.data(), whole.size() + size};
            else if (size != 0)
                in_place = false;
        }
        if (in_place)
            contents_.insert_or_assign(path, whole);
        return sink_.end(warning);
    }

    Result<std::int64_t> zeros(std::int64_t count) {
        const auto size = std::min(static_cast<std::uint64_t>(count), kStreamChunk);
        const std::span<std::uint8_t> room = TRY(sink_.reserve(size));
        std::ranges::fill(room, std::uint8_t{0});
        sink_.commit(size);
        return static_cast<std::int64_t>(size);
    }

    std::string reason() const { return excerpt(text_of(archive_error_string(reader_))); }

    Bytes bytes_;
    struct archive* reader_;
    Dealer dealer_;
    Sink& sink_;
    std::unordered_map<std::string, Bytes> contents_;  // of regular files, for the hard links to them
};

}  // namespace

Result<void> read_with_libarchive(Bytes bytes, int (*enable)(struct archive*), Sink& sink, Share share) {
    if (kUtf8 != nullptr)
        uselocale(kUtf8);
    const Archive reader(archive_read_new());
    if (reader == nullptr || enable(reader.get()) != ARCHIVE_OK)
        return fail(Errc::internal, "libarchive could not start");
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        return fail(Errc::bad_input, excerpt(text_of(archive_error_string(reader.get()))));
    Reading reading(bytes, reader.get(), share, sink);
    while (true) {
        struct archive_entry* entry = nullptr;
        const int code = archive_read_next_header(reader.get(), &entry);
        if (code == ARCHIVE_EOF)
            return {};
        if (code == ARCHIVE_RETRY)
            continue;
        if (code < ARCHIVE_WARN)
            return fail(Errc::bad_input, excerpt(text_of(archive_error_string(reader.get()))));
        TRY(reading.entry(entry));
    }
}

}  // namespace shirushi::unpack
