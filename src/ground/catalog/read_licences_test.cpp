#include <gtest/gtest.h>

#include "catalog/read.hpp"

namespace shirushi::catalog {
namespace {

template <class T>
std::string refusal(const Result<T>& result) {
    return result ? "read" : result.error().message;
}

TEST(Licences, IdsStandOnce) {
    EXPECT_EQ(refusal(read_licence_ids("licences = [\"MIT\"]\ndeprecated = [\"mit\"]\nexceptions = []\n", "spdx.toml")),
              "spdx.toml:1: \"mit\" stands twice; remove one");
    EXPECT_EQ(read_licence_ids("licences = [\"MIT\"]\ndeprecated = []\nexceptions = [\"x\"]\n", "spdx.toml")->exceptions,
              std::vector<std::string>{"x"});
    EXPECT_EQ(refusal(read_licence_ids("licences = []\n", "spdx.toml")), "spdx.toml:1: the file lacks \"deprecated\"; add it");
}

TEST(Licences, NamesMeanOneLicence) {
    EXPECT_EQ(refusal(read_licence_names("[[alias]]\nlicence = \"MIT\"\nnames = [\"a\"]\n[[alias]]\nlicence = \"ISC\"\nnames = [\"A\"]\n",
                                         "names.toml")),
              "names.toml:4: the name \"A\" stands for two licences; remove one");
    EXPECT_EQ(refusal(read_licence_names("[[text]]\nlicence = \"MIT\"\nphrases = []\n", "names.toml")),
              "names.toml:1: a licence's text needs at least one phrase");
}

TEST(Licences, PolicyIsConsistent) {
    const std::string group = "[[group]]\nid = \"g\"\ntitle.en = \"t\"\ntitle.ja = \"t\"\nverdict = \"allow\"\nlicences = [\"MIT\"]\n";
    EXPECT_EQ(read_licence_policy(group, "p.toml")->group.at(0).licences, std::vector<std::string>{"MIT"});
    EXPECT_EQ(refusal(read_licence_policy(group + group, "p.toml")), "p.toml:7: group \"g\" stands twice; rename or merge one");
    EXPECT_EQ(refusal(read_licence_policy(group + "obligations = [\"x\"]\n", "p.toml")),
              "p.toml:1: there is no obligation \"x\"; add an [[obligation]] or remove it here");
    EXPECT_EQ(refusal(read_licence_policy("[[group]]\nid = \"g\"\n", "p.toml")), "p.toml:1: group lacks \"title\"; add it");
}

}  // namespace
}  // namespace shirushi::catalog
