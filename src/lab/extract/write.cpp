#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>

#include "base/parallel.hpp"
#include "extract/extract.hpp"
#include "extract/plan.hpp"

namespace shirushi::extract {
namespace {

constexpr std::size_t kGroup = 64;  // items of one folder that one thread writes

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0)
            ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

/// A folder below `root`, reached without any link and without leaving it.
int open_below(int root, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

std::array<timespec, 2> times_of(std::int64_t modified) {
    const timespec time{.tv_sec = modified, .tv_nsec = 0};
    const timespec keep{.tv_sec = 0, .tv_nsec = UTIME_OMIT};
    return modified == 0 ? std::array{keep, keep} : std::array{time, time};
}

class Writer {
public:
    Writer(const Plan& plan, int root, std::string base, unsigned workers) : plan_(plan), root_(root), base_(std::move(base)), workers_(workers) {}

    Result<void> run() {
        TRY(make_folders());
        for_each_folder(plan_.files, [&](int folder, const PlannedFile& file) { return write_file(folder, file); });
        for_each_folder(plan_.links, [&](int folder, const PlannedLink& link) { return make_link(folder, link); });
        if (first_error_)
            return std::unexpected(*first_error_);
        return finish_folders();
    }

private:
    [[nodiscard]] Error error(const std::string& folder, const std::string& name) const {
        const int number = errno;
        return {Errc::io, fmt::format("cannot write {}/{}/{}: {}; what was written before stays there", base_, folder, name, std::strerror(number))};
    }

    /// Parents come first; the folder of the last parent stays open, since its children stand together.
    Result<void> make_folders() {
        for (std::size_t i = 1; i < plan_.folders.size();) {
            const FolderIndex parent = plan_.folders[i].parent;
            const std::string path = plan_.path(parent);
            const Descriptor folder(open_below(root_, path));
            if (folder.number() < 0)
                return std::unexpected(error(path, ""));
            for (; i < plan_.folders.size() && plan_.folders[i].parent == parent; ++i)
                if (::mkdirat(folder.number(), plan_.folders[i].name.c_str(), 0700) != 0)
                    return std::unexpected(error(path, plan_.folders[i].name));
        }
        return {};
    }

    /// Calls one(folder's descriptor, item) for all items, which stand grouped by folder; several groups of one folder's items at a time.
    template <class Item, class One>
    void for_each_folder(const std::vector<Item>& items, const One& one) {
        std::vector<std::span<const Item>> groups;
        for (std::size_t from = 0, i = 1; i <= items.size(); ++i)
            if (i == items.size() || items[i].folder != items[from].folder || i - from == kGroup) {
                groups.push_back(std::span(items).subspan(from, i - from));
                from = i;
            }
        parallel_for(groups.size(), [&](std::size_t i) {
            if (failed_)
                return;
            const std::string path = plan_.path(groups[i].front().folder);
            const Descriptor folder(open_below(root_, path));
            if (folder.number() < 0)
                return keep(error(path, ""));
            for (const Item& item : groups[i])
                if (!failed_ && !one(folder.number(), item))
                    return keep(error(path, item.name));
        }, workers_);
    }

    static bool write_file(int folder, const PlannedFile& file) {
        const Descriptor out(::openat(folder, file.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (out.number() < 0)
            return false;
        Bytes left = file.content;
        while (!left.empty()) {
            const ssize_t written = ::write(out.number(), left.data(), left.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                return false;
            left = left.subspan(static_cast<std::size_t>(written));
        }
        const auto times = times_of(file.modified);
        if (file.modified != 0 && ::futimens(out.number(), times.data()) != 0)
            return false;
        return ::fchmod(out.number(), file.mode) == 0;
    }

    static bool make_link(int folder, const PlannedLink& link) {
        if (::symlinkat(link.target.c_str(), folder, link.name.c_str()) != 0)
            return false;
        const auto times = times_of(link.modified);
        return link.modified == 0 || ::utimensat(folder, link.name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0;
    }

    /// Modes and times of folders, once nothing more is put into them: the innermost first.
    Result<void> finish_folders() {
        for (std::size_t i = plan_.folders.size(); i-- > 1;) {
            const PlannedFolder& planned = plan_.folders[i];
            const std::string path = plan_.path(static_cast<FolderIndex>(i));
            const Descriptor folder(open_below(root_, path));
            const auto times = times_of(planned.modified);
            if (folder.number() < 0 || ::fchmod(folder.number(), planned.mode | S_IRWXU) != 0 || ::futimens(folder.number(), times.data()) != 0)
                return std::unexpected(error(path, ""));
        }
        return {};
    }

    void keep(Error error) {
        const std::lock_guard lock(mutex_);
        if (!first_error_)
            first_error_ = std::move(error);
        failed_ = true;
    }

    const Plan& plan_;
    int root_;
    std::string base_;
    unsigned workers_;
    std::mutex mutex_;
    std::optional<Error> first_error_;
    std::atomic<bool> failed_{false};
};

Result<void> make_empty_folder(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const bool empty = !error && std::filesystem::is_empty(folder, error);
    if (error)
        return fail(Errc::io, fmt::format("cannot make the output folder {}: {}; choose another with -o", folder, error.message()));
    if (!empty)
        return fail(Errc::refused, fmt::format("the output folder {} is not empty: choose a new one with -o, so that nothing in it is mixed up or lost", folder));
    return {};
}

}  // namespace

Result<Summary> write_tree(const unpack::Tree& tree, const std::string& folder, unsigned workers) {
    TRY(make_empty_folder(folder));
    const Descriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (root.number() < 0)
        return fail(Errc::io, fmt::format("cannot open the output folder {}: {}", folder, std::strerror(errno)));
    Plan plan = plan_of(tree);
    TRY(Writer(plan, root.number(), folder, workers != 0 ? workers : default_workers()).run());
    Summary summary{.files = plan.files.size(), .folders = plan.folders.size() - 1, .links = plan.links.size(),
                    .mode_bits_dropped = plan.mode_bits_dropped, .left_out = std::move(plan.left_out)};
    for (const PlannedFile& file : plan.files)
        summary.bytes += file.content.size();
    return summary;
}

}  // namespace shirushi::extract
