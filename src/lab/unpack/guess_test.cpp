#include "unpack/guess.hpp"

#include <gtest/gtest.h>

#include <map>

#include "unpack/code_guess.hpp"
#include "unpack/guess_marks.hpp"
#include "unpack/making_test.hpp"
#include "unpack/tree.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;

/// A program in C that none of the tables was learned from: sorting, hashing, formatting, parsing, a state machine.
constexpr std::string_view kProgram = R"c(
typedef unsigned int u32; typedef unsigned char u8;
extern int put(const char*, int); extern void* get(u32); extern volatile u32 ports[16];
struct item { u32 key; short left, right; u8 name[12]; struct item* next; };
u32 hash_NR(const u8* p, int n) { u32 h = 2166136261u + NR; while (n-- > 0) { h ^= *p++; h *= 16777619u; if (h & 0x80000000u) h = (h << 3) | (h >> 29); } return h; }
void sort_NR(struct item** a, int n) { for (int i = 1; i < n; i++) { struct item* x = a[i]; int j = i; while (j > 0 && a[j - 1]->key > x->key + NR) { a[j] = a[j - 1]; j--; } a[j] = x; } }
int number_NR(const char* s, int* out) { int sign = 1, v = 0; while (*s == ' ' || *s == '\t') s++; if (*s == '-') { sign = -1; s++; } while (*s >= '0' && *s <= '9') { v = v * 10 + (*s++ - '0'); if (v > 100000 * (NR + 1)) return -1; } *out = sign * v; return *s == 0; }
int state_NR(int state, u8 in) { switch (state) { case 0: return in == 'a' + NR ? 1 : 0; case 1: if (in < 32) return 7; return in > 'm' ? 2 : 3; case 2: ports[2] |= in << NR; return 4; case 3: ports[3] = ports[1] & ~(u32)in; return 5; case 4: return in ^ NR; case 5: return put("state\n", 6) < 0 ? 9 : 6; case 6: return hash_NR(&in, 1) & 7; default: return 0; } }
struct item* insert_NR(struct item* list, u32 key) { struct item* p = list; while (p && p->next && p->next->key < key) p = p->next; struct item* n = get(sizeof *n); if (!n) return list; n->key = key; n->left = (short)(key >> 3); n->right = -n->left; for (int i = 0; i < 12; i++) n->name[i] = (u8)(key >> (i & 3) * 8); if (!p) { n->next = 0; return n; } n->next = p->next; p->next = n; return list; }
void print_NR(u32 v, int base) { char b[36]; int n = 36; do { int d = v % base; b[--n] = (char)(d < 10 ? '0' + d : 'a' + d - 10); v /= base; } while (v && n); put(b + n, 36 - n); }
u32 check_NR(const u8* p, u32 n) { u32 c = ~0u; for (u32 i = 0; i < n; i++) { c ^= p[i]; for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ (0xedb88320u + NR) : c >> 1; } return ~c; }
)c";

/// The program, so many times over with other numbers, as raw code of one architecture.
Buffer compiled(const std::string& compiler, const std::string& objcopy, int copies = 8) {
    const making::Workshop shop;
    std::string source;
    for (int copy = 0; copy < copies; ++copy) {
        std::string part(kProgram);
        if (copy != 0)
            part.erase(0, part.find("u32 hash_NR"));
        for (auto at = part.find("NR"); at != part.npos; at = part.find("NR"))
            part.replace(at, 2, std::to_string(copy + 1));
        source += part;
    }
    shop.write("program.c", as_bytes(source));
    (void)shop.run(compiler + " -Os -w -ffreestanding -fno-asynchronous-unwind-tables -c program.c -o program.o 2>&1 && " + objcopy + " -O binary -j .text program.o code.bin 2>&1");
    return shop.read("code.bin");
}

void expect_code(Bytes bytes, std::string_view architecture, GuessConfidence least = GuessConfidence::medium) {
    const Guess found = guess(bytes);
    EXPECT_EQ(found.what, RegionGuess::code) << architecture << ": " << found.reason;
    EXPECT_EQ(found.architecture, architecture) << found.reason;
    EXPECT_GE(found.confidence, least) << architecture << ": " << found.reason;
}

TEST(Guess, CodeOfCompiledPrograms) {
    const std::map<std::string, std::pair<std::string, std::string>> compilers{
        {"arm", {"arm-none-eabi-gcc -marm -march=armv5te", "arm-none-eabi-objcopy"}},
        {"thumb", {"arm-none-eabi-gcc -mthumb -mcpu=cortex-m4", "arm-none-eabi-objcopy"}},
        {"aarch64", {"aarch64-linux-gnu-gcc", "aarch64-linux-gnu-objcopy"}},
        {"mips", {"mips-linux-gnu-gcc -mno-abicalls -fno-pic", "mips-linux-gnu-objcopy"}},
        {"mipsel", {"mipsel-linux-gnu-gcc -mno-abicalls -fno-pic", "mipsel-linux-gnu-objcopy"}},
        {"mips64", {"mips-linux-gnu-gcc -march=mips64r2 -mabi=64 -mno-abicalls -fno-pic", "mips-linux-gnu-objcopy"}},
        {"mips64el", {"mipsel-linux-gnu-gcc -march=mips64r2 -mabi=64 -mno-abicalls -fno-pic", "mipsel-linux-gnu-objcopy"}},
        {"powerpc", {"powerpc-linux-gnu-gcc -fno-pic", "powerpc-linux-gnu-objcopy"}},
        {"riscv64", {"riscv64-linux-gnu-gcc -fno-pic", "riscv64-linux-gnu-objcopy"}},
        {"x86-64", {"gcc -fno-pic", "objcopy"}},
    };
    for (const auto& [architecture, tools] : compilers)
        // gcc's -Os for x86-64 is less like the programs that the tables were learned from: just below the limit of medium.
        expect_code(compiled(tools.first, tools.second), architecture, architecture == "x86-64" ? GuessConfidence::low : GuessConfidence::medium);
}

TEST(Guess, CodeAtAnOddPlaceAndAmongOtherBytes) {
    const Buffer code = compiled("mipsel-linux-gnu-gcc -mno-abicalls -fno-pic", "mipsel-linux-gnu-objcopy");
    expect_code(joined({Buffer(3, 0x11), code}), "mipsel");
    const auto found = segments(joined({code, noise(code.size() + 5000, 3)}));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].guess.architecture, "mipsel");
    EXPECT_NEAR(static_cast<double>(found[1].offset), static_cast<double>(code.size()), 64) << "cut where the code ends, not at a block's border";
    EXPECT_EQ(found[1].guess.what, RegionGuess::unknown);
}

TEST(Guess, RandomBytesStayUndecided) {
    const Guess found = guess(noise(1 << 17, 1));
    EXPECT_EQ(found.what, RegionGuess::unknown);
    EXPECT_TRUE(found.reason.starts_with("high entropy: encrypted, or compressed in an unknown way")) << found.reason;
}

TEST(Guess, TextAndTablesAndTheShort) {
    Buffer text;
    while (text.size() < 20000)
        for (const char letter : std::string_view("The quick brown fox jumps over 13 lazy dogs.\n"))
            text.push_back(static_cast<std::uint8_t>(letter));
    EXPECT_EQ(guess(text).what, RegionGuess::text);
    Buffer table;
    for (std::uint32_t i = 0; i < 4000; ++i)
        for (const std::uint32_t byte : {i * 7U, i >> 5U, 0U, i >> 9U})
            table.push_back(static_cast<std::uint8_t>(byte));
    EXPECT_EQ(guess(table).what, RegionGuess::data) << guess(table).reason;
    EXPECT_EQ(guess(noise(100, 1)).confidence, GuessConfidence::none);
    EXPECT_EQ(segments({}).size(), 1U);
}

TEST(Guess, CompressedIsUnevenWhereTheCompressorIs) {
    const making::Workshop shop;
    const Buffer packed = shop.run("cat /usr/share/common-licenses/* | gzip -9 | tail -c +100");
    EXPECT_EQ(guess(packed).what, RegionGuess::compressed) << guess(packed).reason;
}

TEST(Guess, EcbGivesItselfAway) {
    const making::Workshop shop;
    shop.write("plain", compiled("mips-linux-gnu-gcc -mno-abicalls -fno-pic", "mips-linux-gnu-objcopy", 4));
    const Buffer ecb = shop.run("(cat plain; head -c 4096 /dev/zero; cat plain) | openssl enc -aes-128-ecb -K 000102030405060708090a0b0c0d0e0f");
    const Guess found = guess(ecb);
    EXPECT_EQ(found.what, RegionGuess::encrypted);
    EXPECT_EQ(found.confidence, GuessConfidence::high);
    EXPECT_TRUE(found.reason.ends_with("a block cipher in ECB mode")) << found.reason;
    const Buffer cbc = shop.run("(cat plain; head -c 4096 /dev/zero; cat plain) | openssl enc -aes-128-cbc -iv 0 -K 000102030405060708090a0b0c0d0e0f");
    EXPECT_EQ(guess(cbc).what, RegionGuess::unknown) << "no test tells it from random bytes";
}

TEST(Guess, XorWithAShortKey) {
    Buffer code = compiled("powerpc-linux-gnu-gcc -fno-pic", "powerpc-linux-gnu-objcopy");
    code.insert(code.end(), 2048, 0);  // as images have between their parts
    constexpr std::string_view key = "s3cr3t!";
    for (std::size_t at = 0; at < code.size(); ++at)
        code[at] = static_cast<std::uint8_t>(code[at] ^ static_cast<std::uint8_t>(key[at % key.size()]));
    const Guess found = guess(code);
    EXPECT_EQ(found.what, RegionGuess::encrypted) << found.reason;
    EXPECT_EQ(found.architecture, "powerpc");
    EXPECT_TRUE(found.reason.starts_with("XOR with a repeating key of 7 bytes (73336372337421)")) << found.reason;
}

TEST(Guess, SegmentsAreAllOfItWhateverTheBytes) {
    Buffer mixed;
    for (std::uint32_t seed = 1; seed < 400; ++seed) {
        const Buffer part = seed % 3 == 0 ? Buffer(seed * 13, static_cast<std::uint8_t>(seed)) : noise(seed * 11 % 3000, seed);
        mixed.insert(mixed.end(), part.begin(), part.end());
        if (seed % 40 != 0)
            continue;
        std::uint64_t end = 0;
        const auto found = segments(mixed);
        EXPECT_LE(found.size(), 64U);
        for (const Segment& segment : found) {
            ASSERT_EQ(segment.offset, end);
            ASSERT_NE(segment.size, 0U);
            end += segment.size;
        }
        ASSERT_EQ(end, mixed.size());
    }
}

}  // namespace
}  // namespace shirushi::unpack
