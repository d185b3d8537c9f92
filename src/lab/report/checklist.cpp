// The catalogue's checklist, filled in: a line for each requirement, as applicants hand it in. RFC 4180, with the byte order mark by which
// spreadsheets know that it is UTF-8.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/report.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t most_evidence = 5;  // places listed of one requirement; assessment.json has all

class Sheet {
public:
    Sheet(const Assessment& assessment, const Catalogue& catalogue, Language language)
        : assessment_(assessment), catalogue_(catalogue), language_(language), texts_(Texts::embedded()) {
        for (const Finding& each : assessment.findings)
            findings_.emplace(each.fingerprint, &each);
        for (const Verdict& each : assessment.verdicts)
            verdicts_.emplace(each.requirement, &each);
    }

    std::string text() {
        about();
        row({word("checklist.number"), word("checklist.requirement"), word("checklist.obligation"), word("checklist.verdict"), word("checklist.method"), word("checklist.grounds"), word("checklist.evidence"), word("checklist.next"), word("checklist.source")});
        for (const Requirement& each : catalogue_.requirements)
            if (const auto verdict = verdicts_.find(each.id); verdict != verdicts_.end())
                requirement(each, *verdict->second);
        return std::move(text_);
    }

private:
    [[nodiscard]] std::string word(std::string_view key) const { return texts_.of(key).in(language_); }
    template <class Enum>
    [[nodiscard]] std::string word(std::string_view family, Enum value) const { return texts_.word(family, value).in(language_); }

    /// A cell that begins like a formula would be computed by the spreadsheet that opens it: those get an apostrophe.
    static std::string cell(std::string_view raw) {
        std::string safe;
        if (!raw.empty() && std::string_view("=+-@").find(raw.front()) != std::string_view::npos)
            safe += '\'';
        for (const char c : raw)
            safe += c == '"' ? "\"\"" : std::string(1, c);
        return safe.find_first_of(",\"\r\n") != std::string::npos ? "\"" + safe + "\"" : safe;
    }
    void row(const std::vector<std::string>& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            text_ += (i == 0 ? "" : ",") + cell(cells[i]);
        text_ += "\r\n";
    }

    void about() {
        text_ = "\xEF\xBB\xBF";
        row({word("checklist.catalogue"), shown(catalogue_.title.in(language_)), shown(catalogue_.edition)});
        if (assessment_.product) {
            row({word("checklist.vendor"), shown(assessment_.product->vendor)});
            row({word("checklist.model"), shown(assessment_.product->model), shown(assessment_.product->version)});
            row({word("checklist.contact"), shown(assessment_.product->contact)});
            row({word("checklist.support_until"), shown(assessment_.product->support_until)});
        }
        if (assessment_.image)
            row({word("checklist.image"), shown(assessment_.image->name), "SHA-256 " + assessment_.image->sha256.hex()});
        row({word("checklist.as_of"), shown(assessment_.as_of), shown(assessment_.program)});
        text_ += "\r\n";
    }

    static void add(std::string& lines, const std::string& line) {
        if (!lines.empty())
            lines += '\n';
        lines += line;
    }

    [[nodiscard]] std::string methods(const Verdict& verdict) const {
        std::vector<Method> seen;
        std::string words;
        for (const Reason& each : verdict.reasons) {
            if (std::ranges::find(seen, each.method) != seen.end())
                continue;
            seen.push_back(each.method);
            add(words, word("method", each.method));
        }
        return words;
    }

    [[nodiscard]] std::string evidence(const Verdict& verdict) const {
        std::string lines;
        std::size_t count = 0;
        for (const std::string& fingerprint : verdict.findings) {
            const auto finding = findings_.find(fingerprint);
            if (finding == findings_.end())
                continue;
            for (const Evidence& each : finding->second->evidence) {
                if (++count > most_evidence)
                    continue;
                add(lines, shown(each.offset ? fmt::format("{} {} ({})", finding->second->check_id, each.path, *each.offset) : fmt::format("{} {}", finding->second->check_id, each.path)));
            }
        }
        if (count > most_evidence)
            add(lines, fmt::format(fmt::runtime(word("checklist.more")), count - most_evidence));
        return lines;
    }

    void requirement(const Requirement& requirement, const Verdict& verdict) {
        std::string grounds;
        std::string next;
        for (const Reason& each : verdict.reasons)
            add(grounds, shown(each.text.in(language_)));
        for (const Text& each : verdict.remedy)
            add(next, shown(each.in(language_)));
        row({shown(requirement.id), shown(requirement.title.in(language_)), word("obligation", requirement.obligation), word("verdict", verdict.verdict), methods(verdict), grounds, evidence(verdict), next,
             requirement.unconfirmed.empty() ? "" : word("checklist.unconfirmed")});
    }

    const Assessment& assessment_;
    const Catalogue& catalogue_;
    Language language_;
    Texts texts_;
    std::map<std::string_view, const Finding*> findings_;
    std::map<std::string_view, const Verdict*> verdicts_;
    std::string text_;
};

}  // namespace

std::string checklist(const Assessment& assessment, const Catalogue& catalogue, Language language) { return Sheet(assessment, catalogue, language).text(); }

}  // namespace shirushi::report
