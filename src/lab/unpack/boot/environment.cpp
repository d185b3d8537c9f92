#include "unpack/boot/environment.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/boot/variables.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kLargest = std::uint64_t{512} << 10;  // CONFIG_ENV_SIZE: 4 to 256 KiB are usual
constexpr std::uint64_t kSizeStep = 256;                      // sizes are tried in these steps
constexpr std::uint64_t kChecksum = 4;
constexpr std::uint64_t kFlags = 5;  // the checksum and a byte

struct Frame {
    std::uint64_t size = 0;
    std::uint64_t data = 0;  // offset of the variables
    Endian endian = Endian::little;
};

/// The size for which the checksum in front of data at `offset` fits: all sizes are tried in one pass.
std::optional<Frame> fitting(Bytes bytes, std::uint64_t offset) {
    if (!variable_begins(clipped(bytes, offset, 256)) || (offset == kFlags && bytes[kChecksum] > 2 && bytes[kChecksum] != 0xff))
        return std::nullopt;
    const auto little = load_le<std::uint32_t>(bytes.data());
    const auto big = load_be<std::uint32_t>(bytes.data());
    const std::uint64_t most = std::min<std::uint64_t>(bytes.size(), kLargest);
    std::uint64_t done = offset;
    uLong checksum = 0;
    for (std::uint64_t size = kSizeStep; size <= most; size += kSizeStep) {
        checksum = crc32_z(checksum, bytes.data() + done, size - done);
        done = size;
        if (checksum == little || checksum == big)
            return Frame{.size = size, .data = offset, .endian = checksum == little ? Endian::little : Endian::big};
    }
    return std::nullopt;
}

std::optional<Frame> frame_of(Bytes bytes) {
    if (bytes.size() < kSizeStep)
        return std::nullopt;
    const auto plain = fitting(bytes, kChecksum);
    return plain ? plain : fitting(bytes, kFlags);
}

bool is_text(std::uint8_t byte) { return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t' || byte == '\r'; }

/// Where the run of variables that holds `at` begins: walking back string by string, while each is a variable. The first one
/// may have a checksum's bytes in front.
std::uint64_t run_start(Bytes bytes, std::uint64_t at) {
    const std::uint64_t limit = at - std::min(at, kLocateReach - kFlags);
    std::uint64_t start = at;
    while (true) {
        std::uint64_t first = start;
        while (first > limit && is_text(bytes[first - 1]))
            --first;
        // The string that ends before `start`; the one with the magic in it begins somewhere before the magic.
        const bool variable = start == at || as_text(bytes.subspan(first, start - first)).find('=', 1) != std::string_view::npos;
        if (!variable)
            return start + 1;
        if (first <= limit || bytes[first - 1] != 0 || first < limit + 2 || !is_text(bytes[first - 2]))
            return first;
        start = first - 1;  // at the zero
    }
}

/// The first variable's name without what stands before it and cannot be part of it.
std::uint64_t name_start(Bytes bytes, std::uint64_t start) {
    const std::string_view text = as_text(clipped(bytes, start, kLocateReach));
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos)
        return start;
    std::size_t first = equals;
    while (first > 0 && variable_begins(as_bytes(text.substr(first - 1, equals - first + 2))))
        --first;
    return start + first;
}

std::string_view known_names(std::size_t index) {
    static constexpr std::array kNames{"bootcmd"sv, "bootargs"sv, "bootdelay"sv, "baudrate"sv, "ethaddr"sv, "ipaddr"sv, "serverip"sv, "bootfile"sv,
                                       "stdin"sv,   "stdout"sv,   "mtdparts"sv,  "loadaddr"sv, "fdtfile"sv, "arch"sv,   "board"sv,    "preboot"sv};
    return index < kNames.size() ? kNames.at(index) : std::string_view();
}

std::size_t known_in(const Variables& variables) {
    std::size_t known = 0;
    for (const auto& [name, value] : variables.all)
        for (std::size_t i = 0; !known_names(i).empty(); ++i)
            known += name == known_names(i) ? 1 : 0;
    return known;
}

Result<void> hand_out(const Variables& variables, std::string_view name, Sink& sink) {
    TRY(sink.begin(name, {.mode = 0644}));
    TRY(sink.write(as_bytes(as_lines(variables))));
    return sink.end("");
}

}  // namespace

std::optional<FoundContainer> identify_environment(Bytes bytes) {
    const auto frame = frame_of(bytes);
    if (!frame)
        return std::nullopt;
    const Variables variables = variables_in(bytes.subspan(frame->data, frame->size - frame->data));
    std::string description = fmt::format("U-Boot environment, {} variables in {} bytes of {}, {} endian checksum fits", variables.all.size(), variables.size, frame->size,
                                          frame->endian == Endian::little ? "little" : "big");
    if (frame->data == kFlags)
        description += fmt::format(", one of two copies, flags {}", bytes[kChecksum]);
    return FoundContainer{.size = frame->size, .description = std::move(description), .checked = true};
}

void locate_environment(Bytes bytes, std::uint64_t at, std::vector<std::uint64_t>& starts) {
    const std::uint64_t first = run_start(bytes, at);
    const auto add = [&](std::uint64_t data) {  // as if the variables began there
        for (const std::uint64_t header : {kFlags, kChecksum})
            if (data >= header && at - (data - header) <= kLocateReach && data <= at)
                starts.push_back(data - header);
    };
    // The checksum's last bytes may look like text; behind a zero byte they cannot.
    const std::uint64_t doubtful = first > 0 && bytes[first - 1] == 0 ? 0 : kChecksum;
    for (std::uint64_t more = 0; more <= doubtful; ++more)
        add(first + more);
    // Behind other text, and where a value is not plain text, only the alignment of flash blocks shows where the checksum stands.
    const std::uint64_t limit = at - std::min(at, kLocateReach);
    for (std::uint64_t block = (limit + kSizeStep - 1) / kSizeStep * kSizeStep; block + kFlags < at; block += kSizeStep) {
        const bool begins = variable_begins(bytes.subspan(block + kChecksum)) || variable_begins(bytes.subspan(block + kFlags));
        if (begins && (block >= first || !std::ranges::all_of(bytes.subspan(block, kChecksum), is_text)))
            starts.push_back(block);
    }
}

Result<void> read_environment(Bytes bytes, Share /*share*/, Sink& sink) {
    const auto frame = frame_of(bytes);
    if (!frame)
        return fail(Errc::bad_input, "the environment's checksum does not fit");
    const Variables variables = variables_in(bytes.subspan(frame->data, frame->size - frame->data));
    TRY(hand_out(variables, "environment.txt", sink));
    if (!variables.ended)
        return fail(Errc::bad_input, fmt::format("behind {} variables stands something that is none", variables.all.size()));
    return {};
}

std::optional<FoundContainer> identify_environment_defaults(Bytes bytes) {
    constexpr std::size_t kConvincing = 2;  // names that every U-Boot knows
    const Variables variables = variables_in(clipped(bytes, 0, kLargest));
    if (!variables.ended || variables.all.size() < 3 || known_in(variables) < kConvincing)
        return std::nullopt;
    return FoundContainer{.size = variables.size, .description = fmt::format("U-Boot variables without a checksum (a program's defaults), {} of them", variables.all.size()), .checked = false};
}

void locate_environment_defaults(Bytes bytes, std::uint64_t at, std::vector<std::uint64_t>& starts) {
    if (const std::uint64_t start = name_start(bytes, run_start(bytes, at)); start <= at)
        starts.push_back(start);
}

Result<void> read_environment_defaults(Bytes bytes, Share /*share*/, Sink& sink) { return hand_out(variables_in(bytes), "environment.txt", sink); }

// ---- Broadcom

namespace {

constexpr std::uint64_t kNvramHeader = 20;
constexpr std::uint64_t kLargestNvram = std::uint64_t{256} << 10;

/// Polynomial x^8 + x^7 + x^6 + x^4 + x^2 + 1, reflected, from all ones: over everything behind its own byte.
std::uint8_t crc8(Bytes bytes) {
    unsigned checksum = 0xff;
    for (const std::uint8_t byte : bytes) {
        checksum ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            checksum = (checksum & 1U) != 0 ? checksum >> 1U ^ 0xabU : checksum >> 1U;
    }
    return static_cast<std::uint8_t>(checksum);
}

}  // namespace

std::optional<FoundContainer> identify_broadcom_nvram(Bytes bytes) {
    if (bytes.size() < kNvramHeader + 4)
        return std::nullopt;
    const auto size = load_le<std::uint32_t>(bytes.data() + 4);
    if (size < kNvramHeader + 4 || size > kLargestNvram || !variable_begins(clipped(bytes, kNvramHeader, 256)))
        return std::nullopt;
    const std::uint64_t there = std::min<std::uint64_t>(size, bytes.size());
    const Variables variables = variables_in(bytes.subspan(kNvramHeader, there - kNvramHeader));
    const bool whole = there == size;
    const bool fits = whole && crc8(bytes.subspan(9, size - 9)) == bytes[8];
    if (!fits && (variables.all.size() < 3 || (whole && !variables.ended)))
        return std::nullopt;
    std::string description = fmt::format("Broadcom NVRAM, version {}, {} variables", bytes[9], variables.all.size());
    description += !whole ? ", " + cut_off(there, size) : fits ? ", checksum fits" : ", checksum does not fit";
    return FoundContainer{.size = there, .description = std::move(description), .checked = fits};
}

Result<void> read_broadcom_nvram(Bytes bytes, Share /*share*/, Sink& sink) {
    const Variables variables = variables_in(clipped(bytes, kNvramHeader, kLargestNvram));
    TRY(hand_out(variables, "nvram.txt", sink));
    const auto size = bytes.size() < 8 ? std::uint32_t{0} : load_le<std::uint32_t>(bytes.data() + 4);
    if (bytes.size() < size || size < kNvramHeader)
        return fail(Errc::bad_input, cut_off(bytes.size(), size));
    if (crc8(bytes.subspan(9, size - 9)) != bytes[8])
        return fail(Errc::bad_input, "the checksum does not fit");
    return {};
}

}  // namespace shirushi::unpack
