#pragma once
// The records of an XML feed: elements of some names, wherever they stand. expat finds their borders; names are taken as they are
// written, and the text is UTF-8 whatever its declaration says.

#include <memory>
#include <string_view>

#include "feeds/records.hpp"

namespace shirushi::feeds {

class XmlCutter final : public RecordCutter {
public:
    /// `names`: with '|' between them.
    explicit XmlCutter(std::string_view names);
    ~XmlCutter() override;

    Result<void> push(std::string_view bytes) override;
    Result<void> finish() override;
    [[nodiscard]] std::size_t complete_bytes() const override;
    Batch take() override;
    /// Attributes of the root, and texts of elements that end before the first record, each under its name; the first of a name counts.
    [[nodiscard]] const Head& head() const override;

    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace shirushi::feeds
