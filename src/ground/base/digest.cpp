#include "base/digest.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace shirushi {

std::string Digest::hex() const { return to_hex(bytes); }

Result<Digest> Digest::from_hex(std::string_view text) {
    const Buffer raw = TRY(shirushi::from_hex(text));
    Digest digest;
    if (raw.size() != digest.bytes.size())
        return fail(Errc::bad_input, "a SHA-256 digest has 64 hexadecimal digits");
    std::ranges::copy(raw, digest.bytes.begin());
    return digest;
}

}  // namespace shirushi
