// Cortex-M programs of a real compiler, and MCUboot's images by a small writer after its design document.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

constexpr Parser kCortexM{identify_cortex_m, nullptr, split_cortex_m};
constexpr Parser kMcuboot{identify_mcuboot, nullptr, split_mcuboot};

/// A program with a table of 16 + 32 vectors, linked to this address.
Buffer program(const making::Workshop& shop, std::uint32_t base, const char* processor = "cortex-m4", const char* stack = "0x20020000") {
    return shop.run(fmt::format(R"(cat > p.c <<'EOF'
void reset(void); void fault(void); void tick(void); void irq(void);
#define FOUR(x) x, x, x, x
__attribute__((section(".vectors"), used)) static void *const vectors[48] = {{
  (void *){0}, reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, tick, fault, 0, tick, tick,
  FOUR(irq), FOUR(irq), FOUR(tick), FOUR(0), FOUR(irq), FOUR(irq), FOUR(irq), FOUR(fault) }};
volatile unsigned counter; const char banner[] = "Example firmware 2.1";
void reset(void) {{ for (;;) counter += banner[counter % sizeof banner]; }}
void fault(void) {{ for (;;) counter++; }}
void tick(void) {{ counter += 2; }}
void irq(void) {{ counter *= 3; }}
EOF
cat > p.ld <<'EOF'
SECTIONS {{ . = {1:#x}; .text : {{ KEEP(*(.vectors)) *(.text*) *(.rodata*) }} . = 0x20000000; .bss : {{ *(.bss*) }} /DISCARD/ : {{ *(.ARM*) *(.comment) }} }}
EOF
arm-none-eabi-gcc -mcpu={2} -mthumb -O1 -nostdlib -ffreestanding -Wl,-T,p.ld -Wl,-e,reset -o p.elf p.c -lgcc && arm-none-eabi-objcopy -O binary -j .text p.elf p.bin && cat p.bin)",
                                stack, base, processor));
}

TEST(CortexM, ProgramsOfARealCompiler) {
    const making::Workshop shop;
    struct Case {
        std::uint32_t base;
        const char* processor;
        const char* stack;
    };
    for (const Case& one : {Case{0x08000000, "cortex-m4", "0x20020000"}, Case{0, "cortex-m0", "0x20004000"}, Case{0x60002000, "cortex-m7", "0x20400000"}, Case{0x08020000, "cortex-m3", "0x20005000"},
                            Case{0x00027000, "cortex-m4", "0x20040000"}}) {
        const Buffer image = program(shop, one.base, one.processor, one.stack);
        const auto found = identify_cortex_m(image);
        ASSERT_TRUE(found) << fmt::format("{:#x}", one.base);
        EXPECT_THAT(found->description, HasSubstr(fmt::format("vector table, base 0x{:08x}, reset 0x{:08x}", one.base, one.base + 0xc0)));
        EXPECT_THAT(found->description, HasSubstr("38 handlers"));
        const auto parts = split_cortex_m(image);
        ASSERT_EQ(parts->parts.size(), 2U);
        EXPECT_EQ(parts->parts[0].size, 192U);
        EXPECT_THAT(std::string(as_text(clipped(image, parts->parts[1].offset, parts->parts[1].size))), HasSubstr("Example firmware 2.1"));
    }
}

/// Of a large program that does not begin at a usual address, the functions themselves tell the base.
TEST(CortexM, BaseOfALargeApplication) {
    const making::Workshop shop;
    for (const std::uint32_t base : {0x08000000U, 0x08010000U, 0x00026000U}) {
        const Buffer image = making::joined({program(shop, base), making::noise(300000, 1)});
        EXPECT_THAT(identify_cortex_m(image)->description, HasSubstr(fmt::format("base 0x{:08x}", base)));
    }
}

TEST(CortexM, FurtherImagesAreCutApartAndLookedInto) {
    const making::Workshop shop;
    shop.sample_tree("root");
    Writer flash;
    flash.bytes(program(shop, 0x08000000)).to(0x4000, 0xff).bytes(program(shop, 0x08004000)).bytes(shop.run("tar -C root -cf - ."));
    const auto tree = making::unpacked(flash.made());
    making::expect_sample(*tree, fmt::format("cortex-m@0x0/image 0x08004000/cortex-m@0x0/code/tar@0x{:x}", program(shop, 0x08004000).size() - 192));
    EXPECT_TRUE(making::find(*tree, "cortex-m@0x0/vectors"));
    making::expect_covered(*tree);
}

TEST(CortexM, SecondBootStageOfTheRp2040) {
    const making::Workshop shop;
    Buffer stage = making::noise(252, 1);
    std::uint32_t sum = 0xffffffff;
    for (const std::uint8_t byte : stage)
        for (int bit = 7; bit >= 0; --bit) {
            const bool high = ((sum >> 31U) ^ (byte >> bit & 1U)) != 0;
            sum = sum << 1U ^ (high ? 0x04c11db7U : 0U);
        }
    const Buffer image = making::joined({stage, Writer().u32(sum).made(), program(shop, 0x10000100, "cortex-m0plus", "0x20042000")});
    const auto found = identify_cortex_m(image);
    ASSERT_TRUE(found);
    EXPECT_THAT(found->description, HasSubstr("RP2040 second boot stage, vector table, base 0x10000100"));
    EXPECT_EQ(split_cortex_m(image)->parts[0].name, "boot stage");
}

TEST(CortexM, OtherBytesAreNone) {
    for (std::uint32_t seed = 0; seed < 200; ++seed)
        EXPECT_FALSE(identify_cortex_m(making::noise(4096, seed)));
    EXPECT_FALSE(identify_cortex_m(Buffer(4096, 0)));
    EXPECT_FALSE(identify_cortex_m(Writer().u32(0x20001000).fill(0, 4000).made()));
    const making::Workshop shop;
    EXPECT_FALSE(identify_cortex_m(shop.run("head -c 65536 /bin/bash")));
}

Buffer mcuboot(Bytes content, std::uint32_t flags, bool with_key = false) {
    Writer image;
    image.u32(0x96f3b83d).u32(0).u16(0x200).u16(0x0c).u32(content.size()).u32(flags).u8(1).u8(4).u16(7).u32(99).u32(0).to(0x200);
    image.bytes(content).u16(0x6908).u16(0x0c).u16(0x50).u16(4).u32(5);
    const Digest digest = crypto::sha256(image.made());
    image.u16(0x6907).u16(4 + 36 + 4 + 70 + (with_key ? 4 + 113 : 0)).u16(0x10).u16(32).bytes(digest.bytes).u16(0x22).u16(70).fill(0x30, 70);
    if (with_key)
        image.u16(0x32).u16(113).fill(4, 113);
    return image.made();
}

TEST(Mcuboot, DigestSignatureVersion) {
    const making::Workshop shop;
    Buffer image = mcuboot(program(shop, 0x0800c200), 0);
    const Buffer flash = making::joined({making::noise(333, 1), image, making::noise(50, 2)});
    const auto tree = making::unpacked(flash);
    EXPECT_EQ(tree->regions()[1].description, "version 1.4.7+99, signed (ECDSA), security counter 5, SHA-256 fits");
    EXPECT_EQ(tree->regions()[1].size, image.size());
    EXPECT_TRUE(making::find(*tree, "mcuboot@0x14d/image/cortex-m@0x0/code"));
    image[0x210] ^= 1U;
    EXPECT_EQ(split_mcuboot(image)->damage, "the SHA-256 does not match");
}

TEST(Mcuboot, EncryptedIsSaid) {
    const Buffer image = mcuboot(making::noise(2000, 1), 4, true);
    EXPECT_EQ(split_mcuboot(image)->parts[0].encrypted, "AES-128-CTR, its key under ECIES P-256, as MCUboot's header says");
    EXPECT_EQ(split_mcuboot(image)->damage, "");
}

TEST(Mcuboot, BehindABootLoader) {
    const making::Workshop shop;
    Writer flash;
    flash.bytes(program(shop, 0)).to(0xc000, 0xff).bytes(mcuboot(program(shop, 0xc200), 0)).to(0x20000, 0xff);
    const auto tree = making::unpacked(flash.made());
    EXPECT_TRUE(making::find(*tree, "cortex-m@0x0/image 0x0000c000/mcuboot@0x0/image/cortex-m@0x0/code")) << making::tables(*tree);
}

TEST(CortexM, CutAndChangedAnywhere) {
    const making::Workshop shop;
    const Buffer image = program(shop, 0x08000000);
    const Buffer boot = mcuboot(making::noise(300, 1), 0);
    cut_everywhere(boot, kMcuboot);
    change_bytes(boot, kMcuboot, 2000, false);
    cut_everywhere(image, kCortexM);
    change_bytes(image, kCortexM, 2000, false);
}

}  // namespace
}  // namespace shirushi::unpack
