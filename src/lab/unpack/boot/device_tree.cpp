#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/boot/boot_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 40;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxName = 256;
constexpr std::size_t kMaxImages = 256;
constexpr int kMaxDepth = 64;

struct Header {
    std::uint32_t total = 0;
    Bytes structure;  // what is there of it
    Bytes strings;
};

std::optional<Header> header_of(Bytes bytes) {
    Reader reader(clipped(bytes, 0, kHeader), Endian::big);
    std::array<std::uint32_t, 10> fields{};
    for (std::uint32_t& field : fields) {
        const auto value = reader.u32();
        if (!value)
            return std::nullopt;
        field = *value;
    }
    const auto [magic, total, structure, strings, reserved, version, compatible, cpu, strings_size, structure_size] = fields;
    const auto fits = [&](std::uint64_t offset, std::uint64_t size) { return offset >= kHeader && offset + size <= total; };
    if (total < kHeader + 16 || total > kLargest || version < 16 || version > 32 || compatible > version || structure % 4 != 0)
        return std::nullopt;
    if (!fits(structure, version >= 17 ? structure_size : 0) || !fits(strings, strings_size) || reserved < kHeader || reserved > total)
        return std::nullopt;
    (void)magic;
    (void)cpu;
    return Header{.total = total, .structure = clipped(bytes, structure, version >= 17 ? structure_size : total - structure), .strings = clipped(bytes, strings, strings_size)};
}

/// One token after another of a structure block, without recursion (Devicetree Specification 5.4).
class Walk {
public:
    enum class Event { node, node_end, property, end, broken };

    explicit Walk(const Header& header) : reader_(header.structure, Endian::big), strings_(header.strings) {}

    Event next() {
        constexpr std::uint32_t kBegin = 1;
        constexpr std::uint32_t kEnd = 2;
        constexpr std::uint32_t kProperty = 3;
        constexpr std::uint32_t kNothing = 4;
        constexpr std::uint32_t kLast = 9;
        while (true) {
            const auto token = reader_.u32();
            if (!token)
                return Event::broken;
            switch (*token) {
                case kNothing: continue;
                case kBegin: return begin();
                case kEnd: return --depth_ >= 0 ? Event::node_end : Event::broken;
                case kProperty: return property();
                case kLast: return depth_ == 0 ? Event::end : Event::broken;
                default: return Event::broken;
            }
        }
    }

    [[nodiscard]] int depth() const { return depth_; }              ///< the root node's inside is 1
    [[nodiscard]] const std::string& name() const { return name_; }  ///< of the node or property
    [[nodiscard]] Bytes value() const { return value_; }             ///< of the property

private:
    Event begin() {
        auto name = reader_.c_text(kMaxName);
        if (!name || ++depth_ > kMaxDepth || !align())
            return Event::broken;
        name_ = std::move(*name);
        return Event::node;
    }

    Event property() {
        const auto size = reader_.u32();
        const auto name = reader_.u32();
        if (!name)
            return Event::broken;
        const std::string_view rest = as_text(clipped(strings_, *name, kMaxName));
        name_ = rest.substr(0, rest.find('\0'));
        const auto value = reader_.take(*size);
        if (!value || !align())
            return Event::broken;
        value_ = *value;
        return Event::property;
    }

    bool align() { return reader_.skip((4 - reader_.position() % 4) % 4).has_value(); }

    Reader reader_;
    Bytes strings_;
    int depth_ = 0;
    std::string name_;
    Bytes value_;
};

std::string text_of(Bytes value) {
    const std::string_view text = as_text(value);
    return excerpt(text.substr(0, text.find('\0')));
}

std::uint32_t number_of(Bytes value) { return value.size() == 4 ? load_be<std::uint32_t>(value.data()) : 0; }

struct Hash {
    std::string algorithm;
    Bytes value;
};

struct Image {
    std::string name;
    std::string type;
    std::string processor;
    std::string compression;
    std::optional<Bytes> inside;            // property "data"
    std::optional<std::uint64_t> position;  // external data, from the first byte
    std::uint64_t size = 0;
    std::vector<Hash> hashes;
};

struct FlatTree {
    bool sound = false;      // walked to its end
    bool any = false;        // at least a root node
    bool has_images = false;
    std::string model;
    std::string description;
    std::vector<Image> images;
    std::uint64_t reach = 0;  // the end of external data
};

/// What a property of /, /images/x or /images/x/hash-y says.
void note_property(FlatTree& tree, const Walk& walk, const std::vector<std::string>& path, std::uint64_t after) {
    const std::string& name = walk.name();
    if (path.size() == 1 && (name == "model" || (name == "compatible" && tree.model.empty())))
        tree.model = text_of(walk.value());
    if (path.size() == 1 && name == "description")
        tree.description = text_of(walk.value());
    if (path.size() < 3 || path[1] != "images" || tree.images.empty())
        return;
    Image& image = tree.images.back();
    if (path.size() == 4 && !image.hashes.empty()) {
        if (name == "algo")
            image.hashes.back().algorithm = text_of(walk.value());
        else if (name == "value")
            image.hashes.back().value = walk.value();
    }
    if (path.size() != 3)
        return;
    if (name == "data")
        image.inside = walk.value();
    else if (name == "data-size")
        image.size = number_of(walk.value());
    else if (name == "data-offset")
        image.position = after + number_of(walk.value());
    else if (name == "data-position")
        image.position = number_of(walk.value());
    else if (name == "type")
        image.type = text_of(walk.value());
    else if (name == "arch")
        image.processor = text_of(walk.value());
    else if (name == "compression")
        image.compression = text_of(walk.value());
}

FlatTree read_tree(const Header& header) {
    FlatTree tree;
    Walk walk(header);
    std::vector<std::string> path;
    const std::uint64_t after = (std::uint64_t{header.total} + 3) / 4 * 4;  // external data starts here
    while (true) {
        const Walk::Event event = walk.next();
        if (event == Walk::Event::end || event == Walk::Event::broken) {
            tree.sound = event == Walk::Event::end;
            break;
        }
        if (event == Walk::Event::property) {
            note_property(tree, walk, path, after);
        } else if (event == Walk::Event::node_end) {
            path.pop_back();
        } else {
            path.push_back(walk.name());
            tree.any = true;
            tree.has_images = tree.has_images || (path.size() == 2 && path[1] == "images");
            const bool in_images = path.size() >= 3 && path[1] == "images";
            if (in_images && path.size() == 3 && tree.images.size() < kMaxImages)
                tree.images.push_back({.name = path[2]});
            else if (in_images && path.size() == 4 && !tree.images.empty() && path[3].starts_with("hash") && tree.images.back().hashes.size() < 8)
                tree.images.back().hashes.push_back({});
        }
    }
    for (const Image& image : tree.images)
        if (image.position)
            tree.reach = std::max(tree.reach, *image.position + image.size);
    return tree;
}

/// Says for each hash whether it fits; those that do not are damage.
std::string check_hashes(const Image& image, Bytes data, std::string& damage) {
    std::string said;
    for (const Hash& hash : image.hashes) {
        std::optional<bool> fits;
        if (hash.algorithm == "crc32" && hash.value.size() == 4)
            fits = load_be<std::uint32_t>(hash.value.data()) == static_cast<std::uint32_t>(crc32_z(0, data.data(), data.size()));
        else if (hash.algorithm == "sha256" && hash.value.size() == 32)
            fits = std::ranges::equal(crypto::sha256(data).bytes, hash.value);
        said += fmt::format(", {} {}", hash.algorithm, !fits ? "not verified" : *fits ? "fits" : "does not fit");
        if (fits && !*fits)
            damage += fmt::format("{}the {} of {} does not match", damage.empty() ? "" : "; ", hash.algorithm, image.name);
    }
    return said;
}

Bytes data_of(const Image& image, Bytes bytes) { return image.inside ? *image.inside : clipped(bytes, image.position.value_or(bytes.size()), image.size); }

}  // namespace

std::optional<FoundContainer> identify_fit(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return std::nullopt;
    const FlatTree tree = read_tree(*header);
    if (!tree.has_images)
        return std::nullopt;
    std::string description = tree.description.empty() ? "unnamed" : tree.description;
    std::string ignored;
    for (const Image& image : tree.images)
        description += fmt::format("; {}: {}, {}, {}{}", image.name, image.type, image.processor.empty() ? "any architecture" : image.processor,
                                   image.compression.empty() ? "compression none" : "compression " + image.compression, check_hashes(image, data_of(image, bytes), ignored));
    const std::uint64_t size = std::max<std::uint64_t>(header->total, tree.reach);
    if (size > bytes.size())
        description += ", cut off";
    return FoundContainer{.size = std::min<std::uint64_t>(size, bytes.size()), .description = printable(description), .checked = tree.sound};
}

Result<Parts> split_fit(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return fail(Errc::internal, "not a device tree after all");
    const FlatTree tree = read_tree(*header);
    Parts result;
    if (!tree.sound || std::max<std::uint64_t>(header->total, tree.reach) > bytes.size())
        result.damage = "the image tree is cut off or broken";
    for (const Image& image : tree.images) {
        if (image.inside)
            result.parts.push_back({image.name, static_cast<std::uint64_t>(image.inside->data() - bytes.data()), image.inside->size()});
        else if (image.position)
            result.parts.push_back({image.name, *image.position, image.size});
        if (image.inside || image.position)
            (void)check_hashes(image, data_of(image, bytes), result.damage);
    }
    return result;
}

std::optional<FoundContainer> identify_device_tree(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return std::nullopt;
    const FlatTree tree = read_tree(*header);
    if (!tree.any)
        return std::nullopt;
    const bool whole = tree.sound && header->total <= bytes.size();
    return FoundContainer{.size = std::min<std::uint64_t>(header->total, bytes.size()),
                          .description = (tree.model.empty() ? "unnamed" : tree.model) + (whole ? "" : ", cut off or broken"), .checked = whole};
}

}  // namespace shirushi::unpack
