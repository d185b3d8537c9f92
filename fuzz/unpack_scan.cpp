// The scan and every identify function and splitter of our own, in process; no child is made.
#include "unpack/coverage.hpp"
#include "unpack/scan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace shirushi::unpack;
    const shirushi::Bytes bytes(data, size);
    const MagicTable table(formats());
    Scanner scanner(bytes, table);
    std::uint64_t position = 0;
    while (const auto candidate = scanner.next(position)) {
        const shirushi::Bytes rest = bytes.subspan(candidate->offset);
        if (candidate->found.size > rest.size() || candidate->offset < position)
            __builtin_trap();
        if (candidate->format->split != nullptr)
            (void)candidate->format->split(rest.first(candidate->found.size));
        position = candidate->offset + std::max<std::uint64_t>(candidate->found.size, 1);
    }
    std::uint64_t covered = 0;
    for (const Piece& piece : classify(bytes))
        covered += piece.size;
    if (covered != size)
        __builtin_trap();
    return 0;
}
