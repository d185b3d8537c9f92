#pragma once
// Test only: a sink that keeps everything, held to the contract of Sink, with a ceiling.

#include <map>
#include <string>

#include "unpack/decoder.hpp"

namespace shirushi::unpack {

struct CollectedEntry {
    EntryInfo info;
    std::string content;
    std::string damage;
    bool stream = false;  ///< began with begin_stream(); its description is info.target
};

class CollectingSink : public Sink {
public:
    explicit CollectingSink(std::uint64_t ceiling = std::uint64_t{1} << 30) : left_(ceiling) {}

    std::map<std::string, CollectedEntry> entries;
    int doubles = 0;  ///< entries handed out again under a path that exists
    int misuses = 0;  ///< calls that break the contract
    std::uint64_t bytes = 0;
    std::string description;  ///< of the container

    Result<void> begin(std::string_view path, const EntryInfo& info) override {
        misuses += open_ || failed_ ? 1 : 0;
        open_ = true;
        path_ = path;
        now_ = {info, {}, {}};
        return {};
    }
    Result<void> begin_stream(std::string_view name, std::string_view about) override {
        TRY(begin(name, {.target = std::string(about)}));
        now_.stream = true;
        return {};
    }
    void describe(std::string_view text) override { description = text; }
    Result<std::span<std::uint8_t>> reserve(std::uint64_t size) override {
        misuses += !open_ || failed_ ? 1 : 0;
        if (size > left_) {
            failed_ = true;
            return fail(Errc::limit, "the test's ceiling");
        }
        room_.assign(size, 0xA5);
        return std::span<std::uint8_t>(room_);
    }
    void commit(std::uint64_t size) override {
        misuses += !open_ || size > room_.size() ? 1 : 0;
        now_.content.append(as_text(Bytes(room_).first(size)));
        left_ -= size;
        bytes += size;
        room_.clear();
    }
    Result<void> end(std::string_view damage) override {
        misuses += !open_ || failed_ ? 1 : 0;
        open_ = false;
        now_.damage = damage;
        doubles += entries.insert_or_assign(path_, std::move(now_)).second ? 0 : 1;
        return {};
    }

private:
    std::uint64_t left_;
    bool open_ = false;
    bool failed_ = false;
    std::string path_;
    CollectedEntry now_;
    Buffer room_;
};

}  // namespace shirushi::unpack
