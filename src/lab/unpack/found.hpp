#pragma once
// What an identification function says about the bytes it was given: they start a container of this size. Identification
// runs in the parent process on hostile bytes, so it is our own code, reads a bounded number of fields, and calls no library.

#include <cstdint>
#include <string>

namespace shirushi::unpack {

struct FoundContainer {
    std::uint64_t size = 0;   ///< from the first byte, never more than the bytes that are there
    std::string description;  ///< one line for people: variant, counts, date, and that it is cut off where it is
    bool checked = false;     ///< a checksum or deep structure confirmed it
    std::string encrypted;    ///< why nobody can read it without a key ("AES-128-CBC, as D-Link's SHRS header says"); empty: it can be read
};

/// "cut off: 1,000 of 2,000 bytes are there".
std::string cut_off(std::uint64_t there, std::uint64_t whole);

}  // namespace shirushi::unpack
