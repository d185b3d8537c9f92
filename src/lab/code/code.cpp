#include "code/code.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "code/call_scan.hpp"
#include "code/follow.hpp"
#include "elf/numbers.hpp"

namespace shirushi::code {
namespace {

constexpr std::size_t kShownInstructions = 6, kShownLength = 100;

std::unique_ptr<Lifter> lifter_for(const elf::Header& header) {
    switch (processor_of(header)) {
        case Processor::x86:
            return make_x86_lifter(false);
        case Processor::x86_64:
            return make_x86_lifter(true);
        case Processor::arm:
            return make_arm_lifter();
        case Processor::aarch64:
            return make_aarch64_lifter();
        case Processor::mips:
            return make_mips_lifter(header.endian == Endian::big);
        case Processor::none:
            return nullptr;
    }
    return nullptr;
}

bool is_program(const elf::Header& header) {
    return header.type == static_cast<std::uint16_t>(elf::FileType::executable) || header.type == static_cast<std::uint16_t>(elf::FileType::shared);
}

class Analyser {
public:
    Analyser(const elf::ElfFile& file, const Limits& limits, Lifter& lifter) : program_(file), limits_(limits), lifter_(lifter) {}

    Analysis run() {
        for (const CodeRange& range : program_.code())
            result_.code_bytes += range.bytes.size();
        if (result_.code_bytes == 0)
            return std::move(result_);
        if (program_.known() == 0 && program_.file().dynamic().empty()) {
            result_.gaps.emplace_back("linked statically and without symbols: which library functions it calls cannot be told");
            return std::move(result_);
        }
        const std::vector<std::size_t> chosen = functions_to_decode(program_);
        if (!chosen.empty())
            find_main();
        std::uint64_t too_long = 0, beyond = 0;
        for (const std::size_t function : chosen) {
            const CodeRange body = program_.body(function);
            if (body.bytes.size() > limits_.function_bytes)
                ++too_long;
            else if (result_.decoded_bytes + body.bytes.size() > limits_.code_bytes || result_.rows.size() >= limits_.rows)
                ++beyond;
            else
                analyse(function, body);
        }
        if (too_long > 0)
            result_.gaps.push_back(fmt::format("{} functions of more than {} bytes", too_long, limits_.function_bytes));
        if (beyond > 0)
            result_.gaps.push_back(fmt::format("{} functions beyond what is looked at in one program", beyond));
        std::ranges::stable_sort(result_.rows, {}, &CallSite::address);
        return std::move(result_);
    }

private:
    /// By its symbol, else by what the start-up code hands to __libc_start_main.
    void find_main() {
        for (const FunctionStart& function : program_.functions())
            if (function.name == "main") {
                main_ = function.address;
                return;
            }
        const std::uint64_t entry = program_.file().header().entry & ~std::uint64_t{program_.processor() == Processor::arm ? 1U : 0U};
        const auto start = program_.function_at(entry);
        if (!start || program_.functions()[*start].address != entry)
            return;
        CodeRange body = program_.body(*start);
        body.bytes = clipped(body.bytes, 0, 256);
        lifted_.clear();
        lifter_.lift(body.bytes, body.address, program_.functions()[*start].thumb, lifted_);
        Follower follower(program_, lifter_.convention(), lifted_, false);
        (void)follower.run();
        if (const auto main = follower.main_address())
            main_ = *main & ~std::uint64_t{program_.processor() == Processor::arm ? 1U : 0U};
    }

    void analyse(std::size_t function, const CodeRange& body) {
        const FunctionStart& start = program_.functions()[function];
        lifted_.clear();
        lifter_.lift(body.bytes, body.address, start.thumb, lifted_);
        result_.decoded_bytes += body.bytes.size();
        Follower follower(program_, lifter_.convention(), lifted_, body.address == main_);
        for (const Finding& finding : follower.run()) {
            if (result_.rows.size() >= limits_.rows)
                break;
            result_.rows.push_back(row(follower, start, body, finding));
        }
        result_.calls += follower.calls();
    }

    [[nodiscard]] const Instruction& instruction_of(std::uint32_t operation) const { return lifted_.instructions[lifted_.operations[operation].instruction]; }

    CallSite row(const Follower& follower, const FunctionStart& start, const CodeRange& body, const Finding& finding) {
        CallSite site{.machine = elf::machine_name(program_.file().header()),
                      .function = start.name.empty() ? fmt::format("0x{:x}", start.address) : printable(start.name),
                      .address = instruction_of(finding.operation).address,
                      .weakness = finding.weakness,
                      .confidence = finding.confidence,
                      .origin = finding.origin,
                      .buffer_bytes = finding.buffer_bytes};
        const LibraryFunction* callee = follower.function_of(finding.operation);
        if (callee != nullptr)
            site.callee = callee->name;
        if (finding.origin_operation < lifted_.operations.size() && follower.function_of(finding.origin_operation) != nullptr) {
            site.origin_call = follower.function_of(finding.origin_operation)->name;
            site.origin_address = instruction_of(finding.origin_operation).address;
        }
        const std::uint32_t last = lifted_.operations[finding.operation].instruction;
        for (std::uint32_t i = last - std::min<std::uint32_t>(last, kShownInstructions - 1); i <= last; ++i) {
            const Instruction& one = lifted_.instructions[i];
            const Bytes bytes = clipped(body.bytes, one.address - body.address, one.size);
            std::string line = fmt::format("{:x}: {}", one.address, printable(lifter_.text(bytes, one.address, start.thumb)));
            if (i == last && callee != nullptr)
                line.append(" <").append(callee->name).append(">");
            site.disassembly.push_back(line.substr(0, kShownLength));
        }
        return site;
    }

    Program program_;
    const Limits& limits_;
    Lifter& lifter_;
    Lifted lifted_;
    Analysis result_;
    std::uint64_t main_ = UINT64_MAX;
};

}  // namespace

Result<Analysis> call_sites(Bytes file, const Limits& limits) {
    const auto elf = TRY(elf::ElfFile::read(file));
    if (!is_program(elf.header()))
        return Analysis{};
    Analysis nothing;
    if (processor_of(elf.header()) == Processor::none) {
        nothing.gaps.push_back(fmt::format("machine code of {} is not read", elf::machine_name(elf.header())));
        return nothing;
    }
    const auto lifter = lifter_for(elf.header());
    if (lifter == nullptr) {
        nothing.gaps.push_back(fmt::format("the disassembler does not know {}", elf::machine_name(elf.header())));
        return nothing;
    }
    return Analyser(elf, limits, *lifter).run();
}

std::uint64_t code_size(Bytes file) {
    const auto elf = elf::ElfFile::read(file);
    if (!elf || !is_program(elf->header()))
        return 0;
    std::uint64_t size = 0;
    for (const elf::Segment& segment : elf->segments())
        if (segment.type == elf::segment_type::load && (segment.flags & elf::segment_flag::execute) != 0)
            size += std::min<std::uint64_t>(segment.file_size, file.size());
    return std::min<std::uint64_t>(size, file.size());
}

}  // namespace shirushi::code
