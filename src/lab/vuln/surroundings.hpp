#pragma once
// What is known of the place where components run, against the platforms and editions that advisories name. Pure.

#include "model/facts.hpp"
#include "vuln/snapshot.hpp"

namespace shirushi::vuln {

/// Whether a Linux kernel is among the components.
bool shows_linux(const Table<Component>& components);

class Surroundings {
public:
    /// `snapshot` must outlive it.
    Surroundings(bool has_linux, const Snapshot& snapshot) : snapshot_(snapshot), linux_(has_linux) {}

    /// Whether the criterion needs something that cannot be here: an image with a Linux kernel runs no Windows.
    [[nodiscard]] bool contradict(const Criterion& criterion) const;

private:
    [[nodiscard]] bool contradicts_platform(std::uint32_t platform) const;
    [[nodiscard]] bool contradicts_edition(StringId edition) const;

    const Snapshot& snapshot_;
    bool linux_ = false;
};

}  // namespace shirushi::vuln
