#include "unpack/filesystems/ntfs_content.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "unpack/filesystems/directory_walk.hpp"
#include "unpack/filesystems/lznt1.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t most_hole_bytes = std::uint64_t{256} << 20;  // of one stream, beyond what the image could hold
constexpr std::uint64_t largest_unit = std::uint64_t{1} << 20;       // of compression; Windows has 64 KiB

class StreamWriter {
public:
    StreamWriter(Bytes image, const NtfsVolume& volume, const NtfsAttribute& head, Sink& sink, std::string& damage)
        : image_(image), volume_(volume), head_(head), sink_(sink), damage_(damage), size_(head.size) {
        if (const std::uint64_t most = image.size() + most_hole_bytes; size_ > most) {
            add_damage(damage_, fmt::format("ends after {} of {} bytes: the volume could not hold more", most, size_));
            size_ = most;
        }
    }

    Result<void> plain();
    Result<void> compressed();

private:
    [[nodiscard]] std::uint64_t offset_of(std::uint64_t cluster) const {
        return cluster > image_.size() / volume_.cluster_size ? UINT64_MAX / 4 : cluster * volume_.cluster_size;
    }
    /// The next clusters of the stream, at most so many; nothing at the runs' end.
    std::optional<NtfsRun> take(std::uint64_t most);
    Result<bool> unit(std::uint64_t clusters);
    Result<bool> decoded(const std::vector<NtfsRun>& pieces, std::uint64_t size);
    void note_short() { add_damage(damage_, fmt::format("ends after {} of {} bytes: {}", done_, size_, head_.damaged ? "its runs make no sense" : "its runs end there")); }

    Bytes image_;
    const NtfsVolume& volume_;
    const NtfsAttribute& head_;
    Sink& sink_;
    std::string& damage_;
    std::uint64_t size_;
    std::uint64_t done_ = 0;
    std::size_t run_ = 0;
    std::uint64_t inside_ = 0;  // clusters of the run that were taken
};

std::optional<NtfsRun> StreamWriter::take(std::uint64_t most) {
    if (run_ == head_.runs.size())
        return std::nullopt;
    const NtfsRun& run = head_.runs[run_];
    NtfsRun piece{.first = run.first + inside_, .count = std::min(most, run.count - inside_), .cluster = {}};
    if (run.cluster)
        piece.cluster = *run.cluster + inside_;
    inside_ += piece.count;
    if (inside_ == run.count) {
        ++run_;
        inside_ = 0;
    }
    return piece;
}

Result<void> StreamWriter::plain() {
    while (done_ < size_) {
        const auto run = take((size_ - done_ + volume_.cluster_size - 1) / volume_.cluster_size);
        if (!run) {
            note_short();
            return {};
        }
        const std::uint64_t step = std::min(run->count * volume_.cluster_size, size_ - done_);
        const std::uint64_t valid = run->cluster && done_ < head_.valid_size ? std::min(step, head_.valid_size - done_) : 0;
        if (valid != 0 && !TRY(write_extent(image_, {offset_of(*run->cluster), valid}, done_, size_, sink_, damage_)))
            return {};
        TRY(write_zeros(step - valid, sink_));
        done_ += step;
    }
    return {};
}

/// False when the image is cut off in it.
Result<bool> StreamWriter::decoded(const std::vector<NtfsRun>& pieces, std::uint64_t size) {
    Buffer in;
    for (const NtfsRun& piece : pieces) {
        if (!piece.cluster)
            continue;
        const std::uint64_t wanted = piece.count * volume_.cluster_size;
        const Bytes there = clipped(image_, offset_of(*piece.cluster), wanted);
        in.insert(in.end(), there.begin(), there.end());
        if (there.size() < wanted) {
            add_damage(damage_, fmt::format("ends after {} of {} bytes: the image is cut off", done_, size_));
            return false;
        }
    }
    Buffer out(size);
    if (const auto decoded = decode_lznt1(in, out); !decoded) {
        add_damage(damage_, fmt::format("zeros stand for bytes {} to {}: {}", done_, done_ + size - 1, decoded.error().message));
        std::ranges::fill(out, std::uint8_t{0});
    }
    TRY(sink_.write(out));
    return true;
}

/// Clusters that were compressed together: all there: stored as they are; none: zeros; some: compressed.
Result<bool> StreamWriter::unit(std::uint64_t clusters) {
    std::vector<NtfsRun> pieces;
    std::uint64_t allocated = 0;
    for (std::uint64_t taken = 0; taken < clusters;) {
        const auto piece = take(clusters - taken);
        if (!piece)
            break;
        allocated += piece->cluster ? piece->count : 0;
        taken += piece->count;
        pieces.push_back(*piece);
    }
    if (pieces.empty()) {
        note_short();
        return false;
    }
    const std::uint64_t step = std::min(clusters * volume_.cluster_size, size_ - done_);
    const std::uint64_t valid = done_ < head_.valid_size ? std::min(step, head_.valid_size - done_) : 0;
    if (allocated == 0 || valid == 0) {
        TRY(write_zeros(step, sink_));
    } else if (allocated == clusters) {
        std::uint64_t left = valid;
        for (const NtfsRun& piece : pieces) {
            const std::uint64_t size = std::min(left, piece.count * volume_.cluster_size);
            if (!TRY(write_extent(image_, {offset_of(*piece.cluster), size}, done_ + valid - left, size_, sink_, damage_)))
                return false;
            left -= size;
        }
        TRY(write_zeros(step - valid, sink_));
    } else if (!TRY(decoded(pieces, step))) {
        return false;
    }
    done_ += step;
    return true;
}

Result<void> StreamWriter::compressed() {
    if (head_.unit * volume_.cluster_size > largest_unit) {
        add_damage(damage_, "compressed in larger pieces than NTFS has");
        return {};
    }
    while (done_ < size_)
        if (!TRY(unit(head_.unit)))
            return {};
    return {};
}

}  // namespace

Result<void> write_ntfs_stream(Bytes image, const NtfsVolume& volume, const NtfsStream& stream, Sink& sink, std::string& damage) {
    const NtfsAttribute& head = stream.head;
    if (!stream.damage.empty())
        add_damage(damage, stream.damage);
    if (head.is_encrypted()) {
        add_damage(damage, "encrypted by EFS: nobody can read it without its owner's key");
        return {};
    }
    if (head.resident)
        return write_in_steps(head.value, sink);
    if (head.first != 0)
        return {};
    StreamWriter writer(image, volume, head, sink, damage);
    return head.is_compressed() ? writer.compressed() : writer.plain();
}

Buffer ntfs_value(Bytes image, const NtfsVolume& volume, const NtfsAttribute& attribute, std::size_t most) {
    Buffer value;
    if (attribute.resident) {
        value.assign(attribute.value.begin(), attribute.value.end());
    } else {
        for (const NtfsRun& run : attribute.runs) {
            const std::uint64_t left = std::min<std::uint64_t>(most, attribute.size) - value.size();
            if (!run.cluster || left == 0 || *run.cluster > image.size() / volume.cluster_size)
                break;
            const Bytes there = clipped(image, *run.cluster * volume.cluster_size, std::min<std::uint64_t>(left, std::min(run.count, left) * volume.cluster_size));
            value.insert(value.end(), there.begin(), there.end());
        }
    }
    value.resize(std::min(value.size(), most));
    return value;
}

}  // namespace shirushi::unpack
