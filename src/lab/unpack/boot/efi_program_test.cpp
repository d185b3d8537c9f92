#include "unpack/boot/efi_program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "unpack/boot/boot_test.hpp"
#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

struct Section {
    std::string_view name;
    Buffer content;
};

/// A PE32+ file whose sections begin at multiples of 512 bytes, as linkers and ukify write them.
Buffer efi_program(const std::vector<Section>& sections, std::uint16_t machine = 0x8664, std::uint16_t subsystem = 10) {
    constexpr std::size_t kFrame = 128;
    Writer file;
    file.text("MZ").to(0x3c).u32(kFrame).to(kFrame).text("PE").u16(0).u16(machine).u16(sections.size()).fill(0, 12).u16(240).u16(0x22e);
    const std::size_t optional = file.size();
    file.u16(0x20b).to(optional + 68).u16(subsystem).to(optional + 108).u32(16).to(optional + 240);
    const auto aligned = [](std::size_t size) { return (size + 511) / 512 * 512; };
    std::size_t at = aligned(file.size() + 40 * sections.size());
    for (const Section& section : sections) {
        file.field(section.name, 8).u32(section.content.size()).u32(at).u32(aligned(section.content.size())).u32(at).fill(0, 16);
        at += aligned(section.content.size());
    }
    for (const Section& section : sections)
        file.to(aligned(file.size())).bytes(section.content);
    file.to(aligned(file.size()));
    return file.made();
}

Buffer text(std::string_view words) { return {words.begin(), words.end()}; }

TEST(EfiProgram, UnifiedKernelGivesWhatItCarries) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer initial = shop.run("cd root; find . | cpio -o -H newc | gzip -n");
    const Buffer image = efi_program({{".text", making::noise(900, 1)},
                                      {".osrel", text("ID=example\n")},
                                      {".uname", text("6.1.0-50")},
                                      {".cmdline", text("root=/dev/mmcblk0p2 ro")},
                                      {".initrd", initial},
                                      {".linux", making::noise(5000, 2)}});
    const auto tree = making::unpacked(making::joined({making::noise(77, 3), image, making::noise(99, 4)}));
    making::expect_covered(*tree);
    EXPECT_EQ(tree->regions()[1].description,
              "EFI application, x86-64, 6 sections, unified kernel image, Linux 6.1.0-50, command line \"root=/dev/mmcblk0p2 ro\"");
    EXPECT_EQ(tree->regions()[1].size, image.size());
    making::expect_sample(*tree, "efi-program@0x4d/.initrd/gzip@0x0/data/cpio@0x0");
    EXPECT_EQ(tree->bytes(making::find(*tree, "efi-program@0x4d/.linux").value()).size(), 5000U) << "without what fills it up";
}

TEST(EfiProgram, MachinesAndSubsystems) {
    EXPECT_THAT(identify_efi_program(efi_program({{".text", {1}}}, 0xaa64, 12))->description, HasSubstr("EFI runtime driver, arm64, 1 sections"));
    EXPECT_FALSE(identify_efi_program(efi_program({{".text", {1}}}, 0x8664, 3))) << "a Windows console program";
    EXPECT_FALSE(identify_efi_program(efi_program({{".text", {1}}}, 0x1234)));
    EXPECT_FALSE(is_unified_kernel(efi_program({{".text", {1}}})));
    EXPECT_TRUE(is_unified_kernel(efi_program({{".linux", {1}}})));
}

TEST(EfiProgram, FilesAreOpenedForTheirKernelOnly) {
    const making::Workshop shop;
    shop.write("driver.efi", efi_program({{".text", making::noise(700, 1)}}));
    shop.write("linux.efi", efi_program({{".text", making::noise(700, 1)}, {".linux", making::noise(700, 2)}}));
    const auto tree = making::unpacked(shop.run("tar -cf - driver.efi linux.efi"));
    EXPECT_TRUE(making::find(*tree, "tar@0x0/linux.efi/efi-program@0x0/.linux"));
    EXPECT_FALSE(making::find(*tree, "tar@0x0/driver.efi/efi-program@0x0"));
}

TEST(EfiProgram, DamageOfEveryKind) {
    const Buffer image = efi_program({{".text", making::noise(40, 1)}, {".cmdline", text("quiet")}, {".linux", making::noise(40, 2)}});
    boot_test::expect_no_harm(identify_efi_program, split_efi_program, nullptr, image);
    const Bytes cut = Bytes(image).first(image.size() - 100);
    EXPECT_THAT(identify_efi_program(cut)->description, HasSubstr(cut_off(cut.size(), image.size())));
    EXPECT_EQ(split_efi_program(cut)->damage, cut_off(cut.size(), image.size()));
}

}  // namespace
}  // namespace shirushi::unpack
