#include "sbom/programs/program_file.hpp"

namespace shirushi::sbom {
namespace {

constexpr ProgramReader kReaders[] = {
    {.ecosystem = {.name = "go", .purl_type = "golang"}, .read = read_go_build_info},
    {.ecosystem = {.name = "rust", .purl_type = "cargo"}, .read = read_rust_audit},
    {.ecosystem = {.name = "kernel_module", .purl_type = "generic"}, .read = read_kernel_module},
};

}  // namespace

std::span<const ProgramReader> program_readers() { return kReaders; }

}  // namespace shirushi::sbom
