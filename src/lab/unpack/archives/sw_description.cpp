#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "unpack/archives/bundle_facts.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kMostText = std::uint64_t{1} << 20;
constexpr std::size_t kDeepest = 32;
constexpr std::size_t kMostNames = 256;  // of images and boards that are kept

/// One word, text or sign of the file; comments and blanks are skipped.
class Tokens {
public:
    explicit Tokens(std::string_view text) : text_(text) {}

    struct Token {
        char sign = 0;  ///< a bracket, separator, '=' or ':'; 'w' for a word or a text
        std::string_view word;
    };
    std::optional<Token> next() {
        skip();
        if (text_.empty())
            return std::nullopt;
        const char first = text_.front();
        if (first == '"')
            return quoted();
        if (std::string_view("{}()[],;:=").contains(first))
            return take(1, first);
        const std::size_t end = std::min(text_.find_first_of(" \t\r\n{}()[],;:=\""), text_.size());
        return take(std::max<std::size_t>(end, 1), 'w');
    }

private:
    void skip() {
        while (!text_.empty()) {
            const std::size_t blanks = std::min(text_.find_first_not_of(" \t\r\n"), text_.size());
            text_.remove_prefix(blanks);
            if (text_.starts_with('#') || text_.starts_with("//"))
                text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
            else if (text_.starts_with("/*"))
                text_.remove_prefix(std::min(text_.find("*/", 2), text_.size() - 2) + 2);
            else if (blanks == 0)
                return;
        }
    }
    Token quoted() {
        std::size_t end = 1;
        while (end < text_.size() && text_[end] != '"')
            end += text_[end] == '\\' ? 2 : 1;
        end = std::min(end, text_.size());
        Token token{'w', text_.substr(1, end - 1)};
        text_.remove_prefix(std::min(end + 1, text_.size()));
        return token;
    }
    Token take(std::size_t count, char sign) {
        Token token{sign, text_.substr(0, count)};
        text_.remove_prefix(count);
        return token;
    }

    std::string_view text_;
};

/// One group, { ... }: an image, or something around images.
struct Group {
    std::string_view file;
    bool encrypted = false;
    bool hashed = false;
};

class Parser {
public:
    SwDescription run(std::string_view text) {
        Tokens tokens(text);
        while (const auto token = tokens.next()) {
            sign(*token);
            if (groups_.size() > kDeepest)
                break;
        }
        return std::move(result_);
    }

private:
    void sign(const Tokens::Token& token) {
        switch (token.sign) {
            case 'w': word(token.word); break;
            case '{':
                groups_.emplace_back();
                value_ = false;
                break;
            case '}': close(); break;
            case '=':
            case ':':
                key_ = last_;
                value_ = true;
                break;
            case ',': value_ = value_ && boards(); break;  // the list of boards goes on
            case ']':
            case ')':
            case ';': value_ = false; break;
            default: break;  // lists may be in either kind of bracket
        }
    }

    [[nodiscard]] bool boards() const { return key_ == "hardware-compatibility"; }

    void word(std::string_view text) {
        last_ = text;
        if (!value_)
            return;
        if (boards()) {
            if (result_.hardware.size() < kMostNames)
                result_.hardware.push_back(excerpt(text, 60));
            return;
        }
        value_ = false;  // one word a key: what follows is the next key, with or without a sign between
        if (key_ == "version" && result_.version.empty())
            result_.version = excerpt(text, 60);
        if (groups_.empty())
            return;
        Group& group = groups_.back();
        if (key_ == "filename")
            group.file = text;
        group.encrypted = group.encrypted || (key_ == "encrypted" && (lowered(text) == "true" || text == "aes-cbc"));
        group.hashed = group.hashed || key_ == "sha256";
    }

    void close() {
        value_ = false;
        if (groups_.empty())
            return;
        const Group group = groups_.back();
        groups_.pop_back();
        if (group.file.empty())
            return;
        ++result_.images;
        result_.hashed += group.hashed ? 1 : 0;
        if (group.encrypted && result_.encrypted.size() < kMostNames)
            result_.encrypted.emplace_back(group.file);
    }

    SwDescription result_;
    std::vector<Group> groups_;
    std::string_view last_;
    std::string_view key_;
    bool value_ = false;
};

}  // namespace

SwDescription read_sw_description(Bytes text) {
    const Bytes part = clipped(text, 0, kMostText);
    const bool is_text = std::ranges::none_of(part, [](std::uint8_t byte) { return byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t'; });
    if (!is_text || part.empty())
        return {};
    SwDescription description = Parser().run(as_text(part));
    description.is_text = true;
    return description;
}

}  // namespace shirushi::unpack
