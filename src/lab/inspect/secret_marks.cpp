// Horspool's search over the four-byte beginnings of all marks at once: the last byte of the window says how far it may move.

#include "inspect/secret_marks.hpp"

#include <algorithm>
#include <array>

namespace shirushi::inspect {
namespace {

constexpr std::size_t kMaxTokens = 1000;
constexpr std::size_t kWindow = 4;

bool is_upper_or_digit(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_upper_or_digit(c) || (c >= 'a' && c <= 'z'); }
bool is_url_safe(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }
bool is_slack(char c) { return is_alphanumeric(c) || c == '-'; }

struct Form {
    std::string_view begin;
    std::string_view service;
    bool (*letter)(char);
    std::size_t least = 0;  ///< letters behind the beginning
    std::size_t most = 0;
};

// The forms that the issuers document for secret scanning.
constexpr auto kForms = std::to_array<Form>({
    {"AKIA", "AWS access key id", is_upper_or_digit, 16, 16},
    {"AIza", "Google API key", is_url_safe, 35, 35},
    {"ghp_", "GitHub token", is_alphanumeric, 36, 36},
    {"gho_", "GitHub token", is_alphanumeric, 36, 36},
    {"ghs_", "GitHub token", is_alphanumeric, 36, 36},
    {"xoxb-", "Slack token", is_slack, 40, 80},
    {"xoxp-", "Slack token", is_slack, 40, 80},
    {"xoxa-", "Slack token", is_slack, 40, 80},
});
constexpr std::string_view kPem = "-----BEGIN ";

constexpr auto kMoves = [] {
    std::array<std::uint8_t, 256> moves{};
    moves.fill(kWindow);
    const auto put = [&](std::string_view begin) {
        for (std::size_t i = 0; i < kWindow; ++i) {
            auto& move = moves[static_cast<unsigned char>(begin[i])];
            move = std::min<std::uint8_t>(move, static_cast<std::uint8_t>(kWindow - 1 - i));
        }
    };
    for (const Form& form : kForms)
        put(form.begin);
    put(kPem);
    return moves;
}();

bool is_example(std::string_view token) {
    if (token.ends_with("EXAMPLE"))
        return true;
    // A real token is not one letter over and over.
    std::array<bool, 256> seen{};
    std::size_t distinct = 0;
    for (const char c : token)
        if (!std::exchange(seen[static_cast<unsigned char>(c)], true))
            ++distinct;
    return distinct < 10;
}

void look_at(std::string_view text, std::size_t at, Marks& marks) {
    const std::string_view rest = text.substr(at);
    marks.pem |= rest.starts_with(kPem);
    if (at > 0 && is_url_safe(text[at - 1]))
        return;
    for (const Form& form : kForms) {
        if (!rest.starts_with(form.begin))
            continue;
        std::size_t end = form.begin.size();
        while (end < rest.size() && end <= form.begin.size() + form.most && form.letter(rest[end]))
            ++end;
        const std::size_t letters = end - form.begin.size();
        const bool ends = end == rest.size() || !is_url_safe(rest[end]);
        if (letters >= form.least && letters <= form.most && ends && !is_example(rest.substr(0, end)) && marks.tokens.size() < kMaxTokens)
            marks.tokens.push_back({.service = form.service, .text = rest.substr(0, end), .offset = at});
    }
}

}  // namespace

Marks find_marks(Bytes bytes) {
    Marks marks;
    const std::string_view text = as_text(bytes);
    for (std::size_t last = kWindow - 1; last < text.size();) {
        const std::uint8_t move = kMoves[static_cast<unsigned char>(text[last])];
        if (move == 0)
            look_at(text, last - (kWindow - 1), marks);
        last += std::max<std::size_t>(move, 1);
    }
    return marks;
}

}  // namespace shirushi::inspect
