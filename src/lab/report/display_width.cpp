#include "report/display_width.hpp"

#include <algorithm>
#include <array>

#include "report/utf8.hpp"

namespace shirushi::report {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// UAX 11 classes W and F in blocks: unassigned gaps inside a block are counted wide, as terminals do.
constexpr std::array wide{
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2329, 0x232A},   Range{0x23E9, 0x23EC},   Range{0x2614, 0x2615},
    Range{0x2648, 0x2653},   Range{0x26A1, 0x26A1},   Range{0x26D4, 0x26D4},   Range{0x2705, 0x2705},   Range{0x274C, 0x274C},
    Range{0x2753, 0x2757},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},
    Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE10, 0xFE19},
    Range{0xFE30, 0xFE6F},   Range{0xFF01, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x18AFF}, Range{0x1B000, 0x1B2FF},
    Range{0x1F004, 0x1F004}, Range{0x1F0CF, 0x1F0CF}, Range{0x1F18E, 0x1F18E}, Range{0x1F191, 0x1F19A}, Range{0x1F200, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F7E0, 0x1F7EB}, Range{0x1F900, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};
constexpr std::array combining{
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x064B, 0x065F}, Range{0x0E34, 0x0E3A},
    Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF}, Range{0x302A, 0x302D},
    Range{0x3099, 0x309A}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xE0100, 0xE01EF},
};

bool is_in(const auto& ranges, char32_t c) {
    const auto at = std::ranges::lower_bound(ranges, c, {}, &Range::last);
    return at != ranges.end() && at->first <= c;
}

std::size_t width_of(char32_t c) {
    return is_in(combining, c) ? 0 : is_in(wide, c) ? 2 : 1;
}

/// Marks that JIS X 4051 keeps from starting a line, as far as our texts use them.
bool closes(char32_t c) {
    constexpr std::u32string_view closing = U"\u3001\u3002\uFF09\u300D\u300F\u30FC\uFF1A\uFF1F\uFF0C\uFF0E\u30FB\u3063\u30C3\u3083\u3085\u3087\u30E3\u30E5\u30E7\u30A1\u30A3\u30A5\u30A7\u30A9";
    return closing.find(c) != closing.npos;
}

/// A piece that is never broken unless it is longer than a line: a run of narrow characters, or one wide character with the
/// closing marks after it. `space` before it is dropped at a line's start.
struct Piece {
    std::string_view text;
    std::size_t width = 0;
    bool space = false;
};

std::vector<Piece> pieces_of(std::string_view text) {
    std::vector<Piece> pieces;
    bool space = false;
    bool joins = false;  // the next narrow character continues the last piece
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        const std::size_t width = width_of(point.value);
        const bool narrow = width < 2;
        if (point.value == U' ') {
            space = true;
            joins = false;
        } else if (!pieces.empty() && !space && ((narrow && joins) || width == 0 || closes(point.value))) {
            Piece& last = pieces.back();
            last.text = {last.text.data(), last.text.size() + point.length};
            last.width += width;
        } else {
            pieces.push_back({text.substr(0, point.length), width, space});
            space = false;
            joins = narrow;
        }
        text.remove_prefix(point.length);
    }
    return pieces;
}

/// The bytes of as many characters of `text` as fit into `columns`, at least one.
std::size_t bytes_within(std::string_view text, std::size_t columns) {
    std::size_t used = 0;
    std::size_t width = 0;
    while (used < text.size()) {
        const CodePoint point = first_code_point(text.substr(used));
        width += width_of(point.value);
        if (width > columns && used > 0)
            break;
        used += point.length;
    }
    return used;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        width += width_of(point.value);
        text.remove_prefix(point.length);
    }
    return width;
}

std::string fitted(std::string_view text, std::size_t columns) {
    std::string line(text);
    if (display_width(text) > columns) {
        const std::size_t dots = std::min<std::size_t>(3, columns);
        line = columns > dots ? std::string(text.substr(0, bytes_within(text, columns - dots))) : std::string();
        if (display_width(line) + dots > columns)
            line.clear();
        line.append(dots, '.');
    }
    return line.append(columns - display_width(line), ' ');
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
    columns = std::max<std::size_t>(columns, 8);
    std::vector<std::string> lines;
    std::string line;
    std::size_t used = 0;
    for (Piece piece : pieces_of(text)) {
        const std::size_t gap = piece.space && used > 0 ? 1 : 0;
        if (used > 0 && used + gap + piece.width > columns) {
            lines.push_back(std::move(line));
            line.clear();
            used = 0;
        } else if (gap > 0) {
            line += ' ';
            ++used;
        }
        while (piece.width > columns) {
            const std::size_t bytes = bytes_within(piece.text, columns);
            lines.emplace_back(piece.text.substr(0, bytes));
            piece.text.remove_prefix(bytes);
            piece.width = display_width(piece.text);
        }
        line.append(piece.text);
        used += piece.width;
    }
    if (!line.empty() || lines.empty())
        lines.push_back(std::move(line));
    return lines;
}

}  // namespace shirushi::report
