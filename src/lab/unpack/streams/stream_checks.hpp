#pragma once
// Test only: what every reader of a compressed stream must keep to.

#include <gtest/gtest.h>

#include <random>

#include "unpack/collecting_sink.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {

/// Keeps also how far the stream reaches.
class StreamSink : public CollectingSink {
public:
    using CollectingSink::CollectingSink;
    std::uint64_t reach = 0;
    void consumed(std::uint64_t size) override { reach = size; }
};

using IdentifyStream = std::optional<FoundContainer> (*)(Bytes);

/// The stream gives `content`, and (where the format knows its end) takes exactly its own bytes of what follows.
inline void expect_stream(IdentifyStream identify, Decoder decode, const Buffer& image, std::string_view content) {
    for (const std::size_t after : {0, 1, 777}) {
        const Buffer mixed = making::joined({image, making::noise(after, 9)});
        EXPECT_TRUE(identify(mixed));
        StreamSink sink;
        const auto read = decode(mixed, {}, sink);
        EXPECT_TRUE(read) << (read ? "" : read.error().message);
        EXPECT_EQ(0, sink.misuses);
        EXPECT_EQ(image.size(), sink.reach);
        ASSERT_TRUE(sink.entries.contains(""));
        EXPECT_TRUE(sink.entries[""].content == content) << sink.entries[""].content.size();
    }
}

/// Cut off anywhere it gives the beginning of its content and says that this is not all.
inline void expect_truncations(IdentifyStream identify, Decoder decode, const Buffer& image, std::string_view content) {
    for (std::size_t size = 0; size < image.size(); ++size) {
        const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
        const auto found = identify(part);
        EXPECT_LE(found ? found->size : 0, size);
        CollectingSink sink(1 << 20);
        const auto read = decode(part, {}, sink);
        EXPECT_FALSE(read) << size;
        EXPECT_EQ(0, sink.misuses);
        for (const auto& [name, entry] : sink.entries)
            EXPECT_TRUE(content.starts_with(entry.content)) << size;
    }
}

/// Changed bytes break nothing; where a checksum covers the content, what is called whole is right.
inline void expect_mutations(IdentifyStream identify, Decoder decode, const Buffer& image, std::string_view content, int rounds, bool checked) {
    std::mt19937 random(5);
    for (int round = 0; round < rounds; ++round) {
        Buffer flipped = image;
        for (unsigned i = 0; i <= random() % 3; ++i)
            flipped[random() % (round % 4 == 0 ? std::min<std::size_t>(flipped.size(), 40) : flipped.size())] ^= static_cast<std::uint8_t>(1 + random() % 255);
        (void)identify(flipped);
        CollectingSink sink(1 << 20);
        const auto read = decode(flipped, {}, sink);
        EXPECT_EQ(0, sink.misuses);
        if (read && checked) {
            EXPECT_TRUE(sink.entries.contains("") && sink.entries[""].content == content) << round;
        }
    }
}

}  // namespace shirushi::unpack
