#include "inspect/guess.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/parallel.hpp"
#include "inspect/password_hash.hpp"

namespace shirushi::inspect {
namespace {

constexpr std::size_t kMemoryInUse = std::size_t{128} << 20;  // of all attempts at one time

struct Job {
    const HashToGuess* what = nullptr;
    PasswordField field;
    std::vector<std::string> words;
    std::size_t affordable = 0;
};

/// The attempts of one job are independent, so they are dealt out among all cores; the first word in the list's order counts.
Guess run(const Job& job, unsigned workers) {
    Guess guess{.word = {}, .words_tried = static_cast<std::uint32_t>(job.affordable), .words_listed = static_cast<std::uint32_t>(job.words.size())};
    std::atomic<std::size_t> first{job.affordable};
    parallel_for(job.affordable, [&](std::size_t i) {
        if (i > first.load() || !word_fits(job.what->hash, job.words[i]))
            return;
        for (std::size_t known = first.load(); i < known && !first.compare_exchange_weak(known, i);) {
        }
    }, workers);
    if (const std::size_t fits = first.load(); fits < job.affordable) {
        guess.word = job.words[fits];
        guess.words_tried = static_cast<std::uint32_t>(fits + 1);
    }
    return guess;
}

}  // namespace

std::vector<std::string> words_for(const std::string& user, const Words& words) {
    std::vector<std::string> ordered;
    std::unordered_set<std::string> seen;
    const auto add = [&](const std::string& word) {
        if (seen.insert(word).second)
            ordered.push_back(word);
    };
    for (const PasswordWord& entry : words.default_passwords)
        if (entry.user == user)
            add(entry.password);
    add(user);
    for (const PasswordWord& entry : words.default_passwords)
        if (entry.user.empty())
            add(entry.password);
    for (const PasswordWord& entry : words.default_passwords)
        add(entry.password);
    return ordered;
}

std::vector<Guess> guess_all(const std::vector<HashToGuess>& hashes, const Words& words, const Budget& budget) {
    std::map<std::pair<std::string, std::string>, std::size_t> job_of;
    std::vector<Job> jobs;
    for (const HashToGuess& hash : hashes)
        if (job_of.emplace(std::pair(hash.user, hash.hash), jobs.size()).second)
            jobs.push_back({.what = &hash, .field = read_password_field(hash.hash), .words = words_for(hash.user, words)});

    const double share = std::min(budget.seconds_per_hash, budget.seconds_in_total / static_cast<double>(std::max<std::size_t>(jobs.size(), 1)));
    std::vector<Guess> done(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        Job& job = jobs[i];
        const bool allowed = job.field.supported && job.field.seconds <= budget.seconds_per_attempt && job.field.memory <= budget.bytes_per_attempt;
        if (allowed)
            job.affordable = static_cast<std::size_t>(std::min(static_cast<double>(job.words.size()), share / std::max(job.field.seconds, 1e-7)));
        const std::size_t at_once = std::max<std::size_t>(kMemoryInUse / std::max<std::size_t>(job.field.memory, 1), 1);
        done[i] = run(job, static_cast<unsigned>(std::min<std::size_t>(default_workers(), at_once)));
    }
    std::vector<Guess> results;
    for (const HashToGuess& hash : hashes)
        results.push_back(done[job_of.at(std::pair(hash.user, hash.hash))]);
    return results;
}

}  // namespace shirushi::inspect
