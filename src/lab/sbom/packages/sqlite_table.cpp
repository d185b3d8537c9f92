#include "sbom/packages/sqlite_table.hpp"

#include <fmt/format.h>

namespace shirushi::sbom {
namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::uint8_t kInterior = 0x05;
constexpr std::uint8_t kLeaf = 0x0D;
constexpr int kDepth = 20;             // B-trees of this format are at most that deep
constexpr std::size_t kColumns = 64;   // of the tables wanted here
constexpr std::uint64_t kPayload = std::uint64_t{64} << 20;
constexpr std::uint64_t kCopied = std::uint64_t{512} << 20;  // of all payloads together: hostile cells may share pages

using Row = std::function<bool(const std::vector<SqliteValue>&, std::uint64_t)>;

/// "Variable-length integer": seven bits a byte, the ninth has eight.
Result<std::uint64_t> varint(Reader& reader) {
    std::uint64_t value = 0;
    for (int i = 0; i < 9; ++i) {
        const std::uint8_t byte = TRY(reader.u8());
        if (i == 8)
            return (value << 8) | byte;
        value = (value << 7) | (byte & 0x7F);
        if (byte < 0x80)
            return value;
    }
    return value;
}

class Database {
public:
    static Result<Database> read(Bytes file) {
        if (!as_text(file).starts_with(kMagic) || file.size() < 100)
            return fail(Errc::bad_input, "is not an SQLite database");
        const std::uint32_t stored = load_be<std::uint16_t>(file.data() + 16);
        const std::uint32_t page = stored == 1 ? 65'536 : stored;
        const std::uint32_t usable = page - file[20];
        if (page < 512 || (page & (page - 1)) != 0 || usable < 480)
            return fail(Errc::bad_input, fmt::format("a page size of {} bytes", page));
        return Database(file, page, usable);
    }

    /// False: the caller wants no more.
    Result<bool> walk(std::uint64_t number, const Row& row, int depth = 0) {
        if (depth > kDepth || ++visited_ > file_.size() / page_ + 1)
            return fail(Errc::bad_input, fmt::format("page {} is part of a circle", number));
        const Bytes page = TRY_WITHIN(fmt::format("page {}", number), slice(file_, (number - 1) * page_, page_));
        const std::uint64_t head = number == 1 ? 100 : 0;
        const std::uint8_t kind = page[head];
        const std::uint64_t cells = load_be<std::uint16_t>(page.data() + head + 3);
        if (kind != kInterior && kind != kLeaf)
            return fail(Errc::bad_input, fmt::format("page {} is not one of a table", number));
        Reader pointers(page.subspan(head + (kind == kInterior ? 12 : 8)), Endian::big);
        for (std::uint64_t i = 0; i < cells; ++i) {
            const std::uint64_t at = TRY_WITHIN(fmt::format("page {}", number), pointers.u16());
            Reader cell(clipped(page, at, page_), Endian::big);
            if (kind == kLeaf) {
                if (!TRY(deliver(cell, (number - 1) * page_ + at, row)))
                    return false;
                continue;
            }
            const std::uint32_t child = TRY_WITHIN(fmt::format("page {}", number), cell.u32());
            if (!TRY(walk(child, row, depth + 1)))
                return false;
        }
        if (kind == kLeaf)
            return true;
        return walk(load_be<std::uint32_t>(page.data() + head + 8), row, depth + 1);
    }

private:
    Database(Bytes file, std::uint32_t page, std::uint32_t usable) : file_(file), page_(page), usable_(usable) {}

    /// A cell's payload, with what overflows its page.
    Result<Buffer> payload(Reader& cell, std::uint64_t size) {
        copied_ += size;
        if (size > kPayload || copied_ > kCopied)
            return fail(Errc::limit, fmt::format("a row of {} bytes, or too many bytes in all", size));
        const std::uint64_t most = usable_ - 35;  // "Cell Payload Overflow Pages": X, M and K
        const std::uint64_t least = (usable_ - 12) * 32 / 255 - 23;
        std::uint64_t here = size;
        if (size > most) {
            const std::uint64_t wanted = least + (size - least) % (usable_ - 4);
            here = wanted <= most ? wanted : least;
        }
        const Bytes local = TRY(cell.take(here));
        Buffer out(local.begin(), local.end());
        std::uint32_t next = here < size ? TRY(cell.u32()) : 0;
        while (out.size() < size) {
            if (next == 0)
                return fail(Errc::bad_input, fmt::format("a row ends after {} of {} bytes", out.size(), size));
            const Bytes page = TRY_WITHIN("overflow page", slice(file_, (std::uint64_t{next} - 1) * page_, page_));
            const Bytes part = clipped(page, 4, std::min<std::uint64_t>(usable_ - 4, size - out.size()));
            out.insert(out.end(), part.begin(), part.end());
            next = load_be<std::uint32_t>(page.data());
        }
        return out;
    }

    Result<bool> deliver(Reader& cell, std::uint64_t offset, const Row& row) {
        const std::uint64_t size = TRY_WITHIN("cell", varint(cell));
        TRY_WITHIN("cell", varint(cell));  // row id
        const Buffer record = TRY(payload(cell, size));
        Reader head(record, Endian::big);
        const std::uint64_t head_size = TRY_WITHIN("record", varint(head));
        Reader body(record, Endian::big);
        TRY_WITHIN("record", body.seek(head_size));
        std::vector<SqliteValue> values;
        while (head.position() < head_size && values.size() < kColumns) {
            const std::uint64_t type = TRY_WITHIN("record", varint(head));
            values.push_back(TRY_WITHIN("record", value(type, body)));
        }
        return row(values, offset);
    }

    /// "Serial Type Codes Of The Record Format".
    static Result<SqliteValue> value(std::uint64_t type, Reader& body) {
        SqliteValue out;
        constexpr std::uint8_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8};
        if (type == 0) {
            out.is_null = true;
        } else if (type < 8) {
            const Bytes bytes = TRY(body.take(sizes[type]));
            std::uint64_t number = (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
            for (const std::uint8_t byte : bytes)
                number = (number << 8) | byte;
            out.number = static_cast<std::int64_t>(number);
        } else if (type < 12) {
            out.number = type == 9 ? 1 : 0;
        } else {
            out.bytes = TRY(body.take((type - 12) / 2));
        }
        return out;
    }

    Bytes file_;
    std::uint64_t page_;
    std::uint64_t usable_;
    std::uint64_t visited_ = 0;  // of one walk: a tree has each page once
    std::uint64_t copied_ = 0;
};

}  // namespace

Result<void> read_sqlite_table(Bytes file, std::string_view table, const Row& row) {
    Database schema = TRY(Database::read(file));
    std::uint64_t root = 0;
    const auto is_wanted = [&](const std::vector<SqliteValue>& values, std::uint64_t) {  // type, name, tbl_name, rootpage, sql
        if (values.size() >= 4 && as_text(values[0].bytes) == "table" && as_text(values[1].bytes) == table && values[3].number > 0)
            root = static_cast<std::uint64_t>(values[3].number);
        return root == 0;
    };
    TRY_WITHIN("schema", schema.walk(1, is_wanted));
    if (root == 0)
        return fail(Errc::bad_input, fmt::format("has no table {}", table));
    Database rows = TRY(Database::read(file));
    TRY(rows.walk(root, row));
    return {};
}

}  // namespace shirushi::sbom
