#pragma once
// The manifest of an over-the-air update (update_metadata.proto) in the protocol buffers' wire format, read in place: nothing is
// copied, and every walk is linear in the message.

#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace shirushi::unpack {

struct ProtobufField {
    std::uint64_t number = 0;
    std::uint64_t value = 0;  ///< of numbers
    Bytes content;            ///< of messages, texts and bytes
};

/// The fields of one message, one after the other. Groups, which the format no longer uses, end it as damage does.
class ProtobufReader {
public:
    explicit ProtobufReader(Bytes message) : reader_(message) {}
    std::optional<ProtobufField> next();
    [[nodiscard]] bool damaged() const { return damaged_; }

private:
    std::optional<std::uint64_t> number();

    Reader reader_;
    bool damaged_ = false;
};

struct PayloadOperation {
    std::uint64_t type = 0;
    std::uint64_t data_offset = 0;
    std::uint64_t data_size = 0;
    Bytes digest;   ///< SHA-256 of the data; empty when it is not given
    Bytes message;  ///< for next_extent()
};

struct PayloadExtent {
    std::uint64_t block = 0;
    std::uint64_t count = 0;
};

PayloadOperation payload_operation_of(Bytes message);

/// The extents an operation writes to.
class PayloadExtents {
public:
    explicit PayloadExtents(Bytes operation) : reader_(operation) {}
    std::optional<PayloadExtent> next();

private:
    ProtobufReader reader_;
};

struct PayloadPartition {
    std::string_view name;
    std::uint64_t size = 0;  ///< of the new content, in bytes
    Bytes digest;            ///< its SHA-256
    Bytes message;           ///< the operations are its fields 8
};

PayloadPartition payload_partition_of(Bytes message);

/// Numbers of update_metadata.proto.
namespace payload {
constexpr std::uint64_t kBlockSize = 3, kSignaturesOffset = 4, kSignaturesSize = 5, kMinorVersion = 12, kPartitions = 13;  // of the manifest
constexpr std::uint64_t kOperations = 8;                                                                                   // of a partition
constexpr std::uint64_t kReplace = 0, kReplaceBzip2 = 1, kZero = 6, kDiscard = 7, kReplaceXz = 8;                          // types
}  // namespace payload

}  // namespace shirushi::unpack
