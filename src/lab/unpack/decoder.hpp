#pragma once
// What a decoder is: bytes of one container in, entries or one stream out. Decoders run in a child process (decoder_process.hpp)
// and therefore know no tree; what they hand out is checked again by the parent.

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "unpack/tree.hpp"

namespace shirushi::unpack {

/// Streams are read in steps of this size: large enough that the calls for each do not show in the time.
constexpr std::uint64_t kStreamChunk = std::uint64_t{256} << 10;

/// Copies content to the beginning of `to`, which must be large enough. (Between spans, g++ 12 makes a loop of single bytes of
/// std::ranges::copy.)
inline void copy_bytes(Bytes content, std::span<std::uint8_t> to) {
    if (!content.empty())
        std::memcpy(to.data(), content.data(), content.size());
}

/// Where a decoder puts what it finds. An error from the sink (Errc::limit: a ceiling was reached) must be returned at once.
class Sink {
public:
    virtual ~Sink() = default;

    /// Starts an entry of a file system or archive. `path` is raw bytes as stored, with '/' between segments; the parent of
    /// an entry need not come before it. For a single stream (gzip), path is empty and `info` ignored.
    virtual Result<void> begin(std::string_view path, const EntryInfo& info) = 0;

    /// Starts a named stream: raw bytes that are no file of a file system (a flash volume, a memory segment, a partition), in
    /// which anything may lie anywhere. `description` is one line for people. Content and end() as for entries.
    virtual Result<void> begin_stream(std::string_view name, std::string_view description) = 0;

    /// What only reading showed of the container ("3 volumes, erase blocks of 128 KiB"), put behind what identify said of it.
    /// The last call counts; at most 1024 bytes.
    virtual void describe(std::string_view /*text*/) {}

    /// Room for at least `size` bytes of the entry's content to be written in place, valid until the next call on this sink.
    virtual Result<std::span<std::uint8_t>> reserve(std::uint64_t size) = 0;
    /// `size` bytes of the last reserve() now belong to the entry.
    virtual void commit(std::uint64_t size) = 0;
    /// Content that lies somewhere else: reserve + copy + commit. Where an entry's content is one piece of the decoder's own input, a
    /// sink may keep only where it stands there; so content should come in order, not copied before.
    virtual Result<void> write(Bytes content);

    /// The container reaches `size` bytes into the decoder's input, as far as is known by now. Formats whose header does not say
    /// how long they are must report it; for streams the ceiling on output : input is measured against it.
    virtual void consumed(std::uint64_t /*size*/) {}

    /// Ends the entry. `damage` says why its content is not complete; empty when it is.
    virtual Result<void> end(std::string_view damage) = 0;
};

/// Work can be shared among several children: child `index` of `count` hands out its part of the entries. Together the parts
/// are everything, each entry in exactly one. A decoder that cannot share does all as index 0 and nothing as any other.
struct Share {
    unsigned index = 0;
    unsigned count = 1;
};

/// Deals pieces of work out to the children that share a container: each child asks about every piece, in the same order, and all come
/// to the same answer. A piece goes to whom least has been given so far.
class Dealer {
public:
    explicit Dealer(Share share) : share_(share), loads_(share.count) {}
    /// Whether the next piece, which costs about `cost` (bytes to be made), is this child's.
    bool mine(std::uint64_t cost);
    [[nodiscard]] bool first() const { return share_.index == 0; }  ///< who does what costs nothing

private:
    Share share_;
    std::vector<std::uint64_t> loads_;
};

/// Reads the container at the start of `bytes` (which may reach beyond it). An error means that the container as a whole
/// could not be read (further); what was handed out before stays. Runs in the child, single-threaded, may use third-party
/// libraries, keeps its own memory bounded.
using Decoder = Result<void> (*)(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
