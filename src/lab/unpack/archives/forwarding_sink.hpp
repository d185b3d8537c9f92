#pragma once
// A sink that passes everything on, for decoders that look at what goes by.

#include "unpack/decoder.hpp"

namespace shirushi::unpack {

class ForwardingSink : public Sink {
public:
    explicit ForwardingSink(Sink& to) : to_(to) {}

    Result<void> begin(std::string_view path, const EntryInfo& info) override { return to_.begin(path, info); }
    Result<void> begin_stream(std::string_view name, std::string_view description) override { return to_.begin_stream(name, description); }
    void describe(std::string_view text) override { to_.describe(text); }
    Result<std::span<std::uint8_t>> reserve(std::uint64_t size) override {
        auto room = to_.reserve(size);
        room_ = room ? *room : std::span<std::uint8_t>();
        return room;
    }
    void commit(std::uint64_t size) override { to_.commit(size); }
    void consumed(std::uint64_t size) override { to_.consumed(size); }
    Result<void> end(std::string_view damage) override { return to_.end(damage); }

protected:
    std::span<std::uint8_t> room_;  // of the last reserve()

private:
    Sink& to_;
};

/// For what begins some bytes into the container: its extent counts from the container's first byte.
class OffsetSink : public ForwardingSink {
public:
    OffsetSink(Sink& to, std::uint64_t before) : ForwardingSink(to), before_(before) {}
    void consumed(std::uint64_t size) override { ForwardingSink::consumed(before_ + size); }

private:
    std::uint64_t before_;
};

}  // namespace shirushi::unpack
