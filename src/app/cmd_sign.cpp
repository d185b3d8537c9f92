// Signs the reports of a run, and tells whether signed reports are what was signed and follow from their facts.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "app/command.hpp"
#include "app/pipeline.hpp"
#include "app/program_files.hpp"
#include "app/supplied_documents.hpp"
#include "assess/assess.hpp"
#include "attestation/attestation.hpp"
#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "model/json.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnvelope = "attestation.dsse.json";
constexpr const char* kAssessment = "assessment.json";
constexpr std::uint64_t kDocumentLimit = std::uint64_t{512} << 20;
constexpr std::uint64_t kKeyLimit = std::uint64_t{64} << 10;
constexpr std::size_t kMostDocuments = 64;

/// The regular files of a report folder but the envelope, by name, with their digests.
Result<std::vector<attestation::SignedDocument>> documents_in(const fs::path& folder) {
    std::vector<attestation::SignedDocument> documents;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (!at->is_regular_file() || at->is_symlink() || name == kEnvelope)
            continue;
        if (documents.size() == kMostDocuments)
            return fail(Errc::limit, fmt::format("{} holds more than {} files: name the folder that verify wrote", folder.string(), kMostDocuments));
        const Buffer bytes = TRY(read_file(at->path(), kDocumentLimit));
        documents.push_back({.name = printable(name), .sha256 = crypto::sha256(bytes)});
    }
    if (error)
        return fail(Errc::io, fmt::format("cannot list {}: {}", folder.string(), error.message()));
    std::ranges::sort(documents, {}, &attestation::SignedDocument::name);
    return documents;
}

std::optional<Digest> pinned(const std::vector<PinnedInput>& inputs, std::string_view name) {
    const auto found = std::ranges::find(inputs, name, &PinnedInput::name);
    return found == inputs.end() ? std::nullopt : std::optional(found->sha256);
}

Result<int> sign_reports(const CommonOptions& common, const SignOptions& options) {
    const Buffer pem = TRY(read_file(options.key, kKeyLimit));
    const auto key = TRY_WITHIN(options.key, crypto::SigningKey::from_pem(as_text(pem)));
    const Assessment assessment = TRY(assessment_in(fs::path(options.folder) / kAssessment));
    const auto documents = TRY(documents_in(options.folder));
    const auto facts = std::ranges::find(documents, "facts.json", &attestation::SignedDocument::name);
    if (facts != documents.end() && pinned(assessment.inputs, "facts.json") != facts->sha256)
        return fail(Errc::bad_input, fmt::format("{}: facts.json is not the one that assessment.json was made from; run verify or assess again", options.folder));
    const auto statement = TRY(attestation::statement_of(assessment, documents));
    const std::string envelope = TRY(attestation::sign(statement, key));
    const OutputFolder folder = TRY(OutputFolder::open(options.folder));
    TRY(folder.write({{kEnvelope, envelope}}));
    const auto texts = report::Texts::embedded();
    fmt::print(fmt::runtime(texts.of("sign.done").in(common.language)), documents.size(), (fs::path(options.folder) / kEnvelope).string(), key.key_id().hex());
    fmt::print("\n");
    return 0;
}

/// Goes through what holds and what does not, a line for each.
class Verification {
public:
    Verification(const CommonOptions& common, const VerifyReportOptions& options) : common_(common), options_(options), texts_(report::Texts::embedded()), folder_(options.folder) {}

    Result<int> run() {
        const Buffer pem = TRY(read_file(options_.key, kKeyLimit));
        const auto key = TRY_WITHIN(options_.key, crypto::VerifyingKey::from_pem(as_text(pem)));
        const Buffer envelope = TRY(read_file(folder_ / kEnvelope, kDocumentLimit));
        auto opened = attestation::open(as_text(envelope), key);
        if (!opened) {
            says(Holds::no, fmt::format("{}: {}", kEnvelope, opened.error().message));
            return code();
        }
        statement_ = std::move(*opened);
        says(Holds::yes, said("sign.signed_by", key.key_id().hex()));
        TRY(documents());
        TRY(image());
        if (assessment_holds_)  // else nothing that follows from it is worth anything
            TRY(assessment());
        return code();
    }

private:
    enum class Holds { yes, no, open, untold };  // untold: nobody asked

    template <class... Values>
    [[nodiscard]] std::string said(std::string_view text, const Values&... values) const {
        return fmt::format(fmt::runtime(texts_.of(text).in(common_.language)), values...);
    }
    void says(Holds holds, const std::string& words) {
        worst_no_ = worst_no_ || holds == Holds::no;
        worst_open_ = worst_open_ || holds == Holds::open;
        fmt::print("{} {}\n", "+x? "[static_cast<std::size_t>(holds)], printable(words));
    }
    [[nodiscard]] int code() const { return worst_no_ ? 1 : worst_open_ ? 2 : 0; }

    Result<void> documents() {
        const auto here = TRY(documents_in(folder_));
        for (const auto& wanted : statement_.claim.documents) {
            const auto found = std::ranges::find(here, wanted.name, &attestation::SignedDocument::name);
            if (found == here.end())
                says(Holds::no, said("sign.missing", wanted.name));
            else if (found->sha256 != wanted.sha256)
                says(Holds::no, said("sign.changed", wanted.name));
            else
                says(Holds::yes, said("sign.unchanged", wanted.name));
            assessment_holds_ = assessment_holds_ || (wanted.name == kAssessment && found != here.end() && found->sha256 == wanted.sha256);
        }
        if (!assessment_holds_)
            says(Holds::no, said("sign.no_assessment"));
        for (const auto& each : here)
            if (std::ranges::find(statement_.claim.documents, each.name, &attestation::SignedDocument::name) == statement_.claim.documents.end())
                says(Holds::open, said("sign.not_signed", each.name));
        return {};
    }

    Result<void> image() {
        if (options_.image.empty()) {
            says(Holds::untold, said("sign.about", statement_.image, statement_.image_sha256.hex()));
            return {};
        }
        const MappedFile image = TRY(MappedFile::open(options_.image));
        const bool same = crypto::sha256(image.bytes()) == statement_.image_sha256;
        says(same ? Holds::yes : Holds::no, said(same ? "sign.same_image" : "sign.other_image", options_.image, statement_.image_sha256.hex()));
        return {};
    }

    /// The facts that the assessment was made from: beside it, or above it where several catalogues judged them.
    Result<std::optional<Facts>> facts_of(const Assessment& assessment) const {
        std::error_code error;
        for (const fs::path& file : {folder_ / "facts.json", folder_ / ".." / "facts.json"}) {
            if (!fs::exists(file, error))
                continue;
            const Buffer bytes = TRY(read_file(file, kDocumentLimit));
            if (pinned(assessment.inputs, "facts.json") == crypto::sha256(bytes))
                return TRY_WITHIN(file.string(), facts_from_json(as_text(bytes)));
        }
        return std::nullopt;
    }

    /// What was signed says what the assessment says, and that follows from the facts.
    Result<void> assessment() {
        const Assessment signed_one = TRY(assessment_in(folder_ / kAssessment));
        const auto restated = attestation::statement_of(signed_one, statement_.claim.documents);
        const bool agrees = restated && *restated == statement_;
        says(agrees ? Holds::yes : Holds::no, said(agrees ? "sign.agrees" : "sign.disagrees"));
        return judged_again(signed_one);
    }

    Result<void> judged_again(const Assessment& signed_one) {
        const auto facts = TRY(facts_of(signed_one));
        if (!facts) {
            says(Holds::open, said("sign.no_facts"));
            return {};
        }
        const Knowledge knowledge = TRY(load_knowledge(common_.catalogues_folder, catalog::Parts::judging, {}, {signed_one.catalogue}));
        const Catalogue* catalogue = knowledge.library.catalogue(signed_one.catalogue);
        if (catalogue == nullptr) {
            says(Holds::open, said("sign.no_catalogue", signed_one.catalogue));
            return {};
        }
        const Date day = TRY_WITHIN("as_of", Date::from_text(signed_one.as_of));
        const Assessment again = assess::assess(*facts, knowledge.library, *catalogue, signed_one.product, {.program = signed_one.program, .as_of = day, .inputs = {}});
        std::vector<std::string> others;
        for (const PinnedInput& each : again.inputs)
            if (pinned(signed_one.inputs, each.name) != each.sha256)
                others.push_back(each.name);
        const bool same = again.verdicts == signed_one.verdicts && again.findings == signed_one.findings && again.priorities == signed_one.priorities;
        if (!others.empty() && !same)
            says(Holds::open, said("sign.other_edition", fmt::format("{}", fmt::join(others, ", "))));
        else
            says(same ? Holds::yes : Holds::no, said(same ? "sign.same_verdicts" : "sign.other_verdicts", again.verdicts.size()));
        return {};
    }

    const CommonOptions& common_;
    const VerifyReportOptions& options_;
    report::Texts texts_;
    fs::path folder_;
    attestation::Statement statement_;
    bool assessment_holds_ = false;
    bool worst_no_ = false;
    bool worst_open_ = false;
};

}  // namespace

int run_sign(const CommonOptions& common, const SignOptions& options) {
    const auto code = sign_reports(common, options);
    return code ? *code : could_not_run(code.error());
}

int run_verify_report(const CommonOptions& common, const VerifyReportOptions& options) {
    const auto code = Verification(common, options).run();
    return code ? *code : could_not_run(code.error());
}

}  // namespace shirushi::app
