#include "feeds/xml_records.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace shirushi::feeds {
namespace {

constexpr std::size_t kLargestToken = std::size_t{1} << 20;  // a tag, a comment; texts come in pieces
constexpr std::size_t kPiece = std::size_t{64} << 10;        // what expat is given at a time

}  // namespace

/// What expat's calls work on. `held` keeps the bytes that a record may still need: from the open record on, or from expat's open token.
struct XmlCutter::State {
    std::vector<std::string> names;
    XML_Parser parser = nullptr;
    std::optional<Error> error;
    Batch batch;
    Head head;
    std::string held;
    std::uint64_t held_from = 0;  // its place in the feed
    std::uint64_t number = 0;
    std::size_t depth = 0;
    std::size_t record_depth = 0;  // 0: no record is open
    std::uint64_t record_begin = 0;
    std::string text;  // of the element that is open, outside of records

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { XML_ParserFree(parser); }

    void refuse(Errc code, std::string_view what) {
        if (!error)
            error = Error{code, record_depth != 0 ? fmt::format("record {}, which begins at byte {}: {} (byte {})", number, record_begin, what, XML_GetCurrentByteIndex(parser))
                                                  : fmt::format("behind record {}: {} (byte {})", number, what, XML_GetCurrentByteIndex(parser))};
        XML_StopParser(parser, XML_FALSE);
    }

    void start(std::string_view name, const char** attributes) {
        if (error)
            return;
        if (++depth > deepest_record)
            return refuse(Errc::limit, fmt::format("more than {} elements deep", deepest_record));
        if (record_depth != 0)
            return;
        text.clear();
        if (depth == 1)
            for (; *attributes != nullptr; attributes += 2)
                note(attributes[0], attributes[1]);
        if (std::ranges::find(names, name) == names.end())
            return;
        record_depth = depth;
        record_begin = static_cast<std::uint64_t>(XML_GetCurrentByteIndex(parser));
        ++number;
    }

    void note(std::string key, std::string_view value) {
        if (number == 0 && key.size() <= longest_head && value.size() <= longest_head && head.size() < 100)
            head.emplace(std::move(key), value);
    }

    void end(std::string_view name) {
        if (error)
            return;
        if (record_depth == 0 && !trimmed(text).empty())
            note(std::string(name), trimmed(text));
        text.clear();
        if (depth-- != record_depth)
            return;
        record_depth = 0;
        const auto past = static_cast<std::uint64_t>(XML_GetCurrentByteIndex(parser)) + static_cast<std::uint64_t>(XML_GetCurrentByteCount(parser));
        const std::string_view record = std::string_view(held).substr(record_begin - held_from, past - record_begin);
        batch.records.push_back({.begin = batch.text.size(), .size = record.size(), .offset = record_begin, .number = number, .key = {}});
        batch.text += record;
    }

    void characters(std::string_view piece) {
        if (record_depth == 0 && text.size() + piece.size() <= longest_head)
            text += piece;
    }

    /// Forgets what no record needs any more.
    Result<void> let_go() {
        const auto end = held_from + held.size();
        const auto index = XML_GetCurrentByteIndex(parser);  // of the token that is not complete
        const auto token = index < 0 ? end : static_cast<std::uint64_t>(index);
        const std::uint64_t needed = record_depth != 0 ? record_begin : std::min(token, end);
        if (end - std::min(token, end) > kLargestToken)
            return fail(Errc::limit, fmt::format("behind record {}: a tag or comment at byte {} takes more than {} bytes", number, token, kLargestToken));
        if (end - needed > largest_record)
            return fail(Errc::limit, fmt::format("record {}, which begins at byte {}, takes more than {} bytes", number, record_begin, largest_record));
        if (needed - held_from > held.size() / 2) {
            held.erase(0, needed - held_from);
            held_from = needed;
        }
        return {};
    }

    std::unexpected<Error> problem() const {
        if (error)
            return std::unexpected(*error);
        const char* const what = XML_ErrorString(XML_GetErrorCode(parser));
        return fail(Errc::bad_input, record_depth != 0 ? fmt::format("record {}, which begins at byte {}: no XML: {} (byte {})", number, record_begin, what, XML_GetCurrentByteIndex(parser))
                                                       : fmt::format("behind record {}: no XML: {} (byte {})", number, what, XML_GetCurrentByteIndex(parser)));
    }
};

namespace {

XmlCutter::State& state_of(void* data) { return *static_cast<XmlCutter::State*>(data); }

extern "C" {
void shirushi_feeds_cut_start(void* data, const char* name, const char** attributes) { state_of(data).start(name, attributes); }
void shirushi_feeds_cut_end(void* data, const char* name) { state_of(data).end(name); }
void shirushi_feeds_cut_text(void* data, const char* text, int size) { state_of(data).characters({text, static_cast<std::size_t>(size)}); }
void shirushi_feeds_cut_doctype(void* data, const char* /*name*/, const char* /*system*/, const char* /*id*/, int /*internal*/) {
    state_of(data).refuse(Errc::bad_input, "it has a document type, which no feed has");
}
}

}  // namespace

XmlCutter::XmlCutter(std::string_view names) : state_(std::make_unique<State>()) {
    for (const std::string_view each : split(names, '|'))
        state_->names.emplace_back(each);
    state_->parser = XML_ParserCreate("UTF-8");
    XML_SetUserData(state_->parser, state_.get());
    XML_SetElementHandler(state_->parser, shirushi_feeds_cut_start, shirushi_feeds_cut_end);
    XML_SetCharacterDataHandler(state_->parser, shirushi_feeds_cut_text);
    XML_SetStartDoctypeDeclHandler(state_->parser, shirushi_feeds_cut_doctype);
}

XmlCutter::~XmlCutter() = default;

Result<void> XmlCutter::push(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, kPiece);
        bytes.remove_prefix(piece.size());
        state_->held += piece;
        if (XML_Parse(state_->parser, piece.data(), static_cast<int>(piece.size()), 0) != XML_STATUS_OK)
            return state_->problem();
        TRY(state_->let_go());
    }
    return {};
}

Result<void> XmlCutter::finish() {
    if (XML_Parse(state_->parser, nullptr, 0, 1) == XML_STATUS_OK)
        return {};
    if (state_->error || state_->depth == 0)
        return state_->problem();
    return state_->record_depth != 0 ? fail(Errc::bad_input, fmt::format("cut off in record {}, which begins at byte {}", state_->number, state_->record_begin))
                                     : fail(Errc::bad_input, fmt::format("cut off behind record {}", state_->number));
}

std::size_t XmlCutter::complete_bytes() const { return state_->batch.text.size(); }

Batch XmlCutter::take() {
    Batch done = std::move(state_->batch);
    state_->batch = {};
    done.text.append(kPadding, '\0');
    return done;
}

const Head& XmlCutter::head() const { return state_->head; }

}  // namespace shirushi::feeds
