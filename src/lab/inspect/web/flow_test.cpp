#include "inspect/web/flow.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace shirushi::inspect::web {
namespace {

using Lines = std::vector<std::string>;

Lines flows(const Reading& reading, std::string_view text) {
    Lines lines;
    for (const Flow& flow : reading.flows)
        lines.push_back(fmt::format("{} {} {} {} {}", 1 + std::count(text.data(), flow.at.data(), '\n'), name_of(flow.sink), name_of(flow.guard), flow.input, flow.through));
    return lines;
}
Lines shell(std::string_view text) { return flows(read_shell_handler(text), text); }

TEST(WebShell, DataThatIsReadAgainAsShellTextIsACommand) {
    EXPECT_EQ(shell("#!/bin/sh\neval $(echo \"$QUERY_STRING\" | sed 's/&/;/g')\n"), Lines{"2 command none QUERY_STRING eval"});
    EXPECT_EQ(shell("#!/bin/sh\nip=`echo $QUERY_STRING | cut -d= -f2`\nsh -c \"ping -c 1 $ip\" > /tmp/r\n"), Lines{"3 command none QUERY_STRING sh -c"});
    EXPECT_EQ(shell("#!/bin/sh\nc=${QUERY_STRING#cmd=}\n$c > /tmp/out\n"), Lines{"3 command none QUERY_STRING $"});
    EXPECT_EQ(shell("#!/bin/sh\necho \"$QUERY_STRING\" | sh > /dev/null\n"), Lines{"2 command none QUERY_STRING sh -c"});
    EXPECT_EQ(shell("#!/bin/sh\nread -n $CONTENT_LENGTH body\neval \"$body\"\n"), Lines{"3 command none POST body eval"});
}

TEST(WebShell, AnUnquotedArgumentIsForAPersonToLookAt) {
    EXPECT_EQ(shell("#!/bin/sh\nip=$(echo \"$QUERY_STRING\" | cut -d= -f2)\nping -c 1 $ip > /tmp/r\n"), Lines{"3 command unclear QUERY_STRING ping"});
    EXPECT_EQ(shell("#!/bin/sh\nip=$(echo \"$QUERY_STRING\" | cut -d= -f2)\nping -c 1 \"$ip\" > /tmp/r\n"), Lines{});
}

}  // namespace
}  // namespace shirushi::inspect::web
