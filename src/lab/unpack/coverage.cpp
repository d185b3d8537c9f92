#include "unpack/coverage.hpp"

#include <algorithm>

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kEdgeRun = 16;
constexpr std::uint64_t kInnerRun = 4096;  // shorter ones are part of ordinary code and tables

std::uint64_t run_length(Bytes bytes) {
    const auto other = std::ranges::find_if(bytes, [&](std::uint8_t byte) { return byte != bytes[0]; });
    return static_cast<std::uint64_t>(other - bytes.begin());
}

std::uint64_t run_length_back(Bytes bytes) {
    std::uint64_t length = 0;
    while (length < bytes.size() && bytes[bytes.size() - 1 - length] == bytes.back())
        ++length;
    return length;
}

}  // namespace

std::vector<Piece> classify(Bytes range) {
    std::vector<Piece> pieces;
    if (range.empty())
        return pieces;
    const std::uint64_t front = run_length(range);
    if (front == range.size())
        return {{0, front, true, range[0]}};
    std::uint64_t data = 0;
    if (front >= kEdgeRun) {
        pieces.push_back({0, front, true, range[0]});
        data = front;
    }
    const std::uint64_t back = run_length_back(range);
    const std::uint64_t end = back >= kEdgeRun ? range.size() - back : range.size();
    // Only every kInnerRun-th byte need be looked at to meet each long run.
    std::uint64_t done = data;
    for (std::uint64_t at = data + kInnerRun - 1; at < end; at += kInnerRun) {
        std::uint64_t first = at;
        while (first > done && range[first - 1] == range[at])
            --first;
        const std::uint64_t length = at - first + run_length(range.subspan(at, end - at));
        if (length < kInnerRun)
            continue;
        if (first > done)
            pieces.push_back({done, first - done, false, 0});
        pieces.push_back({first, length, true, range[at]});
        done = first + length;
        at = done - 1;
    }
    if (end > done)
        pieces.push_back({done, end - done, false, 0});
    if (end < range.size())
        pieces.push_back({end, range.size() - end, true, range.back()});
    return pieces;
}

}  // namespace shirushi::unpack
