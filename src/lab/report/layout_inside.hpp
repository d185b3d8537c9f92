#pragma once
// The scale and colours that all rows of the picture share, and the rows of what lies inside the regions.

#include <map>
#include <string>

#include "report/layout.hpp"

namespace shirushi::report {

/// Offsets of the image to units of the picture.
class Scale {
public:
    explicit Scale(std::uint64_t size) : size_(size) {}
    [[nodiscard]] double x(std::uint64_t offset) const;
    [[nodiscard]] double width(std::uint64_t offset, std::uint64_t size) const;

private:
    std::uint64_t size_;
};

/// The formats that take most of the image have a colour each, the rest share one.
class Bands {
public:
    explicit Bands(const Facts& facts);
    [[nodiscard]] std::string of(std::string_view format) const;

private:
    std::map<std::string, std::string, std::less<>> bands_;
};

/// Fills layout.inside: below each container what it holds, below that what that holds. Ranges of the image stand at their
/// place; what came out of a decoder shares the width of what it came out of.
void lay_out_inside(const Facts& facts, const Scale& scale, const Bands& bands, const Texts& texts, DrawnLayout& layout);

}  // namespace shirushi::report
