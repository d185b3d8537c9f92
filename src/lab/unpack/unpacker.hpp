#pragma once
// The driver behind unpack(). Two lines of work: nodes to scan, and results of children to merge. Scanning comes first and
// starts children, so that they are at work while the next node is scanned; what is merged next depends on the bytes alone,
// never on which child was faster. That makes the tree the same for any number of workers.

#include <deque>

#include "unpack/decoder_process.hpp"
#include "unpack/measure.hpp"
#include "unpack/scan.hpp"
#include "unpack/tree_builder.hpp"
#include "unpack/unpack.hpp"

namespace shirushi::unpack {

/// Where in a node containers are looked for.
enum class Where {
    nowhere,
    start,       ///< a file of a known kind at most: what begins at its first byte
    everywhere,  ///< raw bytes, in which anything may lie anywhere
};

/// Which of the two fits a file or stream. Raw-like are kernels and boot images (by content) and names such as *.img and *.bin;
/// not executables, text, pictures and other media.
Where where_to_look_in_file(std::string_view name, Bytes content);
Where where_to_look_in_stream(Bytes content);

class Unpacker {
public:
    Unpacker(Bytes image, const Limits& limits, const Progress& progress, const std::vector<Format>& formats);
    Result<Tree> run() &&;

private:
    struct ScanWork {
        NodeId node{};
        std::uint64_t from = 0;
        Where where = Where::everywhere;
        std::uint32_t depth = 0;
    };
    /// A container whose children are at work.
    struct Opened {
        NodeId holder{};
        std::optional<NodeId> container;  ///< already in the tree; nothing while the decode has yet to show that it is one
        const Format* format = nullptr;
        std::uint64_t offset = 0;
        FoundContainer found;
        std::uint32_t depth = 0;
        std::vector<DecoderPool::Ticket> tickets;
    };
    /// A range of a scanned node, as it will be reported once it is known whether the container is damaged.
    struct Covered {
        Region region;
        std::optional<NodeId> container;
    };
    struct Scanned {
        NodeId node{};
        std::vector<Covered> ranges;
    };

    Result<void> scan(const ScanWork& work);
    void scan_start(const ScanWork& work);
    /// Takes a candidate in; says where it ends, or nothing if it proved to be none.
    Result<std::optional<std::uint64_t>> accept(const ScanWork& work, Candidate candidate, std::vector<Covered>& ranges);
    std::optional<Opened> open(const ScanWork& work, const Candidate& candidate, bool urgent);
    void open_parts(NodeId container, const Format& format, std::uint32_t depth);
    Result<std::optional<NodeId>> merge(Opened& opened);
    /// What a child handed out, each with as much of its content as may be kept and, for files, that content's digest.
    struct Taken {
        Handout::Entry entry;
        Bytes content;
        Digest digest;
    };
    std::vector<Taken> take_entries(const Handout& handout);
    /// Says which bytes of the entry the tree has no use for, because it holds the same already.
    Bytes merge_entry(const Opened& opened, NodeId container, const Taken& taken, bool stopped);
    void finish_container(const Opened& opened, NodeId container, const std::string& stopped, const std::optional<Error>& error, bool yielded);
    void cover_gaps(const ScanWork& work, std::vector<Covered> found);
    void add_pieces(NodeId node, std::uint64_t from, std::uint64_t to, std::vector<Covered>& all);
    void add_unexplained(NodeId node, Region region, std::vector<Covered>& all);
    /// The image's digest and entropy, and that of the containers in it.
    Measures measure_image();
    void report_regions(const std::vector<Partition>& partitions);
    bool room_for_node();
    void tell(std::string_view what);
    [[nodiscard]] std::string place(NodeId node) const;

    Bytes image_;
    Limits limits_;
    const Progress& progress_;
    MagicTable table_;
    TreeBuilder builder_;
    DecoderPool pool_;
    std::deque<ScanWork> to_scan_;
    std::deque<Opened> to_merge_;
    std::vector<Scanned> scanned_;
    std::uint64_t handed_out_ = 0;  // bytes of content merged
    std::uint64_t kept_ = 0;        // of those, bytes that the tree owns
    std::uint32_t decodes_ = 0;
    bool full_ = false;          // no more nodes
    std::uint64_t done_ = 0;     // bytes of the image, for progress
};

}  // namespace shirushi::unpack
