#include "unpack/archives/adb.hpp"

#include <algorithm>
#include <tuple>

namespace shirushi::unpack {
namespace {

constexpr std::uint32_t kRest = 0x0fffffff;
constexpr std::uint64_t kTreeHeader = 8;  // two versions, two bytes, the root
enum class Kind : std::uint8_t { number = 1, number_32 = 2, number_64 = 3, blob_8 = 8, blob_16 = 9, blob_32 = 10, array = 13, object = 14 };
enum class BlockType : std::uint32_t { tree, signature, content, extended };

Kind kind_of(AdbTree::Value value) { return Kind{static_cast<std::uint8_t>(value >> 28U)}; }

/// The number of `width` bytes at this place, where it lies in the tree.
std::optional<std::uint64_t> load(Bytes bytes, std::uint64_t at, std::uint64_t width) {
    const Bytes field = clipped(bytes, at, width);
    if (field.size() < width)
        return std::nullopt;
    std::uint64_t value = 0;
    for (std::uint64_t i = 0; i < width; ++i)
        value |= std::uint64_t{field[i]} << 8 * i;
    return value;
}

struct Block {
    BlockType type = BlockType::tree;
    Bytes content;
    std::uint64_t size = 0;  // with header and padding
    bool cut = false;
};

std::optional<Block> block_at(Bytes bytes, std::uint64_t at) {
    const auto word = load(bytes, at, 4);
    if (!word)
        return std::nullopt;
    Block block{.type = BlockType{static_cast<std::uint32_t>(*word >> 30U)}};
    std::uint64_t header = 4;
    std::uint64_t raw = *word & 0x3fffffffU;
    if (block.type == BlockType::extended) {
        const auto size = load(bytes, at + 8, 8);
        if (!size || raw > 2)
            return std::nullopt;
        block.type = BlockType{static_cast<std::uint32_t>(raw)};
        header = 16;
        raw = *size;
    }
    if (raw < header || raw > std::uint64_t{1} << 48U)
        return std::nullopt;
    block.content = clipped(bytes, at + header, raw - header);
    block.cut = block.content.size() < raw - header;
    block.size = (raw + 7) & ~std::uint64_t{7};
    return block;
}

bool is_next(const AdbFile& file, std::uint32_t folder, std::uint32_t number) {
    if (folder == 0 || number == 0)
        return false;
    return file.contents.empty() || std::tuple(file.contents.back().folder, file.contents.back().file) < std::tuple(folder, number);
}

/// False where the block cannot follow those before.
bool add_block(AdbFile& file, const Block& block) {
    if (block.type == BlockType::signature) {
        constexpr std::size_t kMostSignature = 2048;  // apk's own ceiling
        constexpr std::uint8_t kHashes = 4;
        const bool fits = file.contents.empty() && block.content.size() > 18 && block.content.size() <= kMostSignature && block.content[0] == 0 && block.content[1] <= kHashes;
        file.signatures += fits ? 1 : 0;
        return fits;
    }
    const auto folder = load(block.content, 0, 4);
    const auto number = load(block.content, 4, 4);
    if (block.type != BlockType::content || !number || !is_next(file, static_cast<std::uint32_t>(*folder), static_cast<std::uint32_t>(*number)))
        return false;
    file.contents.push_back({static_cast<std::uint32_t>(*folder), static_cast<std::uint32_t>(*number), block.content.subspan(8)});
    return true;
}

}  // namespace

AdbTree::Value AdbTree::root() const { return static_cast<Value>(load(bytes_, 4, 4).value_or(0)); }

std::uint32_t AdbTree::count(Value value) const {
    if (kind_of(value) != Kind::array && kind_of(value) != Kind::object)
        return 0;
    const std::uint64_t at = value & kRest;
    const std::uint64_t words = load(bytes_, at, 4).value_or(0);  // with this one
    return words == 0 || words > (bytes_.size() - at) / 4 ? 0 : static_cast<std::uint32_t>(words - 1);
}

AdbTree::Value AdbTree::member(Value value, std::uint32_t number) const {
    if (number == 0 || number > count(value))
        return 0;
    return static_cast<Value>(load(bytes_, (value & kRest) + std::uint64_t{4} * number, 4).value_or(0));
}

std::uint64_t AdbTree::number(Value value) const {
    switch (kind_of(value)) {
        case Kind::number: return value & kRest;
        case Kind::number_32: return load(bytes_, value & kRest, 4).value_or(0);
        case Kind::number_64: return load(bytes_, value & kRest, 8).value_or(0);
        default: return 0;
    }
}

Bytes AdbTree::blob(Value value) const {
    const std::uint64_t width = kind_of(value) == Kind::blob_8 ? 1 : kind_of(value) == Kind::blob_16 ? 2 : kind_of(value) == Kind::blob_32 ? 4 : 0;
    if (width == 0)
        return {};
    const std::uint64_t at = (value & kRest) + width;
    const std::uint64_t size = load(bytes_, at - width, width).value_or(0);
    const Bytes found = clipped(bytes_, at, size);
    return found.size() < size ? Bytes() : found;
}

std::optional<AdbFile> read_adb(Bytes bytes) {
    if (bytes.size() < 8 || as_text(bytes.first(4)) != "ADB.")
        return std::nullopt;
    AdbFile file{.schema = as_text(bytes.subspan(4, 4)), .size = 8};
    auto block = block_at(bytes, 8);
    if (!block || block->type != BlockType::tree || block->content.size() < kTreeHeader || block->content[0] != 0)
        return std::nullopt;
    file.tree = AdbTree(block->content);
    if (file.tree.count(file.tree.root()) == 0)
        return std::nullopt;
    do {
        file.cut = block->cut;
        file.size = std::min<std::uint64_t>(file.size + block->size, bytes.size());
        block = file.cut ? std::nullopt : block_at(bytes, file.size);
    } while (block && add_block(file, *block));
    return file;
}

}  // namespace shirushi::unpack
