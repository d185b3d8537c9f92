#include "unpack/handout.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kRecordBytes = std::uint64_t{512} << 20;  // address space only: two million entries of 250 bytes
constexpr std::uint64_t kMaxText = 4096;                          // of a path, a target or a reason
constexpr std::uint64_t kContentStart = kPage + kRecordBytes;
constexpr std::uint64_t kWorthAsking = std::uint64_t{16} << 10;  // bytes
constexpr auto kLastKind = static_cast<std::uint32_t>(FileKind::socket);
constexpr std::uint32_t kStreamKind = kLastKind + 1;  // of a record: no file, but a named stream

struct Control {
    std::uint64_t records = 0;  // bytes of complete records
    std::uint64_t open = 0;     // bytes of the record in progress behind them
    std::uint64_t content = 0;   // bytes copied
    std::uint64_t borrowed = 0;  // bytes of contents that stay in the input
    std::uint64_t consumed = 0;
    std::uint32_t finished = 0;
    std::uint32_t failed = 0;
    std::uint32_t code = 0;
    std::uint32_t message_size = 0;
    std::uint32_t description_size = 0;
    std::array<char, 1024> message{};
    std::array<char, 1024> description{};
};
static_assert(sizeof(Control) <= kPage);

struct Record {
    std::uint64_t content_offset = 0;  // in the contents, or in the input
    std::uint64_t content_size = 0;
    std::int64_t modified = 0;
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t kind = 0;
    std::uint32_t path = 0;
    std::uint32_t target = 0;
    std::uint32_t damage = 0;
    std::uint32_t borrowed = 0;  // 1: the content stands in the input
};

std::uint64_t rounded_up(std::uint64_t size) { return (size + kPage - 1) / kPage * kPage; }

Control& control_of(std::uint8_t* base) { return *reinterpret_cast<Control*>(base); }

/// An unlinked file for contents that shall not stay in memory; -1 when there is no place for one.
int open_spill_file(std::uint64_t size) {
    for (const char* folder : {"/var/tmp", "/tmp"}) {
        const int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (file < 0)
            continue;
        if (ftruncate(file, static_cast<off_t>(size)) == 0)
            return file;
        close(file);
    }
    return -1;
}

/// Shared, zero-filled memory for [at, at + size). A nullptr lets the system choose the place.
void* map_shared(void* at, std::uint64_t size, int file) {
    const int where = at != nullptr ? MAP_FIXED : 0;
    const int what = file >= 0 ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
    return mmap(at, size, PROT_READ | PROT_WRITE, where | what, file, 0);
}

/// Asks for the pages of [at, at + size) at once: a fault for each of them would cost as much as decoding does. Only a hint.
void make_present(std::uint8_t* at, std::uint64_t size, bool in_memory) {
    if (size < kWorthAsking || !in_memory)
        return;
    const auto start = reinterpret_cast<std::uintptr_t>(at);
    const std::uintptr_t first = start / kPage * kPage;
    (void)madvise(reinterpret_cast<void*>(first), rounded_up(start + size) - first, MADV_POPULATE_WRITE);
}

std::unexpected<Error> ceiling_reached(std::uint64_t content) {
    return fail(Errc::limit, fmt::format("stopped after {} bytes had come out of it: the ceiling on unpacked content is reached", content));
}

}  // namespace

Result<Handout> Handout::create(const HandoutLimits& limits) {
    Handout handout;
    handout.limits_ = limits;
    handout.limits_.content_bytes = rounded_up(limits.content_bytes + kStreamChunk);
    const std::uint64_t total = kContentStart + handout.limits_.content_bytes;
    void* base = map_shared(nullptr, total, -1);
    if (base == MAP_FAILED)
        return fail(Errc::io, fmt::format("no memory for a decoder's results: {}", std::strerror(errno)));
    handout.base_ = static_cast<std::uint8_t*>(base);
    const std::uint64_t in_memory = rounded_up(limits.memory_bytes);
    if (in_memory < handout.limits_.content_bytes) {
        const std::uint64_t rest = handout.limits_.content_bytes - in_memory;
        const int file = open_spill_file(rest);
        if (file >= 0) {
            void* spilled = map_shared(handout.base_ + kContentStart + in_memory, rest, file);
            const int error = errno;
            close(file);
            if (spilled == MAP_FAILED)
                return fail(Errc::io, fmt::format("no temporary file for a decoder's results: {}", std::strerror(error)));
        }
    }
    handout.limits_.content_bytes -= kStreamChunk;
    return handout;
}

Handout::Handout(Handout&& other) noexcept : base_(std::exchange(other.base_, nullptr)), limits_(other.limits_) {}

Handout& Handout::operator=(Handout&& other) noexcept {
    if (this != &other) {
        unmap();
        base_ = std::exchange(other.base_, nullptr);
        limits_ = other.limits_;
    }
    return *this;
}

Handout::~Handout() { unmap(); }

void Handout::unmap() {
    if (base_ != nullptr)
        munmap(base_, kContentStart + limits_.content_bytes + kStreamChunk);
    base_ = nullptr;
}

std::optional<Handout::Entry> Handout::next(std::uint64_t& cursor) const {
    const Control& control = control_of(base_);
    const std::uint64_t complete = std::min(control.records, kRecordBytes);
    const std::uint64_t all = complete + std::min(control.open, kRecordBytes - complete);
    if (cursor > all || all - cursor < sizeof(Record))
        return std::nullopt;
    Record record;
    std::memcpy(&record, base_ + kPage + cursor, sizeof record);
    const std::uint64_t texts = std::uint64_t{record.path} + record.target + record.damage;
    if (record.path > kMaxText || record.target > kMaxText || record.damage > kMaxText || texts > all - cursor - sizeof record)
        return std::nullopt;
    const Bytes all_content = record.borrowed != 0 ? limits_.input : Bytes(base_ + kContentStart, limits_.content_bytes);
    if (record.content_offset > all_content.size() || record.content_size > all_content.size() - record.content_offset || record.kind > kStreamKind)
        return std::nullopt;
    const char* text = reinterpret_cast<const char*>(base_ + kPage + cursor + sizeof record);
    Entry entry;
    entry.complete = cursor < complete;
    entry.path = {text, record.path};
    entry.stream = record.kind == kStreamKind;
    entry.info = {.kind = entry.stream ? FileKind::regular : static_cast<FileKind>(record.kind), .mode = record.mode & 07777U, .uid = record.uid, .gid = record.gid,
                  .target = std::string(text + record.path, record.target), .modified = record.modified};
    entry.damage = {text + record.path + record.target, record.damage};
    entry.content = all_content.subspan(record.content_offset, record.content_size);
    cursor += (sizeof record + texts + 7) / 8 * 8;
    return entry;
}

std::uint64_t Handout::consumed() const { return control_of(base_).consumed; }
std::uint64_t Handout::written_bytes() const {
    const Control& control = control_of(base_);
    return std::min(control.content, limits_.content_bytes) + std::min(control.borrowed, limits_.content_bytes);
}
std::uint64_t Handout::content_bytes() const { return rounded_up(std::min(control_of(base_).content, limits_.content_bytes)); }
bool Handout::finished() const { return control_of(base_).finished == 1; }

std::optional<Error> Handout::error() const {
    const Control& control = control_of(base_);
    if (control.failed != 1)
        return std::nullopt;
    const std::uint32_t code = std::min(control.code, static_cast<std::uint32_t>(Errc::internal));
    const std::size_t size = std::min<std::size_t>(control.message_size, control.message.size());
    return Error{static_cast<Errc>(code), printable({control.message.data(), size})};
}

std::string Handout::description() const {
    const Control& control = control_of(base_);
    return printable({control.description.data(), std::min<std::size_t>(control.description_size, control.description.size())});
}

void Handout::discard(Bytes content) {
    const auto start = reinterpret_cast<std::uintptr_t>(content.data());
    const auto here = reinterpret_cast<std::uintptr_t>(base_ + kContentStart);
    if (start < here || start - here >= limits_.content_bytes)
        return;
    const std::uintptr_t first = rounded_up(start);
    const std::uintptr_t end = (start + content.size()) / kPage * kPage;
    if (first < end)  // a hint: where the system does not take it, the memory stays in use, and that is all
        (void)madvise(reinterpret_cast<void*>(first), end - first, MADV_REMOVE);
}

Bytes Handout::release_content() {
    const std::uint64_t kept = content_bytes();
    std::uint8_t* content = base_ + kContentStart;
    munmap(base_, kContentStart);
    munmap(content + kept, limits_.content_bytes + kStreamChunk - kept);
    base_ = nullptr;
    if (kept != 0)
        mprotect(content, kept, PROT_READ);
    return {content, kept};
}

void release_handout(Bytes content) {
    if (!content.empty())
        munmap(const_cast<std::uint8_t*>(content.data()), content.size());
}

Handout::Writer::Writer(const Handout& handout) : base_(handout.base_), limits_(handout.limits_) {}

Result<void> Handout::Writer::begin(std::string_view path, const EntryInfo& info) {
    return begin_record(path, info, static_cast<std::uint32_t>(info.kind));
}

Result<void> Handout::Writer::begin_stream(std::string_view name, std::string_view description) {
    return begin_record(name, {.target = std::string(description)}, kStreamKind);
}

void Handout::Writer::describe(std::string_view text) {
    Control& control = control_of(base_);
    control.description_size = static_cast<std::uint32_t>(std::min(text.size(), control.description.size()));
    std::copy_n(text.begin(), control.description_size, control.description.begin());
}

Result<void> Handout::Writer::begin_record(std::string_view path, const EntryInfo& info, std::uint32_t kind) {
    Control& control = control_of(base_);
    path = path.substr(0, kMaxText);
    const std::string_view target = std::string_view(info.target).substr(0, kMaxText);
    const std::uint64_t size = sizeof(Record) + path.size() + target.size();
    if (kRecordBytes - control.records < size + kMaxText + 8)
        return fail(Errc::limit, "it holds more names than there is room for");
    const Record record{.content_offset = control.content, .modified = info.modified, .mode = info.mode, .uid = info.uid, .gid = info.gid,
                        .kind = kind, .path = static_cast<std::uint32_t>(path.size()),
                        .target = static_cast<std::uint32_t>(target.size())};
    record_ = kPage + control.records;
    record_size_ = size;
    borrowed_ = {};
    std::memcpy(base_ + record_, &record, sizeof record);
    std::ranges::copy(path, base_ + record_ + sizeof record);
    std::ranges::copy(target, base_ + record_ + sizeof record + path.size());
    control.open = size;
    return {};
}

std::uint64_t Handout::Writer::written() const { return control_of(base_).content + control_of(base_).borrowed; }

std::uint64_t Handout::Writer::left() const { return limits_.content_bytes - std::min(limits_.content_bytes, written()); }

Result<void> Handout::Writer::write(Bytes content) {
    if (record_size_ == 0 || content.empty())
        return {};
    Record record;
    std::memcpy(&record, base_ + record_, sizeof record);
    const auto input = reinterpret_cast<std::uintptr_t>(limits_.input.data());
    const auto start = reinterpret_cast<std::uintptr_t>(content.data());
    const bool inside = start >= input && start - input < limits_.input.size();
    const bool goes_on = borrowed_.empty() ? record.content_size == 0 : borrowed_.data() + borrowed_.size() == content.data();
    if (!inside || !goes_on)
        return Sink::write(content);
    if (left() == 0)
        return ceiling_reached(written());
    clipped_ = clipped_ || content.size() > left();
    content = clipped(content, 0, left());
    control_of(base_).borrowed += content.size();
    borrowed_ = {borrowed_.empty() ? content.data() : borrowed_.data(), borrowed_.size() + content.size()};
    record.content_offset = reinterpret_cast<std::uintptr_t>(borrowed_.data()) - input;
    record.content_size = borrowed_.size();
    record.borrowed = 1;
    std::memcpy(base_ + record_, &record, sizeof record);
    return {};
}

Result<void> Handout::Writer::settle() {
    Control& control = control_of(base_);
    const Bytes content = std::exchange(borrowed_, {});
    Record record;
    std::memcpy(&record, base_ + record_, sizeof record);
    record.content_offset = control.content;
    record.content_size = 0;
    record.borrowed = 0;
    std::memcpy(base_ + record_, &record, sizeof record);
    control.borrowed -= content.size();
    return Sink::write(content);
}

Result<std::span<std::uint8_t>> Handout::Writer::reserve(std::uint64_t size) {
    if (!borrowed_.empty())
        TRY(settle());
    const Control& control = control_of(base_);
    const std::uint64_t input = control.consumed != 0 ? control.consumed : limits_.input.size();
    if (control.content > kRatioFrom && control.content / limits_.ratio > input)
        return fail(Errc::limit, fmt::format("stopped after {} bytes had come out of {}: more than {} times as much is taken for a decompression bomb",
                                             control.content, input, limits_.ratio));
    if (left() == 0 || (size > kStreamChunk && size > left()))
        return ceiling_reached(written());
    std::uint8_t* const room = base_ + kContentStart + control.content;
    make_present(room, size, control.content + size <= limits_.memory_bytes);
    return std::span(room, size);
}

void Handout::Writer::commit(std::uint64_t size) {
    Control& control = control_of(base_);
    if (record_size_ == 0)
        return;
    clipped_ = clipped_ || size > left();
    size = std::min(size, left());
    control.content += size;
    Record record;
    std::memcpy(&record, base_ + record_, sizeof record);
    record.content_size += size;
    std::memcpy(base_ + record_, &record, sizeof record);
}

void Handout::Writer::consumed(std::uint64_t size) { control_of(base_).consumed = size; }

Result<void> Handout::Writer::end(std::string_view damage) {
    Control& control = control_of(base_);
    damage = damage.substr(0, kMaxText);
    if (record_size_ == 0)
        return fail(Errc::internal, "an entry ends that never began");
    if (clipped_)
        return ceiling_reached(written());
    Record record;
    std::memcpy(&record, base_ + record_, sizeof record);
    record.damage = static_cast<std::uint32_t>(damage.size());
    std::memcpy(base_ + record_, &record, sizeof record);
    std::ranges::copy(damage, base_ + record_ + record_size_);
    control.open = 0;
    control.records += (record_size_ + damage.size() + 7) / 8 * 8;
    record_size_ = 0;
    return {};
}

void Handout::Writer::finish(const Result<void>& result) {
    Control& control = control_of(base_);
    if (!result) {
        const std::string& message = result.error().message;
        control.failed = 1;
        control.code = static_cast<std::uint32_t>(result.error().code);
        control.message_size = static_cast<std::uint32_t>(std::min(message.size(), control.message.size()));
        std::copy_n(message.begin(), control.message_size, control.message.begin());
    }
    control.finished = 1;
}

}  // namespace shirushi::unpack
