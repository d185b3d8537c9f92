#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/text.hpp"
#include "unpack/microcontroller/memory_map.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::size_t kLongestLine = 1024;  // a record has at most 2 + 2 * 260 characters; some tools put blanks behind
constexpr int kMostStrangeLines = 64;       // without a record between them: what follows is no longer this file
constexpr std::size_t kMostComplaints = 8;

enum class RecordKind { data, end, segment_base, linear_base, start, header, count, unknown };

struct Record {
    RecordKind kind = RecordKind::unknown;
    unsigned type = 0;  // the digits as they stand there
    std::uint32_t address = 0;
    std::array<std::uint8_t, 256> content{};
    std::size_t size = 0;
    bool sum_fits = false;

    [[nodiscard]] Bytes data() const { return Bytes(content).first(size); }
    /// The content as one number, most significant byte first.
    [[nodiscard]] std::uint32_t value() const {
        return std::accumulate(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(size, 4)), std::uint32_t{0},
                               [](std::uint32_t sum, std::uint8_t byte) { return sum << 8U | byte; });
    }
};

/// One line, without blanks at its end, as a record; nothing when it has not the shape of one.
using ParseRecord = std::optional<Record> (*)(std::string_view line);

/// Pairs of digits as bytes; nothing when there is anything else, or more than fit.
std::optional<std::size_t> decode_digits(std::string_view digits, std::span<std::uint8_t> to) {
    if (digits.size() % 2 != 0 || digits.size() / 2 > to.size())
        return std::nullopt;
    const auto value = [](char digit) { return digit >= '0' && digit <= '9' ? digit - '0' : (digit | 0x20) >= 'a' && (digit | 0x20) <= 'f' ? (digit | 0x20) - 'a' + 10 : -1; };
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = value(digits[i]);
        const int low = value(digits[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        to[i / 2] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return digits.size() / 2;
}

/// ":LLAAAATT", data, checksum: the sum of all bytes is 0.
std::optional<Record> parse_intel(std::string_view line) {
    constexpr std::array kKinds{RecordKind::data, RecordKind::end, RecordKind::segment_base, RecordKind::start, RecordKind::linear_base, RecordKind::start};
    std::array<std::uint8_t, 260> raw{};
    const auto size = line.starts_with(':') ? decode_digits(line.substr(1), raw) : std::nullopt;
    if (!size || *size != std::size_t{raw[0]} + 5)
        return std::nullopt;
    Record record{.kind = raw[3] < kKinds.size() ? kKinds.at(raw[3]) : RecordKind::unknown, .type = raw[3], .address = load_be<std::uint16_t>(raw.data() + 1), .size = raw[0]};
    std::copy_n(raw.begin() + 4, record.size, record.content.begin());
    record.sum_fits = std::accumulate(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(*size), 0U) % 256 == 0;
    return record;
}

/// "STLL", an address of 2 to 4 bytes, data, checksum: the sum of all bytes but the type is 0xff.
std::optional<Record> parse_motorola(std::string_view line) {
    constexpr std::array kKinds{RecordKind::header, RecordKind::data,  RecordKind::data,  RecordKind::data,  RecordKind::unknown,
                                RecordKind::count,  RecordKind::count, RecordKind::start, RecordKind::start, RecordKind::start};
    constexpr std::array<std::size_t, 10> kAddressBytes{2, 2, 3, 4, 2, 2, 3, 4, 3, 2};
    std::array<std::uint8_t, 256> raw{};
    if (line.size() < 4 || line[0] != 'S' || line[1] < '0' || line[1] > '9')
        return std::nullopt;
    const auto type = static_cast<unsigned>(line[1] - '0');
    const auto size = decode_digits(line.substr(2), raw);
    const std::size_t address = kAddressBytes.at(type);
    if (!size || *size != std::size_t{raw[0]} + 1 || raw[0] < address + 1)
        return std::nullopt;
    Record record{.kind = kKinds.at(type), .type = type, .size = raw[0] - address - 1};
    for (std::size_t i = 0; i < address; ++i)
        record.address = record.address << 8U | raw.at(1 + i);
    std::copy_n(raw.begin() + static_cast<std::ptrdiff_t>(1 + address), record.size, record.content.begin());
    record.sum_fits = std::accumulate(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(*size), 0U) % 256 == 255;
    return record;
}

/// Lines end with a line feed, a carriage return or both; an empty line between the two characters does not count.
class Lines {
public:
    explicit Lines(std::string_view text) : text_(text) {}

    /// Nothing at the end, at a line of excessive length, and at what is no text.
    std::optional<std::string_view> next() {
        if (position_ >= text_.size())
            return std::nullopt;
        const std::string_view rest = text_.substr(position_, kLongestLine);
        const std::size_t length = std::min(rest.find_first_of("\r\n"), rest.size());
        if (length == kLongestLine)
            return std::nullopt;
        std::string_view line = rest.substr(0, length);
        for (const char letter : line)
            if ((static_cast<unsigned char>(letter) < 0x20 && letter != '\t') || static_cast<unsigned char>(letter) >= 0x7f)
                return std::nullopt;
        position_ += length;
        if (rest.substr(length).starts_with("\r\n"))
            position_ += 2;
        else if (length < rest.size())
            position_ += 1;
        ++number_;
        return line.substr(0, line.find_last_not_of(" \t") + 1);
    }
    [[nodiscard]] std::uint64_t position() const { return position_; }
    [[nodiscard]] std::uint64_t number() const { return number_; }

private:
    std::string_view text_;
    std::uint64_t position_ = 0;
    std::uint64_t number_ = 0;
};

/// What a first walk over the text tells.
struct Outline {
    std::uint64_t size = 0;  // to behind the last record
    std::uint64_t records = 0;
    std::uint64_t fitting_early = 0;  // among the first lines
    std::array<bool, 256> types{};
    std::string header;
    std::optional<std::uint32_t> start;
};

Outline outline_of(Bytes bytes, ParseRecord parse) {
    Outline outline;
    Lines lines(as_text(bytes));
    bool ended = false;
    for (int strange = 0; strange < kMostStrangeLines;) {
        const auto line = lines.next();
        if (!line)
            break;
        const auto record = parse(*line);
        if (!record) {
            if (lines.number() == 1 || (ended && !line->empty()))
                break;
            strange += line->empty() ? 0 : 1;
            continue;
        }
        strange = 0;
        outline.size = lines.position();
        ++outline.records;
        outline.fitting_early += record->sum_fits && lines.number() <= 4 ? 1 : 0;
        outline.types[record->type] = true;
        ended = record->kind == RecordKind::end || (record->kind == RecordKind::start && record->type >= 7);
        if (record->kind == RecordKind::header && outline.header.empty())
            outline.header = excerpt(trimmed(as_text(record->data()).substr(0, as_text(record->data()).find('\0'))), 60);
        if (record->kind == RecordKind::start)
            outline.start = record->type >= 7 ? record->address : record->value();
    }
    return outline;
}

std::optional<FoundContainer> identify_records(Bytes bytes, ParseRecord parse) {
    // The first line decides before anything is walked.
    const auto first = Lines(as_text(bytes)).next();
    if (!first || !parse(*first))
        return std::nullopt;
    const Outline outline = outline_of(bytes, parse);
    if (outline.fitting_early < std::min<std::uint64_t>(outline.records, 2))
        return std::nullopt;
    std::string description = fmt::format("{} records", outline.records);
    if (parse == parse_intel)
        description = fmt::format("{}, {}", outline.types[4] || outline.types[5] ? "32-bit addresses" : outline.types[2] || outline.types[3] ? "20-bit addresses" : "16-bit addresses", description);
    else
        description = fmt::format("{}, {}", outline.types[3] ? "S3: 32-bit addresses" : outline.types[2] ? "S2: 24-bit addresses" : "S1: 16-bit addresses", description);
    if (!outline.header.empty())
        description += fmt::format(", header \"{}\"", outline.header);
    if (outline.start && *outline.start != 0)
        description += fmt::format(", start {}", address_name(*outline.start));
    return FoundContainer{.size = outline.size, .description = std::move(description), .checked = true};
}

class RecordReader {
public:
    RecordReader(Bytes bytes, ParseRecord parse) : bytes_(bytes), parse_(parse) {}

    Result<void> read(Sink& sink) {
        Lines lines(as_text(bytes_));
        while (const auto line = lines.next()) {
            if (line->empty())
                continue;
            if (const auto record = parse_(*line))
                take(*record, lines.number());
            else
                complain(fmt::format("line {}: not a record", lines.number()));
        }
        if (!ended_)
            complain("the end record is missing: the text is cut off");
        const std::string damage = complaints_.empty() ? "" : fmt::format("{}{}", fmt::join(complaints_, "; "), more_ == 0 ? "" : fmt::format("; and {} more", more_));
        TRY(hand_out_segments(memory_.take_segments(), "", damage, sink));
        if (!damage.empty())
            return fail(Errc::bad_input, damage);
        return {};
    }

private:
    void complain(std::string what) {
        if (complaints_.size() < kMostComplaints)
            complaints_.push_back(std::move(what));
        else
            ++more_;
    }

    void take(const Record& record, std::uint64_t line) {
        if (!record.sum_fits)
            complain(fmt::format("line {}: the checksum does not match", line));
        ended_ = false;
        switch (record.kind) {
            case RecordKind::data:
                ++data_records_;
                add(record);
                break;
            case RecordKind::segment_base:
            case RecordKind::linear_base:
                if (record.size != 2)
                    complain(fmt::format("line {}: an address of {} bytes", line, record.size));
                segmented_ = record.kind == RecordKind::segment_base;
                base_ = segmented_ ? record.value() << 4U : record.value() << 16U;
                break;
            case RecordKind::count:
                ended_ = record.address == (data_records_ & (record.type == 5 ? 0xffffU : 0xffffffU));  // srec_cat writes no more without a start
                if (!ended_)
                    complain(fmt::format("line {}: {} records are announced, {} are there", line, record.address, data_records_));
                break;
            case RecordKind::end:
                ended_ = true;
                base_ = 0;
                segmented_ = false;
                break;
            case RecordKind::start:
                ended_ = record.type >= 7;
                data_records_ = ended_ ? 0 : data_records_;
                break;
            case RecordKind::header:
                break;
            case RecordKind::unknown:
                complain(fmt::format("line {}: records of type {} are not known", line, record.type));
                break;
        }
    }

    void add(const Record& record) {
        if (!segmented_)
            return memory_.add(std::uint32_t{base_ + record.address}, record.data());
        // Offsets wrap inside their 64 KiB (Intel's specification, type 02).
        const std::size_t before = std::min<std::size_t>(record.size, 0x10000 - record.address);
        memory_.add(base_ + record.address, record.data().first(before));
        memory_.add(base_, record.data().subspan(before));
    }

    Bytes bytes_;
    ParseRecord parse_;
    MemoryMap memory_;
    std::uint32_t base_ = 0;
    bool segmented_ = false;
    bool ended_ = false;
    std::uint32_t data_records_ = 0;
    std::vector<std::string> complaints_;
    std::uint64_t more_ = 0;
};

}  // namespace

std::optional<FoundContainer> identify_intel_hex(Bytes bytes) { return identify_records(bytes, parse_intel); }
std::optional<FoundContainer> identify_s_record(Bytes bytes) { return identify_records(bytes, parse_motorola); }

Result<void> read_intel_hex(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    return RecordReader(bytes, parse_intel).read(sink);
}

Result<void> read_s_record(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    return RecordReader(bytes, parse_motorola).read(sink);
}

}  // namespace shirushi::unpack
