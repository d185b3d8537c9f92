#pragma once
// Flattened device trees (Devicetree Specification 0.4, chapter 5): header and tokens, in own code over hostile bytes. What is
// borrowed lives as long as the bytes.

#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace shirushi::unpack {

struct FlatHeader {
    std::uint32_t total = 0;
    Bytes structure;  ///< what is there of it
    Bytes strings;
};

/// Nothing when the fields contradict each other. The magic was seen already.
std::optional<FlatHeader> flat_header(Bytes bytes);

/// One token after another of a structure block, without recursion.
class FlatWalk {
public:
    enum class Event { node, node_end, property, end, broken };

    explicit FlatWalk(const FlatHeader& header) : reader_(header.structure, Endian::big), strings_(header.strings) {}

    /// After end or broken there is nothing more to ask for.
    Event next();

    [[nodiscard]] int depth() const { return depth_; }               ///< the root node's inside is 1
    [[nodiscard]] const std::string& name() const { return name_; }  ///< of the node or property
    [[nodiscard]] Bytes value() const { return value_; }             ///< of the property

private:
    Event begin();
    Event property();
    bool align() { return reader_.skip((4 - reader_.position() % 4) % 4).has_value(); }

    Reader reader_;
    Bytes strings_;
    int depth_ = 0;
    std::string name_;
    Bytes value_;
};

/// A property's value as text, up to its first zero byte, made printable and not longer than `limit`.
std::string flat_text(Bytes value, std::size_t limit = 120);
/// A list of texts, each ended by a zero byte, joined with ", ".
std::string flat_texts(Bytes value, std::size_t limit = 240);
/// A value of one cell, or 0.
std::uint32_t flat_number(Bytes value);

}  // namespace shirushi::unpack
