#include "feeds/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "feeds/feed_file.hpp"
#include "feeds/record_parser.hpp"

namespace shirushi::feeds {
namespace {

constexpr std::size_t kBeginning = std::size_t{64} << 10;  // bytes that tell a feed's kind
constexpr std::size_t kBatch = std::size_t{2} << 20;
constexpr std::size_t kWaiting = 3;  // batches between the threads

/// What the cutting thread hands over: some records, and the texts that stood before them.
struct Work {
    Batch batch;
    Head head;
    std::string member;
    std::uint64_t position = 0;
};

/// A few pieces of work between two threads.
class Belt {
public:
    /// False: nobody wants more.
    bool put(Work work) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_.size() < kWaiting || stopped_; });
        if (stopped_)
            return false;
        waiting_.push_back(std::move(work));
        changed_.notify_all();
        return true;
    }
    std::optional<Work> get() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !waiting_.empty() || ended_; });
        if (waiting_.empty())
            return std::nullopt;
        Work work = std::move(waiting_.front());
        waiting_.pop_front();
        changed_.notify_all();
        return work;
    }
    void end() { set(ended_); }
    void stop() { set(stopped_); }

private:
    void set(bool& flag) {
        const std::scoped_lock lock(mutex_);
        flag = true;
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Work> waiting_;
    bool ended_ = false;
    bool stopped_ = false;
};

class Import {
public:
    Import(FeedFile file, const ImportOptions& options, vuln::SnapshotBuilder& builder, const ImportProgress& progress)
        : file_(std::move(file)), options_(options), builder_(builder), progress_(progress) {}

    Result<Imported> run() {
        TRY(begin());
        if (options_.threads > 1)
            TRY(read_beside());
        else
            TRY(cut([this](Work work) { return use(work); }));
        imported_.kind = kind_->name;
        imported_.sha256 = file_.digest().hex();
        if (imported_.records == 0 && !kind_->may_be_empty)
            return fail(Errc::bad_input, "there is no record in it");
        return std::move(imported_);
    }

private:
    /// Reads the first bytes of the first member and tells the feed's kind by them.
    Result<void> begin() {
        if (!TRY(file_.next_member()))
            return fail(Errc::bad_input, "it is empty");
        while (beginning_.size() < kBeginning) {
            const std::string_view piece = TRY(file_.read());
            if (piece.empty())
                break;
            beginning_ += piece;
        }
        kind_ = options_.kind.empty() ? kind_of(beginning_) : kind_by_name(options_.kind);
        if (kind_ != nullptr)
            return {};
        std::string known;
        for (const Kind& each : kinds())
            known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
        if (options_.kind.empty())
            return fail(Errc::bad_input, fmt::format("not a feed that is known here: it begins with \"{}\". Known are {}", excerpt(beginning_, 60), known));
        return fail(Errc::bad_input, fmt::format("there is no kind \"{}\"; there are {}", options_.kind, known));
    }

    /// Calls `use` with the records of all members, in order.
    template <class Use>
    Result<void> cut(const Use& use) {
        do {
            const auto cutter = record_cutter(kind_->layout, kind_->array);
            const std::string member(file_.member());
            const auto hand_over = [&]() -> Result<void> {
                Work work{.batch = cutter->take(), .head = cutter->head(), .member = member, .position = file_.position()};
                return use(std::move(work));
            };
            const auto in_member = [&](const Result<void>& result) -> Result<void> {
                return result || member.empty() ? result : Result<void>(fail(result.error().code, fmt::format("{}: {}", member, result.error().message)));
            };
            std::string first = std::exchange(beginning_, {});
            for (std::string_view piece = first.empty() ? TRY(file_.read()) : std::string_view(first); !piece.empty(); piece = TRY(file_.read())) {
                TRY(in_member(cutter->push(piece)));
                if (cutter->complete_bytes() >= kBatch)
                    TRY(hand_over());
            }
            TRY(in_member(cutter->finish()));
            TRY(hand_over());
        } while (TRY(file_.next_member()));
        return {};
    }

    /// Unpacks and cuts on a second thread.
    Result<void> read_beside() {
        Belt belt;
        Result<void> cutting;
        std::jthread cutter([&] {
            cutting = cut([&](Work work) -> Result<void> {
                if (!belt.put(std::move(work)))
                    return fail(Errc::internal, "stopped");
                return {};
            });
            belt.end();
        });
        Result<void> parsing;
        while (auto work = belt.get()) {
            parsing = use(std::move(*work));
            if (!parsing)
                break;
        }
        belt.stop();
        cutter.join();
        return parsing ? cutting : parsing;
    }

    void note_day(const std::string& day) { imported_.date = std::max(imported_.date, day); }

    Result<void> use(const Work& work) {
        const std::string_view text = work.batch.text;
        for (const Batch::Record& record : work.batch.records) {
            auto read = parser_.read(text.substr(record.begin, record.size), {.key = record.key, .head = work.head}, kind_->read, builder_);
            if (read) {
                ++imported_.records;
                note_day(*read);
                continue;
            }
            const std::string where = fmt::format("{}{}record {}, which begins at byte {}: {}", work.member, work.member.empty() ? "" : ": ", record.number, record.offset,
                                                  read.error().message);
            if (!options_.skip_broken)
                return fail(read.error().code, where);
            if (imported_.refused++ == 0)
                imported_.first_refusal = where;
        }
        if (const auto dated = work.head.find(std::string(kind_->dated)); dated != work.head.end())
            note_day(day_of(dated->second));
        if (progress_)
            progress_(work.position, file_.size(), imported_.records);
        return {};
    }

    FeedFile file_;
    const ImportOptions& options_;
    vuln::SnapshotBuilder& builder_;
    const ImportProgress& progress_;
    const Kind* kind_ = nullptr;
    std::string beginning_;
    RecordParser parser_;
    Imported imported_;
};

}  // namespace

Result<Imported> import_feed(const std::string& path, const ImportOptions& options, vuln::SnapshotBuilder& builder, const ImportProgress& progress) {
    auto imported = Import(TRY(FeedFile::open(path)), options, builder, progress).run();
    if (!imported)
        return fail(imported.error().code, fmt::format("{}: {}", path, imported.error().message));
    builder.set_feed({.name = fmt::format("{} {}", imported->kind, path.substr(path.rfind('/') + 1)), .date = imported->date, .imported = options.today, .sha256 = imported->sha256,
                      .records = imported->records, .refused = imported->refused});
    return imported;
}

}  // namespace shirushi::feeds
