#include "unpack/boot/device_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/boot/boot_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 40;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxName = 256;
constexpr int kMaxDepth = 64;

}  // namespace

std::optional<FlatHeader> flat_header(Bytes bytes) {
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
    return FlatHeader{.total = total, .structure = clipped(bytes, structure, version >= 17 ? structure_size : total - structure), .strings = clipped(bytes, strings, strings_size)};
}

FlatWalk::Event FlatWalk::next() {
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
            case kProperty: return depth_ > 0 ? property() : Event::broken;  // of no node
            case kLast: return depth_ == 0 ? Event::end : Event::broken;
            default: return Event::broken;
        }
    }
}

FlatWalk::Event FlatWalk::begin() {
    auto name = reader_.c_text(kMaxName);
    if (!name || ++depth_ > kMaxDepth || !align())
        return Event::broken;
    name_ = std::move(*name);
    return Event::node;
}

FlatWalk::Event FlatWalk::property() {
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

std::string flat_text(Bytes value, std::size_t limit) {
    const std::string_view text = as_text(value);
    return excerpt(text.substr(0, text.find('\0')), limit);
}

std::string flat_texts(Bytes value, std::size_t limit) {
    std::string all;
    for (const std::string_view text : split(as_text(clipped(value, 0, limit)), '\0'))
        if (!text.empty())
            all.append(all.empty() ? "" : ", ").append(text);
    return excerpt(all, limit);
}

std::uint32_t flat_number(Bytes value) { return value.size() == 4 ? load_be<std::uint32_t>(value.data()) : 0; }

std::optional<FoundContainer> identify_device_tree(Bytes bytes) {
    constexpr std::size_t kLongestCommandLine = 512;
    const auto header = flat_header(bytes);
    if (!header)
        return std::nullopt;
    FlatWalk walk(*header);
    std::string model;
    std::string compatible;
    std::string arguments;
    bool any = false;
    bool in_chosen = false;
    FlatWalk::Event event{};
    for (event = walk.next(); event != FlatWalk::Event::end && event != FlatWalk::Event::broken; event = walk.next()) {
        any = true;
        if (event == FlatWalk::Event::node && walk.depth() == 2)
            in_chosen = walk.name() == "chosen";
        if (event != FlatWalk::Event::property)
            continue;
        if (walk.depth() == 1 && walk.name() == "model")
            model = flat_text(walk.value());
        else if (walk.depth() == 1 && walk.name() == "compatible")
            compatible = flat_texts(walk.value());
        else if (walk.depth() == 2 && in_chosen && walk.name() == "bootargs")
            arguments = flat_text(walk.value(), kLongestCommandLine);
    }
    if (!any)
        return std::nullopt;
    const bool whole = event == FlatWalk::Event::end && header->total <= bytes.size();
    std::string description = model.empty() ? "unnamed" : model;
    if (!compatible.empty())
        description += fmt::format(" ({})", compatible);
    if (!arguments.empty())
        description += fmt::format(", boots with \"{}\"", arguments);
    return FoundContainer{.size = std::min<std::uint64_t>(header->total, bytes.size()), .description = description + (whole ? "" : ", cut off or broken"), .checked = whole};
}

}  // namespace shirushi::unpack
