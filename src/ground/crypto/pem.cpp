#include "crypto/pem.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace shirushi::crypto {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kMaximumLabel = 64;
constexpr std::size_t kMaximumBody = 1 << 20;  // a bundle is many blocks; one block of keys or certificates has some KiB
constexpr std::size_t kMaximumHeaders = 16;
constexpr std::size_t kMaximumBlocks = 65536;

bool is_base64(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

/// Line ends that are written out in source text and JSON become line ends, quotes and continuation marks blanks.
std::string unquoted(std::string_view body) {
    std::string text;
    text.reserve(body.size());
    for (std::size_t i = 0; i < body.size(); ++i) {
        const bool written_out = body[i] == '\\' && i + 1 < body.size() && (body[i + 1] == 'n' || body[i + 1] == 'r');
        if (written_out)
            text += body[++i] == 'n' ? '\n' : '\r';
        else
            text += body[i] == '"' || body[i] == '\\' ? ' ' : body[i];
    }
    return text;
}

/// Takes RFC 1421 header lines from the front of `text`, up to the blank line that ends them.
std::vector<PemHeader> take_headers(std::string_view& text) {
    std::vector<PemHeader> headers;
    std::string_view rest = text;
    while (headers.size() < kMaximumHeaders) {
        const auto end = rest.find('\n');
        const std::string_view line = trimmed(rest.substr(0, end));
        const auto colon = line.find(':');
        if (colon != std::string_view::npos)
            headers.push_back({printable(trimmed(line.substr(0, colon))), printable(trimmed(line.substr(colon + 1)))});
        else if (!line.empty())
            break;
        if (end == std::string_view::npos)
            break;
        rest.remove_prefix(end + 1);
        text = rest;
    }
    return headers;
}

/// The block whose BEGIN stands at `start`; its `length` is 0 when there is none. `after` is where to look for the next.
PemBlock block_at(std::string_view text, std::size_t start, std::size_t& after) {
    PemBlock block;
    const std::size_t label_start = start + kBegin.size();
    after = label_start;
    const std::size_t label_length = text.substr(label_start, kMaximumLabel + kDashes.size()).find(kDashes);
    if (label_length == std::string_view::npos || label_length == 0)
        return block;
    const std::string_view label = text.substr(label_start, label_length);
    if (!std::ranges::all_of(label, [](char c) { return c >= ' ' && c <= '~'; }))
        return block;
    const std::size_t body_start = label_start + label_length + kDashes.size();
    const std::size_t body_length = text.substr(body_start, kMaximumBody).find(kDashes);
    after = body_start;
    if (body_length == std::string_view::npos) {
        after = std::min(text.size(), body_start + kMaximumBody - kDashes.size());
        return block;
    }
    after = body_start + body_length;
    const std::string end_line = std::string(kEnd).append(label).append(kDashes);
    if (!text.substr(after).starts_with(end_line))
        return block;
    const std::string body = unquoted(text.substr(body_start, body_length));
    std::string_view content = body;
    block.headers = take_headers(content);
    const bool clean = std::ranges::all_of(content, [](char c) { return is_base64(c) || c == ' ' || (c >= '\t' && c <= '\r'); });
    auto bytes = clean ? from_base64(content) : fail(Errc::bad_input, "");
    if (!bytes || bytes->empty())
        return block;
    block.bytes = *std::move(bytes);
    block.label = label;
    block.offset = start;
    after += end_line.size();
    block.length = after - start;
    return block;
}

}  // namespace

bool PemBlock::encrypted() const {
    return std::ranges::any_of(
        headers, [](const PemHeader& header) { return header.name == "Proc-Type" && header.value.find("ENCRYPTED") != std::string::npos; });
}

std::vector<PemBlock> find_pem_blocks(Bytes bytes) {
    const std::string_view text = as_text(bytes);
    std::vector<PemBlock> blocks;
    std::size_t position = text.find(kBegin);
    while (position != std::string_view::npos && blocks.size() < kMaximumBlocks) {
        std::size_t after = 0;
        if (PemBlock block = block_at(text, position, after); block.length > 0)
            blocks.push_back(std::move(block));
        position = text.find(kBegin, after);
    }
    return blocks;
}

}  // namespace shirushi::crypto
