#include "feeds/kinds.hpp"

#include <algorithm>

namespace shirushi::feeds {

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all = {
        {.name = "nvd-1.1", .about = "NVD JSON 1.1", .layout = Layout::array, .array = "CVE_Items", .read = read_nvd_1, .marks = {"\"CVE_Items\""},
         .dated = "CVE_data_timestamp"},
        {.name = "nvd-2.0", .about = "NVD API 2.0", .layout = Layout::array, .array = "vulnerabilities", .read = read_nvd_2, .marks = {"\"NVD_CVE\"", "\"vulnerabilities\""},
         .dated = "timestamp"},
        {.name = "kev", .about = "CISA's known exploited vulnerabilities", .layout = Layout::array, .array = "vulnerabilities", .read = read_kev,
         .marks = {"\"catalogVersion\"", "\"vulnerabilities\""}, .dated = "dateReleased"},
        {.name = "nvd-overrides", .about = "corrections of NVD's configurations", .layout = Layout::values, .array = {}, .read = read_override,
         .marks = {"\"_annotation\"", "\"cve_id\""}, .dated = {}},
        {.name = "cve-5", .about = "CVE records, JSON 5", .layout = Layout::values, .array = {}, .read = read_cve_5, .marks = {"\"CVE_RECORD\""}, .dated = {}},
        {.name = "csaf", .about = "CSAF 2.0 advisories", .layout = Layout::values, .array = {}, .read = read_csaf, .marks = {"\"csaf_version\""}, .dated = {}},
        {.name = "alpine", .about = "Alpine's secdb", .layout = Layout::array, .array = "packages", .read = read_alpine, .marks = {"\"distroversion\"", "\"packages\""}, .dated = {},
         .may_be_empty = true},
        {.name = "nvd-1.1-items", .about = "items of NVD JSON 1.1, one a line", .layout = Layout::values, .array = {}, .read = read_nvd_1, .marks = {"\"CVE_data_meta\""}, .dated = {}},
        {.name = "osv", .about = "OSV records", .layout = Layout::values, .array = {}, .read = read_osv, .marks = {"\"id\"", "\"modified\"", "\"affected\""}, .dated = {}},
        {.name = "debian", .about = "Debian's security tracker", .layout = Layout::members, .array = {}, .read = read_debian, .marks = {"\"releases\"", "\"repositories\""}, .dated = {}},
        {.name = "epss", .about = "EPSS scores", .layout = Layout::rows, .array = {}, .read = read_epss, .marks = {"cve,epss"}, .dated = "score_date"},
        {.name = "kev-csv", .about = "CISA's known exploited vulnerabilities as a table", .layout = Layout::rows, .array = {}, .read = read_kev_row,
         .marks = {"cveID,vendorProject"}, .dated = {}},
        {.name = "jvn-vuldef", .about = "JVN iPedia's details, VULDEF 3", .layout = Layout::elements, .array = "Vulinfo", .read = read_vuldef, .marks = {"<VULDEF-Document"},
         .dated = {}},
        {.name = "jvn-rss", .about = "JVN iPedia's items, JVNRSS 2", .layout = Layout::elements, .array = "item", .read = read_jvnrss,
         .marks = {"http://purl.org/rss/1.0/", "http://jvn.jp/rss/mod_sec/"}, .dated = "dc:date"},
        {.name = "cwe", .about = "CWE's weaknesses, XML", .layout = Layout::elements, .array = "Weakness|Category", .read = read_cwe, .marks = {"<Weakness_Catalog"},
         .dated = "Date"},
        {.name = "cwe-csv", .about = "a view of CWE as a table", .layout = Layout::rows, .array = {}, .read = read_cwe_row, .marks = {"CWE-ID,Name,Weakness Abstraction"},
         .dated = {}},
    };
    return all;
}

const Kind* kind_by_name(std::string_view name) {
    const auto found = std::ranges::find(kinds(), name, &Kind::name);
    return found == kinds().end() ? nullptr : &*found;
}

const Kind* kind_of(std::string_view beginning) {
    const auto found = std::ranges::find_if(kinds(), [&](const Kind& kind) {
        return std::ranges::all_of(kind.marks, [&](std::string_view mark) { return beginning.find(mark) != std::string_view::npos; });
    });
    return found == kinds().end() ? nullptr : &*found;
}

}  // namespace shirushi::feeds
