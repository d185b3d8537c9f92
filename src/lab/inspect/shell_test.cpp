#include "inspect/shell.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace shirushi::inspect {
namespace {

std::vector<std::string> commands(std::string_view text, bool all = false) {
    std::vector<std::string> shown;
    for (const ShellCommand& command : read_shell(text).commands)
        if (all || command.at_start)
            shown.push_back(fmt::format("{}{}", fmt::join(command.words, "|"), command.background ? " &" : ""));
    return shown;
}
using Lines = std::vector<std::string>;

TEST(Shell, CommandsQuotesAndComments) {
    EXPECT_EQ(commands("# telnetd\n  telnetd -l /bin/sh & # debug\nhttpd -h '/www root' \\\n  -p 80\n"),
              (Lines{"telnetd|-l|/bin/sh &", "httpd|-h|/www root|-p|80"}));
    EXPECT_EQ(commands("[ -x /usr/sbin/x ] && /usr/sbin/x -a || exit 1; a|b"), (Lines{"[|-x|/usr/sbin/x|]", "/usr/sbin/x|-a", "exit|1", "a", "b"}));
    EXPECT_EQ(commands("if [ 1 ]; then telnetd; else utelnetd; fi\nwhile true; do x; done"), (Lines{"[|1|]", "telnetd", "utelnetd", "true", "x"}));
}

TEST(Shell, AssignmentsExpandLaterWords) {
    EXPECT_EQ(commands("DAEMON=/usr/sbin/telnetd\nARGS=\"-p 2323 -l /bin/sh\"\n$DAEMON $ARGS\n\"$DAEMON\" \"${ARGS}\" ${PORT:-80} $UNKNOWN"),
              (Lines{"/usr/sbin/telnetd|-p|2323|-l|/bin/sh", "/usr/sbin/telnetd|-p 2323 -l /bin/sh|80|$UNKNOWN"}));
    EXPECT_EQ(commands("export A=1 B='x y'\necho $A $B"), (Lines{"export|A=1|B=x y", "echo|1|x|y"}));
    EXPECT_EQ(commands("X=$(cat /proc/cmdline | grep a) run `date +%s` x"), (Lines{"run|`date +%s`|x"}));
}

TEST(Shell, BranchesThatStopAreMarked) {
    const char* script = "stop_all() {\n killall telnetd\n}\ncase \"$1\" in\n start|boot)\n telnetd &\n ;;\n stop|status)\n telnetd --quit\n ;;\n *)\n other\nesac\nlast\n";
    EXPECT_EQ(commands(script), (Lines{"telnetd &", "other", "last"}));
    EXPECT_EQ(commands(script, true).size(), 5U);
}

TEST(Shell, RedirectionsAndHereDocumentsAreNotWords) {
    EXPECT_EQ(commands("telnetd >/dev/null 2>&1 &\ncat > /tmp/x <<EOF\ntelnetd in text\nEOF\nhttpd &> log\nnext < in"),
              (Lines{"telnetd &", "cat", "httpd", "next"}));
}

TEST(Shell, EveryCutIsReadAndGrowthIsBounded) {
    const std::string whole = "A=\"x ${B:-y}\"\nf() { g `h` $(i (j)) ; }\ncase $1 in a|b) c;; esac\ncat <<-E\nz\nE\n( k & ) 'l' \\";
    for (std::size_t length = 0; length <= whole.size(); ++length)
        (void)read_shell(std::string_view(whole).substr(0, length));
    std::string doubling = "A=xxxxxxxxxxxxxxxx\n";
    for (int i = 0; i < 2000; ++i)
        doubling += "A=$A$A\n$A$A$A\n";
    EXPECT_LE(read_shell(doubling).variables.at("A").size(), 4096U);
    for (const char* piece : {"$(", "`", "${", "\"", "'", "(", "case x in ", "{ ", "<<E\n", "\\", "a&", "$A"}) {
        std::string many;
        while (many.size() < 300'000)
            many += piece;
        EXPECT_LE(read_shell(many).commands.size(), 20'000U) << piece;
    }
}

}  // namespace
}  // namespace shirushi::inspect
