#pragma once
// For the room's tests: a feed's text imported into a fresh snapshot.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "feeds/import.hpp"
#include "vuln/vuln.hpp"

namespace shirushi::feeds {

class Feeds : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("feeds_test." + std::to_string(getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, std::string_view content) const {
        const std::string path = folder_ / name;
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

    /// Imports into a fresh builder; the snapshot of what came in.
    Result<vuln::Snapshot> snapshot(const std::string& path, ImportOptions options = {}) {
        options.today = "2026-01-01";
        vuln::SnapshotBuilder builder;
        auto imported = import_feed(path, options, builder);
        if (!imported)
            return std::unexpected(imported.error());
        imported_ = *imported;
        return vuln::Snapshot::read(std::move(builder).finish().value());
    }
    Result<vuln::Snapshot> of(std::string_view content, ImportOptions options = {}) { return snapshot(file("feed.json", content), std::move(options)); }
    std::string error(std::string_view content, ImportOptions options = {}) {
        const auto made = of(content, std::move(options));
        return made ? "" : made.error().message;
    }

    static std::vector<vuln::VersionRange> ranges(const vuln::Snapshot& snapshot, std::string_view product) {
        std::vector<vuln::VersionRange> found;
        if (const auto* row = snapshot.product(product))
            for (const vuln::Criterion& each : snapshot.criteria(*row))
                found.push_back(snapshot.versions(each.range));
        return found;
    }

    std::filesystem::path folder_;
    Imported imported_;
};

}  // namespace shirushi::feeds
