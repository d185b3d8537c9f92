#pragma once
// Each text once, under a number; for the snapshot's builder.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace shirushi::vuln {

class TextPool {
public:
    TextPool() { (void)number(""); }

    /// 0 is the empty text.
    std::uint32_t number(std::string_view text) {
        if (const auto found = numbers_.find(text); found != numbers_.end())
            return found->second;
        const std::string_view kept = keep(text);
        const auto number = static_cast<std::uint32_t>(texts_.size());
        texts_.push_back(kept);
        numbers_.emplace(kept, number);
        return number;
    }
    /// Afterwards number() must not be called.
    void forget_lookup() { numbers_ = {}; }
    [[nodiscard]] std::string_view text(std::uint32_t number) const { return texts_[number]; }
    [[nodiscard]] std::size_t size() const { return texts_.size(); }

private:
    static constexpr std::size_t block = std::size_t{1} << 16;

    std::string_view keep(std::string_view text) {
        if (text.empty())
            return {};
        if (text.size() > left_) {
            left_ = text.size() > block ? text.size() : block;
            blocks_.push_back(std::make_unique<char[]>(left_));
            next_ = blocks_.back().get();
        }
        char* const at = next_;
        std::memcpy(at, text.data(), text.size());
        next_ += text.size();
        left_ -= text.size();
        return {at, text.size()};
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* next_ = nullptr;
    std::size_t left_ = 0;
    std::vector<std::string_view> texts_;
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

}  // namespace shirushi::vuln
