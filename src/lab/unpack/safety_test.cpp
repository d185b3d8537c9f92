// What hostile images must not do: harm the parent, leave their container, go on for ever, or make the result depend on timing.

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <random>
#include <set>

#include "unpack/formats.hpp"
#include "unpack/making_test.hpp"
#include "unpack/unpacker.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using making::Workshop;

// ---- decoders that misbehave ----------------------------------------------------------------------------------------------

std::optional<FoundContainer> identify_test(Bytes bytes) { return FoundContainer{.size = std::min<std::uint64_t>(bytes.size(), 64), .description = "test"}; }

Result<void> hand_out(Sink& sink, std::string_view name, std::string_view content) {
    TRY(sink.begin(name, {}));
    TRY(sink.write(as_bytes(content)));
    return sink.end("");
}

Result<void> crashes(Bytes, Share, Sink& sink) {
    TRY(hand_out(sink, "before", "complete"));
    TRY(sink.begin("during", {}));
    TRY(sink.write(as_bytes("half")));
    (void)std::signal(SIGSEGV, SIG_DFL);
    (void)raise(SIGSEGV);
    *static_cast<volatile int*>(nullptr) = 1;
    return {};
}

Result<void> loops(Bytes, Share, Sink& sink) {
    TRY(hand_out(sink, "before", "complete"));
    volatile bool on = true;
    while (on) {
    }
    return {};
}

Result<void> opens_a_file(Bytes, Share, Sink& sink) {
    const int read_only = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    TRY(hand_out(sink, "read", read_only < 0 ? "refused" : "opened"));
    const int written = open("/tmp/shirushi-must-not-exist", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return hand_out(sink, "write", written < 0 ? "refused" : "opened");
}

Result<void> calls_out(Bytes, Share, Sink& sink) {
    TRY(hand_out(sink, "before", "complete"));
    return hand_out(sink, "socket", socket(AF_INET, SOCK_STREAM, 0) < 0 ? "refused" : "opened");
}

Result<void> starts_a_process(Bytes, Share, Sink& sink) {
    TRY(hand_out(sink, "before", "complete"));
    return hand_out(sink, "fork", fork() < 0 ? "refused" : "started");
}

Result<void> scribbles(Bytes bytes, Share, Sink& sink) {
    // Over everything it can reach through the sink's memory: records and control page lie in front of the contents.
    TRY(hand_out(sink, "before", "complete"));
    TRY(sink.begin("during", {}));
    const std::span<std::uint8_t> room = TRY(sink.reserve(16));
    std::mt19937 random(bytes[8]);
    for (std::uint64_t back = 1; back <= (std::uint64_t{512} << 20U) + 4096; back += back > 4096 && back < (std::uint64_t{512} << 20U) - 65536 ? 65521 : 1)
        *(room.data() - back - 8) = static_cast<std::uint8_t>(random());
    return {};
}

Tree run_with(const Buffer& image, Decoder decoder, const Limits& limits = {}) {
    const std::vector<Format> list{{.name = "test", .magics = {{"TEST"}}, .identify = identify_test, .decode = decoder}};
    auto tree = Unpacker(image, limits, {}, list).run();
    EXPECT_TRUE(tree.has_value());
    making::expect_covered(*tree);
    return std::move(*tree);
}

Buffer test_image(std::uint8_t seed = 0) {
    Buffer image(200, 'x');
    std::ranges::copy(std::string_view("TEST"), image.begin() + 100);
    image[108] = seed;
    return image;
}

std::string content_of(const Tree& tree, std::string_view name) {
    const auto found = making::find(tree, name);
    return found ? std::string(as_text(tree.bytes(*found))) : "(not there)";
}

std::string reason_of(const Tree& tree) { return tree.node(making::find(tree, "test@0x64").value()).damage; }

TEST(Sandbox, ACrashCostsTheContainerOnly) {
    const Buffer image = test_image();
    const Tree tree = run_with(image, crashes);
    EXPECT_EQ(content_of(tree, "/before"), "complete");
    EXPECT_EQ(content_of(tree, "/during"), "half");
    EXPECT_TRUE(reason_of(tree).starts_with("decoder stopped:")) << reason_of(tree);
    EXPECT_EQ(tree.regions()[1].kind, RegionKind::damaged);
    EXPECT_FALSE(tree.gaps().empty());
}

TEST(Sandbox, ALoopEnds) {
    const Buffer image = test_image();
    const Tree tree = run_with(image, loops, {.decoder_cpu_seconds = 1});
    EXPECT_EQ(content_of(tree, "/before"), "complete");
    EXPECT_TRUE(reason_of(tree).contains("seconds of processor time")) << reason_of(tree);
}

TEST(Sandbox, NoFileOpens) {
    const Buffer image = test_image();
    const Tree tree = run_with(image, opens_a_file);
    EXPECT_EQ(content_of(tree, "/read"), "refused");
    EXPECT_EQ(content_of(tree, "/write"), "refused");
    EXPECT_NE(access("/tmp/shirushi-must-not-exist", F_OK), 0);
}

TEST(Sandbox, NoSocketAndNoProcess) {
    const Buffer image = test_image();
    for (const Decoder decoder : {calls_out, starts_a_process}) {
        const Tree tree = run_with(image, decoder);
        EXPECT_EQ(content_of(tree, "/before"), "complete");
        EXPECT_TRUE(reason_of(tree).contains("a system call that is not allowed")) << reason_of(tree);
    }
}

TEST(Sandbox, ScribbledResultsAreNotBelieved) {
    for (std::uint8_t seed = 0; seed < 20; ++seed) {
        const Buffer image = test_image(seed);
        const Tree tree = run_with(image, scribbles, {.output_bytes = 1 << 20});
        for (std::uint32_t i = 0; i < tree.size(); ++i)
            for (const std::uint8_t byte : tree.bytes(NodeId{i}))
                ASSERT_LE(byte, 255);  // the sanitizer would speak up
    }
}

// ---- bombs ----------------------------------------------------------------------------------------------------------------

TEST(Ceilings, AGzipBombIsStopped) {
    const Workshop shop;
    const Buffer bomb = shop.run("head -c 300M /dev/zero | gzip -1 -n");
    const Buffer good = shop.run("echo good | gzip -n");
    const auto tree = making::unpacked(joined({bomb, good}), {.output_bytes = 40 << 20, .memory_bytes = 8 << 20});
    ASSERT_FALSE(tree->notes().empty());
    EXPECT_TRUE(tree->gaps()[0].contains("ceiling on unpacked content")) << tree->gaps()[0];
    making::expect_covered(*tree);
}

TEST(Ceilings, RatioOfOneStream) {
    const Workshop shop;
    Buffer bomb = shop.run("head -c 60M /dev/zero | xz -0");
    const auto tree = making::unpacked(joined({bomb, noise(2000, 1), shop.run("seq 1 900 | gzip -n")}), {.ratio = 100});
    EXPECT_TRUE(std::ranges::any_of(tree->notes(), [](const std::string& note) { return note.contains("decompression bomb"); })) << making::tables(*tree);
    making::expect_covered(*tree);
}

TEST(Ceilings, Depth) {
    const Workshop shop;
    const auto tree = making::unpacked(shop.run("cp /etc/passwd 0; for i in $(seq 1 20); do zip -q $i.zip $((i-1))*; mv $i.zip $i; done; cat 20"), {.depth = 5});
    EXPECT_TRUE(std::ranges::any_of(tree->gaps(), [](const std::string& gap) { return gap.contains("5 containers deep"); }));
    EXPECT_LT(tree->size(), 20U);
}

TEST(Ceilings, NodesAndDecodes) {
    const Workshop shop;
    const Buffer many = shop.run("mkdir d; cd d; touch $(seq 1 500); tar -cf - .");
    auto tree = making::unpacked(many, {.nodes = 100});
    EXPECT_LE(tree->size(), 101U);
    EXPECT_FALSE(tree->gaps().empty());
    const Buffer streams = shop.run("for i in $(seq 1 30); do echo $i | gzip -n; head -c 20 /dev/zero; done");
    tree = making::unpacked(streams, {.decodes = 10});
    EXPECT_TRUE(std::ranges::any_of(tree->gaps(), [](const std::string& gap) { return gap.contains("10 containers were opened already"); }));
    making::expect_covered(*tree);
}

TEST(Safety, NamesStayInside) {
    const Workshop shop;
    const auto tree = making::unpacked(shop.run("mkdir -p a/b; echo x > evil; cd a/b; tar -P -cf - ../../evil --transform='s,^/,/abs/,' ../../evil"));
    EXPECT_TRUE(making::find(*tree, "tar@0x0/evil").has_value()) << making::tables(*tree);
    EXPECT_TRUE(std::ranges::any_of(tree->notes(), [](const std::string& note) { return note.contains("tries to leave its container"); }));
}

// ---- damage ---------------------------------------------------------------------------------------------------------------

Buffer layered_image(const Workshop& shop) {
    shop.sample_tree("root");
    return shop.run(R"(tar -C root -cJf inner.tar.xz . ; mkdir -p o && cp inner.tar.xz o/ && cp -a root/etc o/
(cd o; find . | cpio -o -H newc) | gzip -n > rd.gz; mkimage -A arm -O linux -T ramdisk -C gzip -n rd -d rd.gz u >/dev/null
head -c 3000 /dev/urandom | tr '\0\037\375B5' 'aaaaa' > junk; mksquashfs root s.sqfs -quiet -no-progress -all-root >/dev/null
cat junk u; head -c 1000 /dev/zero | tr '\0' '\377'; cat s.sqfs; seq 1 999 | gzip -n; (cd root/etc; zip -q -r - .))");
}

TEST(Safety, SameTreeForAnyNumberOfWorkers) {
    const Workshop shop;
    const Buffer image = layered_image(shop);
    const std::string one = making::tables(*making::unpacked(image, {.workers = 1}));
    EXPECT_TRUE(one.contains("uimage@0xbb8/rd/gzip@0x0/data/cpio@0x0/inner.tar.xz/xz@0x0/data/tar@0x0/usr/lib/deep/er/numbers"));
    EXPECT_TRUE(one.contains("squashfs@"));
    EXPECT_EQ(one, making::tables(*making::unpacked(image, {.workers = 2})));
    EXPECT_EQ(one, making::tables(*making::unpacked(image, {.workers = 4})));
    EXPECT_EQ(one, making::tables(*making::unpacked(image, {.memory_bytes = 0, .workers = 2}))) << "contents in a temporary file";
}

void expect_no_sanitizer_report(const Tree& tree) {
    for (const std::string& gap : tree.gaps())
        EXPECT_FALSE(gap.contains("decoder stopped")) << gap;
}

TEST(Safety, TruncatedAnywhere) {
    const Workshop shop;
    const Buffer image = layered_image(shop);
    for (std::size_t size = 1; size < image.size(); size += image.size() / 100) {
        const auto tree = making::unpacked({image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)});
        making::expect_covered(*tree);
        expect_no_sanitizer_report(*tree);
    }
}

/// One test for each, since every length costs a child process of its own.
struct SmallOne {
    const char* name;
    const char* command;
};

class SmallOnes : public testing::TestWithParam<SmallOne> {};

TEST_P(SmallOnes, TruncatedAtEveryLength) {
    const Workshop shop;
    (void)shop.run("mkdir d; seq 1 9 > d/f; seq 1 30 > p");
    const Buffer image = shop.run(GetParam().command);
    ASSERT_LT(image.size(), 2000U);
    for (std::size_t size = 1; size < image.size(); ++size) {
        const auto tree = making::unpacked({image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)});
        making::expect_covered(*tree);
        expect_no_sanitizer_report(*tree);
    }
}

INSTANTIATE_TEST_SUITE_P(Safety, SmallOnes,
                         testing::Values(SmallOne{"Gzip", "gzip -nc p"}, SmallOne{"Xz", "xz -c p"}, SmallOne{"Lzma", "xz --format=lzma -c p"},
                                         SmallOne{"Bzip2", "bzip2 -c p"}, SmallOne{"Zstd", "zstd -qc p"}, SmallOne{"Lz4", "lz4 -qc p"},
                                         SmallOne{"CpioNewc", "cd d; echo f | cpio -o -H newc"}, SmallOne{"CpioBinary", "cd d; echo f | cpio -o -H bin"},
                                         SmallOne{"Zip", "cd d; zip -q - f"}, SmallOne{"Ar", "ar rc x.a p; cat x.a"},
                                         SmallOne{"Uimage", "mkimage -A arm -T kernel -C none -d p u >/dev/null; cat u"}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Safety, FlippedBytes) {
    const Workshop shop;
    const Buffer image = layered_image(shop);
    std::mt19937 random(20240701);
    for (int round = 0; round < 100; ++round) {
        Buffer flipped = image;
        for (int flips = 0; flips < 5; ++flips)
            flipped[random() % flipped.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
        const auto tree = making::unpacked(std::move(flipped));
        making::expect_covered(*tree);
        expect_no_sanitizer_report(*tree);
    }
}

TEST(Safety, MagicsEverywhere) {
    std::set<std::string_view> all;
    for (const Format& format : formats())
        for (const Magic& magic : format.magics)
            all.insert(magic.bytes);
    ASSERT_GT(all.size(), 100U);
    for (const std::string_view magic : all) {
        Buffer image;
        while (image.size() < 60'000)
            image.insert(image.end(), magic.begin(), magic.end());
        const auto tree = making::unpacked(std::move(image));
        making::expect_covered(*tree);
    }
}

TEST(Safety, ADamagedStreamDoesNotHideWhatFollows) {
    const Workshop shop;
    Buffer broken = shop.run("seq 1 100000 | gzip -n");
    for (std::size_t i = broken.size() / 2; i < broken.size() / 2 + 64; ++i)
        broken[i] ^= 0x5aU;
    shop.sample_tree("root");
    const auto tree = making::unpacked(joined({broken, noise(500, 8), shop.run("tar -C root -cf - .")}));
    EXPECT_EQ(tree->regions()[0].kind, RegionKind::damaged);
    making::expect_sample(*tree, fmt::format("tar@0x{:x}", broken.size() + 500));
    making::expect_covered(*tree);
}

TEST(Safety, ProgramsHoldNoStreams) {
    const Workshop shop;
    const auto tree = making::unpacked(shop.run("cat /bin/bash /bin/tar"));
    for (const Region& region : tree->regions())
        EXPECT_NE(region.kind, RegionKind::damaged) << region.offset << " " << region.format << " " << region.description;
}

TEST(Safety, NoiseHoldsNothing) {
    const auto tree = making::unpacked(noise(4 << 20, 77));
    EXPECT_EQ(tree->regions().size(), 1U);
    EXPECT_TRUE(tree->gaps()[0].contains("high entropy: encrypted"));
}

}  // namespace
}  // namespace shirushi::unpack
