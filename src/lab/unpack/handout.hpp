#pragma once
// What a decoding child hands out: memory shared with it, a control page, a list of entry records and their contents. The
// child is the only writer and writes through a Handout::Writer; the parent reads after the child has ended, and believes nothing:
// every offset and length is checked. Contents are used in place, without a copy; content that lies in the decoder's input in one
// piece (file systems and archives that store without compression) is not even copied by the child: its record says where it stands.

#include <optional>
#include <string>

#include "unpack/decoder.hpp"

namespace shirushi::unpack {

struct HandoutLimits {
    std::uint64_t content_bytes = 0;  ///< of all entries together
    std::uint64_t memory_bytes = 0;   ///< of those, how many in memory; the rest lies in an unlinked temporary file
    std::uint64_t ratio = 0;          ///< output : input, once the output passes kRatioFrom
    Bytes input;                      ///< the decoder's; must stay as long as contents are used. Taken as what it consumed until it says how much
};

constexpr std::uint64_t kRatioFrom = std::uint64_t{16} << 20;  // small files of zeros compress without end and harm nobody

/// Owns the shared memory. Movable; the child's sink refers to the memory, not to this object.
class Handout {
public:
    /// Errors: io.
    static Result<Handout> create(const HandoutLimits& limits);
    Handout(Handout&& other) noexcept;
    Handout& operator=(Handout&& other) noexcept;
    ~Handout();

    /// In the child.
    class Writer;

    /// In the parent, after the child's end.
    struct Entry {
        std::string_view path;  ///< borrowed from the Handout, as the texts below
        EntryInfo info;
        Bytes content;          ///< as long as the content's mapping (release_content) and the input live
        std::string_view damage;
        bool stream = false;    ///< a named stream; info.target is its description
        bool complete = false;  ///< false: the child ended in the middle of it (only ever the last)
    };
    /// The entry at `cursor` (start with 0), which moves on; nothing at the end or at the first record that makes no sense.
    std::optional<Entry> next(std::uint64_t& cursor) const;

    [[nodiscard]] std::uint64_t consumed() const;
    [[nodiscard]] std::uint64_t written_bytes() const;  ///< of content handed out, copied or not
    [[nodiscard]] std::uint64_t content_bytes() const;  ///< of memory that holds what was copied
    [[nodiscard]] bool finished() const;                ///< the decoder returned, well or with error()
    [[nodiscard]] std::optional<Error> error() const;
    [[nodiscard]] std::string description() const;      ///< what the decoder says of the container, printable

    /// Nobody needs this part of an entry's content any more (it is the same as something kept): whole pages of it go back to the
    /// system, if it was copied.
    void discard(Bytes content);

    /// Gives away the memory of the contents handed out (whole pages); the rest goes back to the system. Call once, last.
    Bytes release_content();

private:
    Handout() = default;
    void unmap();

    std::uint8_t* base_ = nullptr;  // control page, records, contents
    HandoutLimits limits_;
};

/// The sink of a decoder that runs in a child.
class Handout::Writer : public Sink {
public:
    explicit Writer(const Handout& handout);
    Result<void> begin(std::string_view path, const EntryInfo& info) override;
    Result<void> begin_stream(std::string_view name, std::string_view description) override;
    void describe(std::string_view text) override;
    Result<std::span<std::uint8_t>> reserve(std::uint64_t size) override;
    void commit(std::uint64_t size) override;
    Result<void> write(Bytes content) override;
    void consumed(std::uint64_t size) override;
    Result<void> end(std::string_view damage) override;
    void finish(const Result<void>& result);

private:
    Result<void> begin_record(std::string_view path, const EntryInfo& info, std::uint32_t kind);
    [[nodiscard]] std::uint64_t written() const;  ///< bytes handed out, copied or not
    [[nodiscard]] std::uint64_t left() const;     ///< that may still be
    /// The open entry's content is not one piece of the input after all: copies what was only pointed at.
    Result<void> settle();

    std::uint8_t* base_;
    HandoutLimits limits_;
    std::uint64_t record_ = 0;       // where the open record starts
    std::uint64_t record_size_ = 0;  // without the damage text; 0: none is open
    Bytes borrowed_;                 // the open entry's content so far, while it is one piece of the input
    bool clipped_ = false;           // content beyond the ceiling was dropped
};

/// Returns memory that release_content() gave away; fits TreeBuilder::keep_mapping.
void release_handout(Bytes content);

}  // namespace shirushi::unpack
