#include "inspect/web/site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/daemons.hpp"
#include "inspect/uci.hpp"

namespace shirushi::inspect::web {
namespace {

constexpr std::size_t kMaxDocumentRoots = 64;
constexpr std::size_t kMaxProtections = 500;
constexpr std::size_t kMaxExposures = 200;
constexpr std::size_t kMaxFolders = 100'000;

/// Folders that hold pages by convention, whatever the server is.
constexpr std::string_view kUsualRoots[] = {
    "/www",     "/var/www",  "/var/www/html", "/usr/www", "/htdocs",     "/usr/htdocs",    "/home/httpd",    "/home/httpd/html",      "/home/www",
    "/srv/www", "/srv/http", "/webs",         "/web",     "/etc_ro/web", "/usr/share/www", "/usr/local/www", "/usr/share/nginx/html", "/opt/www",
    "/mnt/web", "/webroot",  "/wwwroot",      "/usr/web"};

class SiteReader {
public:
    SiteReader(const Root& root, const std::vector<Service>& services) : root_(root), services_(services) {}

    Site run() {
        for (const std::string_view folder : kUsualRoots)
            document_root(folder);
        folders_of_scripts();
        command_lines();
        uhttpd();
        lighttpd();
        nginx();
        small_servers();
        goahead();
        std::vector<std::string> longest(roots_.begin(), roots_.end());
        std::ranges::stable_sort(longest, std::greater{}, &std::string::size);
        site_.document_roots = std::move(longest);
        return std::move(site_);
    }

private:
    void document_root(std::string_view path) {
        path = unquoted(trimmed(path));
        if (path.empty() || path == "/" || path.size() > 1024 || roots_.size() == kMaxDocumentRoots)
            return;
        const auto id = root_.find(path);
        if (!id || root_.tree().node(*id).file.kind != FileKind::directory)
            return;
        if (const std::string inner = root_.inner_path(*id); inner != "/" && inner != "/usr" && inner != "/etc")
            roots_.insert(inner);
    }

    /// Folders called cgi-bin, wherever they lie: what they lie in is served.
    void folders_of_scripts() {
        std::vector<unpack::NodeId> pending = {root_.id()};
        for (std::size_t i = 0; i < pending.size() && pending.size() < kMaxFolders; ++i)
            for (const unpack::NodeId child : root_.tree().node(pending[i]).children) {
                const unpack::Node& node = root_.tree().node(child);
                if (node.kind != unpack::NodeKind::entry || node.file.kind != FileKind::directory)
                    continue;
                pending.push_back(child);
                if (node.name != "cgi-bin" && node.name != "cgi" && node.name != "htdocs" && node.name != "wwwroot" && node.name != "webroot")
                    continue;
                const std::string inner = root_.inner_path(child);
                const std::string above = inner.substr(0, inner.rfind('/'));
                if (node.name == "cgi-bin" && (above == "/usr/lib" || above == "/lib" || above.empty()))
                    outside_.insert(inner);  // a server maps it to /cgi-bin
                else if (node.name == "cgi" || node.name == "cgi-bin")
                    document_root(above);
                else
                    document_root(inner);
            }
        for (const std::string& folder : outside_)
            if (roots_.size() < kMaxDocumentRoots)
                roots_.insert(folder);
    }

    void command_lines() {
        for (const Service& service : services_) {
            std::vector<std::string> arguments;
            for (const std::string_view word : words_of(service.command))
                arguments.emplace_back(word);
            if (arguments.empty())
                continue;
            const std::string_view option = service.name == "uhttpd" || service.name == "httpd"                                  ? "-h"
                                            : service.name == "mini_httpd" || service.name == "thttpd" || service.name == "webs" ? "-d"
                                                                                                                                 : "";
            if (!option.empty())
                for (const std::string& value : option_values(arguments, option))
                    document_root(value);
            if (service.name == "uhttpd" && option_values(arguments, "-x") == std::vector<std::string>{"/"})
                expose(WebExposureKind::scripts_anywhere, "uhttpd", service.evidence);
        }
    }

    void uhttpd() {
        const auto text = root_.text("etc/config/uhttpd");
        for (const UciSection& section : text ? read_uci(*text) : std::vector<UciSection>()) {
            if (section.type != "uhttpd")
                continue;
            for (const UciOption& option : section.options) {
                if (option.key == "home")
                    document_root(option.value);
                if (option.key == "config")
                    logins_of_busybox(option.value);
                if (option.key == "no_dirlists" && !is_yes(option.value))
                    expose(WebExposureKind::directory_listing, "uhttpd", evidence("etc/config/uhttpd", *text, option.line));
                if (option.key == "cgi_prefix" && option.value == "/")
                    expose(WebExposureKind::scripts_anywhere, "uhttpd", evidence("etc/config/uhttpd", *text, option.line));
            }
        }
        for (const std::string_view path : {"etc/httpd.conf", "etc/busybox-httpd.conf"})
            logins_of_busybox(path);
    }
    /// "/cgi-bin:admin:password", one a line; "H:/www" names the document root.
    void logins_of_busybox(std::string_view path) {
        const auto text = root_.text(path);
        for (const std::string_view line : text ? lines_of(*text) : std::vector<std::string_view>()) {
            const auto parts = split(trimmed(line.substr(0, 1024)), ':');
            if (parts.size() == 2 && parts[0] == "H")
                document_root(parts[1]);
            if (parts.size() >= 3 && parts[0].starts_with('/'))
                protect(parts[0], path);
        }
    }

    void lighttpd() {
        for (const std::string& path :
             configurations({"etc/lighttpd/lighttpd.conf", "etc/lighttpd.conf"}, {"etc/lighttpd/conf.d", "etc/lighttpd/conf-enabled"})) {
            const auto text = root_.text(path);
            bool requires_login = false;
            bool tagged = false;
            for (const std::string_view whole : lines_of(*text)) {
                const std::string_view line = trimmed(whole.substr(0, 1024));
                if (line.empty() || line.starts_with('#'))
                    continue;
                const std::string_view value = line.substr(std::min(line.find('='), line.size() - 1) + 1);
                if (line.starts_with("server.document-root"))
                    document_root(value);
                tagged |= line.starts_with("server.tag");
                if ((line.starts_with("dir-listing.activate") || line.starts_with("server.dir-listing")) && is_yes(unquoted(trimmed(value)).substr(0, 6)))
                    expose(WebExposureKind::directory_listing, "lighttpd", evidence(path, *text, whole));
                requires_login = line.starts_with("auth.require") || (requires_login && !line.starts_with(')'));
                const auto quote = requires_login ? line.find("\"/") : std::string_view::npos;
                if (quote != std::string_view::npos)
                    protect(line.substr(quote + 1, line.find('"', quote + 1) - quote - 1), path);
            }
            if (!tagged && path.ends_with("lighttpd.conf"))
                expose(WebExposureKind::version_banner, "lighttpd", {.path = full(path), .offset = std::nullopt, .excerpt = "server.tag not set"});
        }
    }

    void nginx() {
        bool hidden = false;
        std::string first;
        for (const std::string& path : configurations({"etc/nginx/nginx.conf"}, {"etc/nginx/conf.d", "etc/nginx/sites-enabled"})) {
            const auto text = root_.text(path);
            first = first.empty() ? path : first;
            std::string location = "/";
            for (const Setting& setting : read_settings(*text)) {
                const auto words = words_of(setting.value);
                if (setting.key == "server" || setting.key == "server{")
                    location = "/";
                if (setting.key == "location" && !words.empty())
                    location = words[0].starts_with('/') ? words[0] : words.size() > 1 && words[1].starts_with('/') ? words[1] : std::string_view();
                if (setting.key == "root")
                    document_root(setting.value);
                if (setting.key == "autoindex" && is_yes(setting.value))
                    expose(WebExposureKind::directory_listing, "nginx", evidence(path, *text, setting.line));
                hidden |= setting.key == "server_tokens" && setting.value == "off";
                if (setting.key == "auth_basic" && setting.value != "off" && !location.empty())
                    protect(location, path);
            }
        }
        if (!first.empty() && !hidden)
            expose(WebExposureKind::version_banner, "nginx", {.path = full(first), .offset = std::nullopt, .excerpt = "server_tokens off not set"});
    }

    void small_servers() {
        for (const std::string_view path :
             {"etc/boa/boa.conf", "etc/boa.conf", "etc_ro/boa.conf", "etc/thttpd.conf", "etc/mini_httpd.conf", "etc/mini-httpd.conf"}) {
            const auto text = root_.text(path);
            const std::string_view server = path.find("boa") != std::string_view::npos      ? "boa"
                                            : path.find("thttpd") != std::string_view::npos ? "thttpd"
                                                                                            : "mini_httpd";
            for (const Setting& setting : text ? read_settings(*text) : std::vector<Setting>()) {
                const auto words = words_of(setting.value);
                const std::string key = lowered(setting.key.substr(0, 64));
                if (key == "documentroot" || (server != "boa" && key == "dir"))
                    document_root(setting.value);
                if (key == "scriptalias" && words.size() > 1)
                    document_root(words[1].substr(0, words[1].find_last_not_of('/') + 1).ends_with("cgi-bin") ? words[1].substr(0, words[1].rfind("/cgi-bin"))
                                                                                                              : words[1]);
                if (key == "auth" && !words.empty())
                    protect(words[0], path);
                if (key == "directorymaker")
                    expose(WebExposureKind::directory_listing, "boa", evidence(path, *text, setting.line));
                const bool anywhere =
                    (key == "cgipat" && setting.value.starts_with("**")) || (key == "addtype" && setting.value.find("x-httpd-cgi") != std::string_view::npos);
                if (anywhere)
                    expose(WebExposureKind::scripts_anywhere, server, evidence(path, *text, setting.line));
            }
        }
    }

    void goahead() {
        for (const std::string_view path : {"etc/goahead/route.txt", "etc/route.txt", "etc_ro/route.txt"}) {
            const auto text = root_.text(path);
            for (const std::string_view line : text ? lines_of(*text) : std::vector<std::string_view>()) {
                const auto at = line.find("uri=/");
                if (at != std::string_view::npos && line.find("auth=") != std::string_view::npos && !trimmed(line).starts_with('#'))
                    protect(line.substr(at + 4, line.find_first_of(" \t", at) - at - 4), path);
            }
        }
    }

    /// Those of the files that are there, and of the folders' all.
    [[nodiscard]] std::vector<std::string> configurations(std::initializer_list<std::string_view> files,
                                                          std::initializer_list<std::string_view> folders) const {
        std::vector<std::string> found;
        for (const std::string_view file : files)
            if (root_.text(file))
                found.emplace_back(file);
        for (const std::string_view folder : folders)
            for (const unpack::NodeId id : root_.list(folder))
                if (std::string path = fmt::format("{}/{}", folder, root_.tree().node(id).name); found.size() < 100 && root_.text(path))
                    found.push_back(std::move(path));
        return found;
    }
    [[nodiscard]] std::string full(std::string_view path) const {
        const auto id = root_.find(path);
        return id ? root_.tree().path(*id) : std::string(path);
    }
    [[nodiscard]] Evidence evidence(std::string_view path, std::string_view text, std::string_view line) const {
        return {.path = full(path), .offset = offset_in(text, line), .excerpt = excerpt(trimmed(line))};
    }
    void expose(WebExposureKind kind, std::string_view server, Evidence evidence) {
        if (site_.exposures.size() < kMaxExposures)
            site_.exposures.push_back({.kind = kind, .address = std::string(server), .evidence = std::move(evidence)});
    }
    void protect(std::string_view prefix, std::string_view path) {
        if (site_.protections.size() < kMaxProtections && prefix.starts_with('/'))
            site_.protections.push_back({printable(prefix.substr(0, 256)), fmt::format("{}: {}", path, printable(prefix.substr(0, 60)))});
    }

    const Root& root_;
    const std::vector<Service>& services_;
    Site site_;
    std::set<std::string> roots_;
    std::set<std::string> outside_;
};

bool lies_in(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

}  // namespace

Site site_of(const Root& root, const std::vector<Service>& services) {
    return SiteReader(root, services).run();
}

std::string address_of(const Site& site, std::string_view inner_path) {
    for (const std::string& folder : site.document_roots)
        if (lies_in(inner_path, folder)) {
            const std::string_view below = inner_path.substr(folder.size());
            return (folder.ends_with("/cgi-bin") ? "/cgi-bin" : "") + std::string(below);
        }
    return {};
}

std::string protection_of(const Site& site, std::string_view address) {
    for (const Protection& protection : site.protections) {
        std::string_view prefix = protection.prefix;
        while (prefix.ends_with('/'))
            prefix.remove_suffix(1);
        if (address == prefix || lies_in(address, prefix))
            return protection.note;
    }
    return {};
}

}  // namespace shirushi::inspect::web
