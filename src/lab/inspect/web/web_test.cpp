#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "inspect/sample_device.hpp"
#include "inspect/web/flow.hpp"
#include "inspect/web/script.hpp"

namespace shirushi::inspect {
namespace {

using Lines = std::vector<std::string>;

Lines handlers(SampleDevice device) {
    Lines lines;
    const Facts facts = device.facts();
    EXPECT_TRUE(facts.web_handlers.observed);
    for (const WebHandler& row : facts.web_handlers.rows) {
        Lines flows;
        for (const WebFlow& flow : row.flows)
            flows.push_back(fmt::format("{}:{}:{}", name_of(flow.sink), name_of(flow.guard), flow.line));
        lines.push_back(fmt::format("{} {} [{}] changes {} origin {} login {} {}", row.address, name_of(row.language), fmt::join(row.inputs, " "),
                                    row.changes_state, name_of(row.checks_origin), name_of(row.authenticates), fmt::join(flows, " ")));
    }
    return lines;
}
Lines exposures(SampleDevice device) {
    Lines lines;
    for (const WebExposure& row : device.facts().web_exposures.rows)
        lines.push_back(fmt::format("{} {}", name_of(row.kind), row.address));
    return lines;
}

constexpr std::string_view kPing = "#!/bin/sh\necho 'Content-Type: text/plain'\nip=$(echo \"$QUERY_STRING\" | cut -d= -f2)\neval \"ping -c 1 $ip\"\n";

TEST(WebHandlers, AShellScriptOfTheWebRootIsReadToItsCommand) {
    const Facts facts = SampleDevice().file("www/cgi-bin/ping.cgi", kPing, 0755).facts();
    ASSERT_EQ(facts.web_handlers.rows.size(), 1U);
    const WebHandler& row = facts.web_handlers.rows[0];
    EXPECT_EQ(row.address, "/cgi-bin/ping.cgi");
    EXPECT_EQ(row.inputs, Lines{"QUERY_STRING"});
    ASSERT_EQ(row.flows.size(), 1U);
    EXPECT_EQ(row.flows[0].guard, WebGuard::none);
    EXPECT_EQ(row.flows[0].line, 4U);
    EXPECT_EQ(row.flows[0].evidence.excerpt, "eval \"ping -c 1 $ip\"");
    EXPECT_EQ(row.flows[0].evidence.offset, kPing.find("eval"));
}

TEST(WebHandlers, RootsComeFromConventionAndConfiguration) {
    const auto at = [](std::string_view path) { return SampleDevice().file(path, kPing, 0755); };
    EXPECT_EQ(handlers(at("usr/lib/cgi-bin/a.cgi")), Lines{"/cgi-bin/a.cgi shell [QUERY_STRING] changes false origin no login no command:none:4"});
    EXPECT_EQ(handlers(at("opt/vendor/htdocs/a.cgi")), Lines{"/a.cgi shell [QUERY_STRING] changes false origin no login no command:none:4"});
    EXPECT_EQ(handlers(at("opt/vendor/ui/a.cgi")), Lines{});
    const Lines found = {"/a.cgi shell [QUERY_STRING] changes false origin no login no command:none:4"};
    EXPECT_EQ(handlers(at("opt/ui/a.cgi").file("etc/config/uhttpd", "config uhttpd main\n option home '/opt/ui'\n")), found);
    EXPECT_EQ(handlers(at("opt/ui/a.cgi").file("etc/lighttpd/lighttpd.conf", "server.document-root = \"/opt/ui\"\n")), found);
    EXPECT_EQ(handlers(at("opt/ui/a.cgi").file("etc/nginx/nginx.conf", "server {\n root /opt/ui;\n}\n")), found);
    EXPECT_EQ(handlers(at("opt/ui/a.cgi").file("etc/boa/boa.conf", "DocumentRoot /opt/ui\n")), found);
    EXPECT_EQ(handlers(at("opt/ui/a.cgi").file("etc/thttpd.conf", "dir=/opt/ui\n")), found);
    EXPECT_EQ(handlers(at("opt/ui/a.cgi").file("etc/httpd.conf", "H:/opt/ui\n")), found);
    EXPECT_EQ(handlers(at("opt/ui/a.cgi")
                           .program("usr/sbin/httpd")
                           .file("etc/init.d/rcS", "#!/bin/sh\nhttpd -h /opt/ui\n", 0755)
                           .file("etc/inittab", "::sysinit:/etc/init.d/rcS\n")),
              found);
}

TEST(WebHandlers, LoginsOfTheServerAndOfTheScript) {
    const auto login = [](SampleDevice device) { return device.facts().web_handlers.rows.at(0).authenticates; };
    const auto ping = [] { return SampleDevice().file("www/cgi-bin/ping.cgi", kPing, 0755); };
    EXPECT_EQ(login(ping().file("etc/httpd.conf", "/cgi-bin:admin:secret\n")), Answer::yes);
    EXPECT_EQ(login(ping().file("etc/httpd.conf", "/private:admin:secret\n")), Answer::no);
    EXPECT_EQ(login(ping().file("etc/lighttpd/lighttpd.conf", "auth.require = ( \"/cgi-bin/\" => ( \"method\" => \"basic\" ) )\n")), Answer::yes);
    EXPECT_EQ(login(ping().file("etc/nginx/nginx.conf", "server {\n root /www;\n location /cgi-bin {\n auth_basic \"x\";\n }\n}\n")), Answer::yes);
    EXPECT_EQ(
        login(
            SampleDevice().file("www/cgi-bin/a.cgi", "#!/bin/sh\n. /lib/check.sh\necho $QUERY_STRING\n").file("lib/check.sh", "[ -f /tmp/session ] || exit\n")),
        Answer::yes);
    EXPECT_EQ(login(SampleDevice().file("www/cgi-bin/a.cgi", "#!/bin/sh\n. /lib/missing.sh\necho $QUERY_STRING\n")), Answer::unknown);
    EXPECT_EQ(login(SampleDevice().file("www/a.php", "<?php\n# session, auth\necho 1;\n")), Answer::no);
    const Facts facts = ping().file("etc/httpd.conf", "/cgi-bin:admin:secret\n").facts();
    EXPECT_EQ(facts.web_handlers.rows.at(0).authentication_note, "etc/httpd.conf: /cgi-bin");
}

TEST(WebHandlers, ChangesAndWhetherTheirOriginIsLookedAt) {
    EXPECT_EQ(handlers(SampleDevice().file("www/cgi-bin/set.cgi", "#!/bin/sh\nread -n $CONTENT_LENGTH body\nuci set system.name=\"$body\"\nuci commit\n")),
              Lines{"/cgi-bin/set.cgi shell [POST body] changes true origin no login no "});
    EXPECT_EQ(handlers(SampleDevice().file("www/cgi-bin/set.cgi",
                                           "#!/bin/sh\ncase \"$HTTP_REFERER\" in http://192.168.*) ;; *) exit ;; esac\nnvram set a=\"$QUERY_STRING\"\n")),
              Lines{"/cgi-bin/set.cgi shell [HTTP_REFERER QUERY_STRING] changes true origin yes login no "});
    EXPECT_EQ(handlers(SampleDevice().file("www/set.php", "<?php\nif ($_POST['csrf'] != $_SESSION['csrf']) die();\nexec('reboot');\n")),
              Lines{"/set.php php [$_POST] changes true origin yes login yes "});
    EXPECT_EQ(handlers(SampleDevice().file("www/form.html", "<form action=/x method=POST><input name=a></form>")),
              Lines{"/form.html html [form] changes true origin no login unknown "});
    EXPECT_EQ(handlers(SampleDevice().file("www/form.html", "<form method=post><input type=hidden name=csrf_token></form>")),
              Lines{"/form.html html [form] changes true origin yes login unknown "});
    EXPECT_EQ(handlers(SampleDevice().file("www/form.html", "<form method=get></form>")), Lines{});
}

TEST(WebHandlers, PagesWithCodeInThem) {
    EXPECT_EQ(handlers(SampleDevice().file("www/a.php", "<html>\n<?php $a = $_GET['a']; ?>\n<b>$a</b>\n<?= $a ?>\n")),
              Lines{"/a.php php [$_GET] changes false origin no login no output:none:4"});
    EXPECT_EQ(handlers(SampleDevice().file("www/a.cgi", "#!/usr/bin/haserl\n<b>it's</b>\n<% eval \"$FORM_cmd\" %>\n")),
              Lines{"/a.cgi shell [FORM_cmd] changes false origin no login no command:none:3"});
    EXPECT_EQ(handlers(SampleDevice().file("usr/lib/lua/luci/view/x.htm", "<b>\n<%=luci.http.formvalue(\"x\")%>\n</b>")),
              Lines{" lua [luci.http.formvalue] changes false origin no login no output:none:2"});
    EXPECT_EQ(handlers(SampleDevice().file("usr/lib/lua/luci/view/x.htm", "<b>\n<%=pcdata(luci.http.formvalue(\"x\"))%>\n</b>")),
              Lines{" lua [luci.http.formvalue] changes false origin no login no "});
}

TEST(WebHandlers, LuciControllers) {
    constexpr std::string_view code =
        "module(\"luci.controller.diag\", package.seeall)\nfunction index()\n entry({\"admin\", \"diag\"}, call(\"run\"))\nend\n"
        "function run()\n local a = luci.http.formvalue(\"addr\")\n luci.sys.call(\"ping \" .. a)\nend\n";
    EXPECT_EQ(handlers(SampleDevice().file("usr/lib/lua/luci/controller/diag.lua", code)),
              Lines{"/admin/diag lua [luci.http.formvalue] changes false origin no login yes command:none:7"});
}

TEST(WebHandlers, ACompiledHandlerIsAGap) {
    const Facts facts = SampleDevice().program("www/cgi-bin/webproc").facts();
    ASSERT_EQ(facts.web_handlers.rows.size(), 1U);
    EXPECT_EQ(facts.web_handlers.rows[0].language, WebLanguage::compiled);
    ASSERT_EQ(facts.web_handlers.gaps.size(), 1U);
    EXPECT_TRUE(facts.web_handlers.gaps[0].ends_with("/www/cgi-bin/webproc: a compiled program, what it does with a request was not read"));
}

TEST(WebHandlers, SecretsInExcerptsAreMasked) {
    EXPECT_EQ(web::shown_line("  mysql_connect('h', 'u'); $password = 'hunter2x';"), "mysql_connect('h', 'u'); $password = 'h******x';");
    EXPECT_EQ(web::shown_line("curl -d pwd=swordfish http://x"), "curl -d pwd=s*******h http://x");
    EXPECT_EQ(web::shown_line("passwd=$FORM_pw"), "passwd=$FORM_pw");
}

TEST(WebExposures, WhatIsLeftBelowTheRootAndWhatSettingsAllow) {
    EXPECT_EQ(exposures(SampleDevice()
                            .file("www/index.html", "x")
                            .file("www/index.html.bak", "x")
                            .file("www/.a.php.swp", "x")
                            .file("www/.git/HEAD", "ref")
                            .file("www/.git/objects/aa", "x")),
              (Lines{"leftover /.a.php.swp", "leftover /index.html.bak", "version_control /.git/HEAD"}));
    EXPECT_EQ(
        exposures(SampleDevice().file("www/i.php", "<?php phpinfo(); ?>").file("www/debug.htm", "x").file("www/syscmd.htm", "x").file("www/debug.js", "x")),
        (Lines{"debug_page /debug.htm", "debug_page /i.php", "command_page /syscmd.htm"}));
    EXPECT_EQ(exposures(SampleDevice().file("etc/nginx/nginx.conf", "autoindex on;\nserver_tokens off;\n")), Lines{"directory_listing nginx"});
    EXPECT_EQ(exposures(SampleDevice().file("etc/nginx/nginx.conf", "autoindex off;\n")), Lines{"version_banner nginx"});
    EXPECT_EQ(exposures(SampleDevice().file("etc/lighttpd/lighttpd.conf", "dir-listing.activate = \"enable\"\nserver.tag = \"x\"\n")),
              Lines{"directory_listing lighttpd"});
    EXPECT_EQ(exposures(SampleDevice().file("etc/config/uhttpd", "config uhttpd main\n option no_dirlists '0'\n")), Lines{"directory_listing uhttpd"});
    EXPECT_EQ(exposures(SampleDevice().file("etc/thttpd.conf", "cgipat=**.cgi\n")), Lines{"scripts_anywhere thttpd"});
}

TEST(WebHandlers, NothingIsObservedWithoutARootFileSystem) {
    Facts facts;
    inspect(unpack::TreeBuilder::owning(Buffer(16)).finish(), {}, {}, facts);
    EXPECT_FALSE(facts.web_handlers.observed);
    EXPECT_FALSE(facts.web_exposures.observed);
    EXPECT_EQ(facts.web_handlers.gaps.size(), 1U);
}

/// Every reader, on a text cut at every length: no fault, and never more than the bounds allow.
TEST(WebFlow, ATextMayEndAnywhere) {
    constexpr std::string_view texts[] = {
        "x() { eval \"$1\"; }\ncase \"$a\" in *[!0-9]*|b) x `echo ${QUERY_STRING##*/}` ;; esac\ncat <<EOF | sh\n$(echo \"$a\" \\) 'q\nEOF\n",
        "<?php $a[\"x\"] = <<<EOT\n{$_GET['x']} $b->c[1]\nEOT;\nif (preg_match('/^[a-z]+$/', $a)) { exec(`ls $a`, $o); } /* c */ // d\n",
        "local a, b = http.formvalue('x'), [[y]] -- c\nfor k, v in pairs(a) do os.execute(\"l \" .. (v:match('^[%d]+$') or '')) end --[[ z ]]\n",
        "my ($a) = $q->param('x') =~ /^(\\w+)$/; $h{$a}{b} = qq{x $a @{[1]}}; s/[^a]//g; tr{a}{b}; print <<EOF;\n$a\nEOF\n=pod\n=cut\n",
        "f = f'{x!r} {y[0]}'\ndef g(self, a):\n    return r'''q''' + a.strip()\nos.system(g('x', request.args['y'])) # z\n"};
    for (const std::string_view text : texts)
        for (std::size_t size = 0; size <= text.size(); ++size) {
            const std::string cut(text.substr(0, size));
            EXPECT_LE(web::read_shell_handler(cut).flows.size(), web::kMaxFlows);
            for (const WebLanguage language : {WebLanguage::php, WebLanguage::lua, WebLanguage::perl, WebLanguage::python}) {
                EXPECT_LE(web::read_script(cut, language).flows.size(), web::kMaxFlows);
                const std::string code = web::code_of(cut, language);
                EXPECT_EQ(std::ranges::count(code, '\n'), std::ranges::count(cut, '\n'));
            }
        }
}

/// Debian's own web scripts, where any are installed: reviewed and used for years, so nothing in them is certain to be wrong.
TEST(WebFlow, NoCertainFindingInDebiansScripts) {
    std::size_t seen = 0;
    for (const char* folder :
         {"/usr/share/gitweb", "/usr/lib/cgi-bin", "/usr/share/awstats/wwwroot/cgi-bin", "/usr/share/backuppc/cgi-bin", "/usr/lib/git-core"}) {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
            if (!entry.is_regular_file() || entry.file_size() > web::kMaxScript)
                continue;
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string text{std::istreambuf_iterator<char>(file), {}};
            const auto language = web::language_of(entry.path().filename().string(), text);
            if (!language || *language == WebLanguage::compiled || *language == WebLanguage::html)
                continue;
            ++seen;
            const std::string code = web::code_of(text, *language);
            for (const web::Flow& flow : (*language == WebLanguage::shell ? web::read_shell_handler(code) : web::read_script(code, *language)).flows)
                EXPECT_NE(flow.guard, WebGuard::none) << entry.path() << ": " << flow.through << ": " << flow.at;
        }
    }
    if (seen == 0)
        GTEST_SKIP() << "no web scripts of Debian packages are installed";
}

}  // namespace
}  // namespace shirushi::inspect
