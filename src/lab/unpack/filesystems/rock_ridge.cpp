#include "unpack/filesystems/rock_ridge.hpp"

#include <algorithm>

#include "unpack/filesystems/directory_walk.hpp"
#include "unpack/filesystems/iso_volume.hpp"

namespace shirushi::unpack {

namespace {

constexpr int most_continuations = 32;       // of one record: 64 KiB of names and targets
constexpr std::size_t longest_text = 4096;   // PATH_MAX

void append_name(Bytes data, RockRidge& to) {
    const unsigned flags = data[0];
    if ((flags & 0x06) != 0)  // "." and "..", which nobody hands out
        return;
    if (to.name.size() + data.size() <= longest_text)
        to.name.append(as_text(data.subspan(1)));
}

/// Component records: flags, length, text.
void append_target(Bytes data, RockRidge& to, bool& inside_component) {
    to.is_link = true;
    for (std::size_t at = 1; at + 2 <= data.size();) {
        const unsigned flags = data[at];
        const Bytes text = clipped(data, at + 2, data[at + 1]);
        at += 2 + std::size_t{data[at + 1]};
        if (!to.target.empty() && !inside_component && to.target != "/")
            to.target += '/';
        if ((flags & 0x02) != 0)
            to.target += '.';
        else if ((flags & 0x04) != 0)
            to.target += "..";
        else if ((flags & 0x08) != 0)
            to.target = "/";
        else
            to.target.append(as_text(text));
        inside_component = (flags & 0x01) != 0;
        if (to.target.size() > longest_text) {
            to.damage = "its target is longer than any can be";
            return;
        }
    }
}

void read_times(Bytes data, RockRidge& to) {
    const unsigned flags = data[0];
    const std::size_t size = (flags & 0x80) != 0 ? 17 : 7;
    std::size_t at = 1;
    if ((flags & 0x01) != 0)  // creation comes first
        at += size;
    if ((flags & 0x02) != 0 && at + size <= data.size())
        to.modified = size == 7 ? iso_seconds(data.data() + at) : iso_long_seconds(data.data() + at);
}

struct Continuation {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

struct State {
    bool inside_component = false;
    std::optional<Continuation> next;
};

/// One field; `data` is what stands behind its four bytes of head.
void read_field(std::string_view kind, Bytes data, std::uint64_t block_size, RockRidge& to, State& state) {
    const auto number = [&](std::size_t at) { return at + 4 <= data.size() ? load_le<std::uint32_t>(data.data() + at) : 0U; };
    if (kind == "NM" && !data.empty()) {
        append_name(data, to);
    } else if (kind == "PX" && data.size() >= 32) {
        to.mode = number(0);
        to.uid = number(16);
        to.gid = number(24);
    } else if (kind == "SL" && !data.empty()) {
        append_target(data, to, state.inside_component);
    } else if (kind == "TF" && !data.empty()) {
        read_times(data, to);
    } else if (kind == "CL" && data.size() >= 8) {
        to.child = number(0);
    } else if (kind == "RE") {
        to.is_relocated = true;
    } else if (kind == "ZF") {
        to.is_compressed = true;
    } else if (kind == "CE" && data.size() >= 24) {
        state.next = Continuation{number(0) * block_size + number(8), number(16)};
        return;
    } else {
        return;
    }
    to.present = true;
}

}  // namespace

RockRidge read_rock_ridge(Bytes area, Bytes image, std::uint64_t block_size) {
    RockRidge found;
    State state;
    for (int round = 0; round <= most_continuations; ++round) {
        state.next.reset();
        while (area.size() >= 4 && area[2] >= 4 && area[2] <= area.size()) {
            const std::string_view kind = as_text(area.first(2));
            if (kind == "ST")
                break;
            read_field(kind, area.subspan(4, area[2] - std::size_t{4}), block_size, found, state);
            area = area.subspan(area[2]);
        }
        if (!state.next)
            return found;
        area = clipped(image, state.next->offset, std::min<std::uint64_t>(state.next->size, iso_sector));
        if (area.size() < state.next->size) {
            add_damage(found.damage, "what else was said about it is cut off");
            return found;
        }
    }
    add_damage(found.damage, "what is said about it goes on without end");
    return found;
}

std::optional<std::uint8_t> system_use_skip(Bytes area) {
    // "SP" comes first, but for CD-ROM XA, which has 14 bytes of its own before.
    for (const std::size_t at : {std::size_t{0}, std::size_t{14}}) {
        const Bytes field = clipped(area, at, 7);
        if (field.size() == 7 && as_text(field.first(2)) == "SP" && field[4] == 0xbe && field[5] == 0xef)
            return field[6];
    }
    return std::nullopt;
}

}  // namespace shirushi::unpack
