// rpm's database of packages in Berkeley DB's hash format, as rpm up to 4.15 writes it (Berkeley DB, dbinc/db_page.h): a meta page, then pages
// of items in which keys and values alternate; a value too long for its page lies in a chain of overflow pages. Either byte order.

#include <fmt/format.h>

#include "base/text.hpp"
#include "sbom/packages/rpm_header.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::uint32_t kHashMagic = 0x00061561;
constexpr std::uint64_t kPageHead = 26;
constexpr std::uint8_t kHashUnsorted = 2;
constexpr std::uint8_t kOverflow = 7;
constexpr std::uint8_t kHash = 13;
constexpr std::uint8_t kInPage = 1;    // H_KEYDATA
constexpr std::uint8_t kOffPage = 3;   // H_OFFPAGE
constexpr std::uint32_t kHeader = 64u << 20;   // a kernel's header with all its files has 2 MiB
constexpr std::uint64_t kCopied = std::uint64_t{512} << 20;  // of all values together: hostile items may share one chain

class HashFile {
public:
    static Result<HashFile> read(Bytes file) {
        for (const Endian endian : {Endian::little, Endian::big}) {
            Reader head(clipped(file, 12, 12), endian);
            const auto magic = head.u32();
            const auto version = head.u32();
            const auto page = head.u32();
            if (page && *magic == kHashMagic && *version > 0 && *page >= 512 && *page <= 65'536)
                return HashFile(file, endian, *page);
        }
        return fail(Errc::bad_input, "is not a hash table of Berkeley DB");
    }

    [[nodiscard]] std::uint64_t pages() const { return file_.size() / page_; }
    [[nodiscard]] std::uint64_t page_size() const { return page_; }
    [[nodiscard]] Bytes page(std::uint64_t number) const { return clipped(file_, number * page_, page_); }
    [[nodiscard]] std::uint32_t u16(Bytes bytes, std::uint64_t at) const {
        return endian_ == Endian::little ? load_le<std::uint16_t>(bytes.data() + at) : load_be<std::uint16_t>(bytes.data() + at);
    }
    [[nodiscard]] std::uint32_t u32(Bytes bytes, std::uint64_t at) const {
        return endian_ == Endian::little ? load_le<std::uint32_t>(bytes.data() + at) : load_be<std::uint32_t>(bytes.data() + at);
    }

    /// What a chain of overflow pages holds, `size` bytes of it. Each page is taken once at most: a chain that bites its tail ends.
    [[nodiscard]] Result<Buffer> chain(std::uint32_t first, std::uint32_t size) const {
        Buffer out;
        std::uint64_t taken = 0;
        for (std::uint32_t number = first; number != 0 && out.size() < size; ++taken) {
            const Bytes here = page(number);
            if (here.size() < page_ || here[25] != kOverflow || taken > pages())
                return fail(Errc::bad_input, fmt::format("page {} does not continue it", number));
            const Bytes part = clipped(here, kPageHead, u16(here, 22));
            out.insert(out.end(), part.begin(), part.end());
            number = u32(here, 16);
        }
        if (out.size() < size)
            return fail(Errc::bad_input, fmt::format("ends after {} of {} bytes", out.size(), size));
        out.resize(size);
        return out;
    }

private:
    HashFile(Bytes file, Endian endian, std::uint32_t page) : file_(file), endian_(endian), page_(page) {}

    Bytes file_;
    Endian endian_;
    std::uint32_t page_;
};

/// Takes the values of one page. False when no more are taken.
bool read_page(const HashFile& file, std::uint64_t number, std::uint64_t& copied, PackageList& list) {
    const Bytes page = file.page(number);
    if (page.size() < file.page_size() || (page[25] != kHash && page[25] != kHashUnsorted))
        return true;
    const std::uint64_t items = std::min<std::uint64_t>(file.u16(page, 20), (page.size() - kPageHead) / 2);
    for (std::uint64_t i = 1; i < items; i += 2) {  // odd ones are values
        const std::uint64_t at = file.u16(page, kPageHead + 2 * i);
        const std::uint64_t before = file.u16(page, kPageHead + 2 * (i - 1));  // items grow downwards: this one ends where the key starts
        const std::uint64_t offset = number * file.page_size() + at;
        if (at >= page.size())
            continue;
        if (page[at] == kInPage && before > at + 1 && before <= page.size()) {
            if (before - at > 16 && !add_rpm_header(list, page.subspan(at + 1, before - at - 1), offset))  // shorter: the next package's number
                return false;
        } else if (page[at] == kOffPage && at + 12 <= page.size()) {
            const std::uint32_t size = file.u32(page, at + 8);
            copied += size;
            if (size > kHeader || copied > kCopied) {
                list.gaps.push_back(
                    fmt::format("package at {}: {} bytes are more than a header has, or than all of them: the rest was not read", offset, size));
                return false;
            }
            const auto blob = file.chain(file.u32(page, at + 4), size);
            if (!blob) {
                if (list.gaps.size() < 16)
                    list.gaps.push_back(fmt::format("package at {}: {}", offset, blob.error().message));
            } else if (!add_rpm_header(list, *blob, offset)) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

PackageList read_rpm_berkeley(Bytes content) {
    PackageList list;
    const auto file = HashFile::read(content);
    if (!file) {
        list.gaps.push_back(file.error().message);
        return list;
    }
    std::uint64_t copied = 0;
    for (std::uint64_t number = 1; number < file->pages(); ++number)
        if (!read_page(*file, number, copied, list))
            break;
    return list;
}

}  // namespace shirushi::sbom
