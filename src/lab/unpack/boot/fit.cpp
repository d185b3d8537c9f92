#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "crypto/stored_digests.hpp"
#include "unpack/boot/boot_images.hpp"
#include "unpack/boot/device_tree.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::size_t kMaxImages = 256;
constexpr std::size_t kMaxConfigurations = 256;
constexpr std::size_t kMaxChecks = 8;  // hashes, signatures of one node

struct Hash {
    std::string algorithm;
    Bytes value;
};

struct Signature {
    std::string algorithm;
    std::string key;     // key-name-hint
    std::string images;  // sign-images: which kinds of image a configuration's signature covers
    bool value = false;  // it was really signed
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
    std::vector<Signature> signatures;
    bool encrypted = false;
    std::string cipher;
    std::string cipher_key;
};

struct Configuration {
    std::string name;
    std::string description;
    std::string images;  // "kernel-1, fdt-1"
    std::vector<Signature> signatures;
};

struct FlatTree {
    bool sound = false;  // walked to its end
    bool has_images = false;
    std::string description;
    std::string default_configuration;
    std::vector<Image> images;
    std::vector<Configuration> configurations;
    std::uint64_t reach = 0;  // the end of external data
};

/// The walk through one image tree; where it is shows in the path of node names.
class Reading {
public:
    explicit Reading(const FlatHeader& header) : walk_(header), after_((std::uint64_t{header.total} + 3) / 4 * 4) {}

    FlatTree read() {
        while (true) {
            const FlatWalk::Event event = walk_.next();
            if (event == FlatWalk::Event::end || event == FlatWalk::Event::broken) {
                tree_.sound = event == FlatWalk::Event::end;
                break;
            }
            if (event == FlatWalk::Event::property)
                property();
            else if (event == FlatWalk::Event::node_end)
                path_.pop_back();
            else
                node();
        }
        for (const Image& image : tree_.images)
            if (image.position)
                tree_.reach = std::max(tree_.reach, *image.position + image.size);
        return std::move(tree_);
    }

private:
    [[nodiscard]] bool within(std::string_view part, std::size_t depth) const { return path_.size() == depth && path_[1] == part; }

    void node() {
        path_.push_back(walk_.name());
        tree_.has_images = tree_.has_images || within("images", 2);
        if (path_.size() == 3)
            known_ = false;
        if (within("images", 3) && tree_.images.size() < kMaxImages) {
            tree_.images.push_back({.name = path_[2]});
            known_ = true;
        } else if (within("configurations", 3) && tree_.configurations.size() < kMaxConfigurations) {
            tree_.configurations.push_back({.name = path_[2], .description = {}, .images = {}, .signatures = {}});
            known_ = true;
        }
        if (path_.size() != 4 || !known_)
            return;
        if (path_[3].starts_with("signature"))
            add_check(path_[1] == "images" ? tree_.images.back().signatures : tree_.configurations.back().signatures);
        else if (within("images", 4) && path_[3].starts_with("hash"))
            add_check(tree_.images.back().hashes);
        else if (within("images", 4) && path_[3] == "cipher")
            tree_.images.back().encrypted = true;
    }

    template <class Check>
    void add_check(std::vector<Check>& all) {
        checked_ = all.size() < kMaxChecks;
        if (checked_)
            all.push_back({});
    }

    void property() {
        if (path_.size() == 1 && walk_.name() == "description")
            tree_.description = flat_text(walk_.value());
        else if (within("configurations", 2) && walk_.name() == "default")
            tree_.default_configuration = flat_text(walk_.value());
        else if (within("images", 3) && known_)
            image_property(tree_.images.back());
        else if (within("configurations", 3) && known_)
            configuration_property(tree_.configurations.back());
        else if (path_.size() == 4 && known_)
            check_property();
    }

    void image_property(Image& image) {
        const std::string& name = walk_.name();
        if (name == "data")
            image.inside = walk_.value();
        else if (name == "data-size")
            image.size = flat_number(walk_.value());
        else if (name == "data-offset")
            image.position = after_ + flat_number(walk_.value());
        else if (name == "data-position")
            image.position = flat_number(walk_.value());
        else if (name == "type")
            image.type = flat_text(walk_.value());
        else if (name == "arch")
            image.processor = flat_text(walk_.value());
        else if (name == "compression")
            image.compression = flat_text(walk_.value());
    }

    void configuration_property(Configuration& configuration) {
        const std::string& name = walk_.name();
        if (name == "description")
            configuration.description = flat_text(walk_.value());
        else if (name == "kernel" || name == "fdt" || name == "ramdisk" || name == "firmware" || name == "loadables" || name == "fpga")
            configuration.images += (configuration.images.empty() ? "" : ", ") + flat_texts(walk_.value());
    }

    void check_property() {
        const std::string& name = walk_.name();
        const bool of_image = path_[1] == "images";
        if (of_image && path_[3] == "cipher") {
            Image& image = tree_.images.back();
            if (name == "algo")
                image.cipher = flat_text(walk_.value());
            else if (name == "key-name-hint")
                image.cipher_key = flat_text(walk_.value());
        } else if (of_image && path_[3].starts_with("hash") && checked_) {
            Hash& hash = tree_.images.back().hashes.back();
            if (name == "algo")
                hash.algorithm = flat_text(walk_.value());
            else if (name == "value")
                hash.value = walk_.value();
        } else if (path_[3].starts_with("signature") && checked_ && (of_image || path_[1] == "configurations")) {
            Signature& signature = of_image ? tree_.images.back().signatures.back() : tree_.configurations.back().signatures.back();
            if (name == "algo")
                signature.algorithm = flat_text(walk_.value());
            else if (name == "key-name-hint")
                signature.key = flat_text(walk_.value());
            else if (name == "sign-images")
                signature.images = flat_texts(walk_.value());
            else if (name == "value")
                signature.value = !walk_.value().empty();
        }
    }

    FlatWalk walk_;
    std::uint64_t after_;  // external data starts here
    std::vector<std::string> path_;
    FlatTree tree_;
    bool known_ = false;    // the node at depth 3 is the last image or configuration
    bool checked_ = false;  // the node at depth 4 is its last hash or signature
};

/// Whether the stored value is this text's; nothing for an algorithm that is not known here.
std::optional<bool> fits_hash(const Hash& hash, Bytes data) {
    const auto is = [&](const auto& digest) { return std::ranges::equal(digest, hash.value); };
    if (hash.algorithm == "crc32" && hash.value.size() == 4)
        return load_be<std::uint32_t>(hash.value.data()) == static_cast<std::uint32_t>(crc32_z(0, data.data(), data.size()));
    if (hash.algorithm == "md5" && hash.value.size() == 16)
        return is(crypto::md5({data}));
    if (hash.algorithm == "sha1" && hash.value.size() == 20)
        return is(crypto::sha1({data}));
    if (hash.algorithm == "sha256" && hash.value.size() == 32)
        return is(crypto::sha256(data).bytes);
    if (hash.algorithm == "sha512" && hash.value.size() == 64)
        return is(crypto::sha512({data}));
    return std::nullopt;
}

/// Says for each hash whether it fits; those that do not are damage.
std::string check_hashes(const Image& image, Bytes data, std::string& damage) {
    std::string said;
    for (const Hash& hash : image.hashes) {
        const std::optional<bool> fits = fits_hash(hash, data);
        said += fmt::format(", {} {}", hash.algorithm, !fits ? "not verified" : *fits ? "fits" : "does not fit");
        if (fits && !*fits)
            damage += fmt::format("{}the {} of {} does not match", damage.empty() ? "" : "; ", hash.algorithm, image.name);
    }
    return said;
}

Bytes data_of(const Image& image, Bytes bytes) { return image.inside ? *image.inside : clipped(bytes, image.position.value_or(bytes.size()), image.size); }

std::string say(const std::vector<Signature>& signatures) {
    std::string said;
    for (const Signature& signature : signatures) {
        said += fmt::format(", {} {} with key \"{}\"", signature.value ? "signed" : "to be signed", signature.algorithm, signature.key);
        if (!signature.images.empty())
            said += fmt::format(" over {}", signature.images);
        if (signature.value)
            said += " (not verified: no key is at hand)";
    }
    return said;
}

std::string encryption(const Image& image) {
    return fmt::format("{}, key \"{}\", as the image tree's cipher node says", image.cipher.empty() ? "unknown cipher" : image.cipher, image.cipher_key);
}

}  // namespace

std::optional<FoundContainer> identify_fit(Bytes bytes) {
    const auto header = flat_header(bytes);
    if (!header)
        return std::nullopt;
    const FlatTree tree = Reading(*header).read();
    if (!tree.has_images)
        return std::nullopt;
    std::string description = tree.description.empty() ? "unnamed" : tree.description;
    std::string ignored;
    for (const Image& image : tree.images) {
        description += fmt::format("; {}: {}, {}, {}{}{}", image.name, image.type, image.processor.empty() ? "any architecture" : image.processor,
                                   image.compression.empty() ? "compression none" : "compression " + image.compression, check_hashes(image, data_of(image, bytes), ignored),
                                   say(image.signatures));
        if (image.encrypted)
            description += ", encrypted: " + encryption(image);
    }
    for (const Configuration& configuration : tree.configurations)
        description += fmt::format("; {}configuration {}: {}{}", configuration.name == tree.default_configuration ? "default " : "", configuration.name,
                                   configuration.images.empty() ? "no images" : configuration.images, say(configuration.signatures));
    std::uint64_t size = std::max<std::uint64_t>(header->total, tree.reach);
    while (size % 4 != 0 && size < bytes.size() && bytes[size] == 0)  // mkimage fills external data up to four bytes
        ++size;
    if (size > bytes.size())
        description += ", " + cut_off(bytes.size(), size);
    return FoundContainer{.size = std::min<std::uint64_t>(size, bytes.size()), .description = printable(description), .checked = tree.sound};
}

Result<Parts> split_fit(Bytes bytes) {
    const auto header = flat_header(bytes);
    if (!header)
        return fail(Errc::internal, "not a device tree after all");
    const FlatTree tree = Reading(*header).read();
    Parts result;
    if (!tree.sound || std::max<std::uint64_t>(header->total, tree.reach) > bytes.size())
        result.damage = "the image tree is cut off or broken";
    for (const Image& image : tree.images) {
        if (!image.inside && !image.position)
            continue;
        const std::uint64_t offset = image.inside ? static_cast<std::uint64_t>(image.inside->data() - bytes.data()) : *image.position;
        result.parts.push_back({.name = image.name, .offset = offset, .size = image.inside ? image.inside->size() : image.size,
                                .encrypted = image.encrypted ? encryption(image) : std::string()});
        (void)check_hashes(image, data_of(image, bytes), result.damage);
    }
    return result;
}

}  // namespace shirushi::unpack
