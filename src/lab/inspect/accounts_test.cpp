#include <gtest/gtest.h>

#include "inspect/account_files.hpp"
#include "inspect/guess.hpp"
#include "inspect/sample_device.hpp"

namespace shirushi::inspect {
namespace {

const Words kWords{{{"root", "xc3511"}, {"admin", "admin"}, {"", "password"}, {"root", "vizxv"}}};
constexpr const char* kRootVizxv = "$1$abcdefgh$6A1NUg/cwg8.hJCFhb8sQ/";

TEST(Accounts, PasswdAndShadowAreJoined) {
    const Facts facts = SampleDevice()
                            .file("etc/passwd", "root:x:0:0:root:/root:/bin/ash\ndaemon:*:1:1::/:/bin/false\nguest::500:500::/tmp:/bin/sh\n")
                            .file("etc/shadow", "root:7ZlZxVWcKoLo6:0:0:99999:7:::\nnobody:*:0::::::\n", 0600)
                            .facts(kWords);
    ASSERT_TRUE(facts.accounts.observed);
    ASSERT_EQ(facts.accounts.rows.size(), 3U);
    const Account& daemon = facts.accounts.rows[0];
    const Account& guest = facts.accounts.rows[1];
    const Account& root = facts.accounts.rows[2];
    EXPECT_EQ(root.name, "root");
    EXPECT_EQ(root.file, "squashfs@0x0/etc/passwd");
    EXPECT_EQ(root.evidence.path, "squashfs@0x0/etc/shadow");
    EXPECT_EQ(root.hash_scheme, "des");
    EXPECT_EQ(root.evidence.excerpt.find("7ZlZxVWcKoLo6"), std::string::npos);
    EXPECT_TRUE(root.can_log_in);
    EXPECT_EQ(daemon.password, PasswordState::locked);
    EXPECT_FALSE(daemon.can_log_in);
    EXPECT_EQ(guest.password, PasswordState::none);
    EXPECT_EQ(guest.evidence.offset, 58U);
}

TEST(Accounts, FactoryDefaultsAreFoundBehindTheirHash) {
    const std::string hash = "$1$TestSalt$cScPZsxpryuCxqHqQgMz51";
    const Facts none = SampleDevice().file("etc/passwd", "root:" + hash + ":0:0:root:/:/bin/sh\n").facts(kWords);
    ASSERT_EQ(none.accounts.rows.size(), 1U);
    EXPECT_EQ(none.accounts.rows[0].password, PasswordState::hashed);
    EXPECT_EQ(none.accounts.rows[0].words_tried, 5U);  // xc3511, vizxv, root, password, admin
    EXPECT_EQ(none.accounts.rows[0].words_listed, 5U);

    const Facts found = SampleDevice().file("etc/passwd", std::string("root:") + kRootVizxv + ":0:0:root:/:/bin/sh\n").facts(kWords);
    EXPECT_EQ(found.accounts.rows[0].password, PasswordState::guessed);
    EXPECT_EQ(found.accounts.rows[0].guess, "v***v");
    EXPECT_EQ(found.accounts.rows[0].words_tried, 2U);
}

TEST(Accounts, ADearHashIsTriedAsFarAsTheBudgetGoes) {
    const std::string passwd = "root:$6$rounds=1000$TestSalt$x:0:0::/:/bin/sh\n";
    Budget budget{.seconds_per_hash = 0.0009};
    Facts facts = SampleDevice().file("etc/passwd", passwd).facts(kWords, budget);
    EXPECT_EQ(facts.accounts.rows[0].words_tried, 3U);
    EXPECT_EQ(facts.accounts.rows[0].words_listed, 5U);

    facts = SampleDevice().file("etc/passwd", "root:$6$rounds=999999999$TestSalt$x:0:0::/:/bin/sh\nadmin:$y$jGT$a$b:0:0::/:\n").facts(kWords);
    ASSERT_EQ(facts.accounts.rows.size(), 2U);
    EXPECT_EQ(facts.accounts.rows[0].words_tried, 0U);
    EXPECT_EQ(facts.accounts.rows[1].words_tried, 0U);
    EXPECT_EQ(facts.accounts.rows[1].password, PasswordState::hashed);
}

TEST(Accounts, CopiesCountOnlyWhereTheyDiffer) {
    const Facts facts = SampleDevice()
                            .file("etc/passwd", "root:*:0:0::/:/bin/sh\n")
                            .file("etc/passwd-", "root:*:0:0::/:/bin/sh\nservice::0:0::/:/bin/sh\n")
                            .file("etc_ro/passwd", "admin::0:0::/:/bin/sh\n")
                            .file("usr/bin/passwd", std::string_view("\177ELF\0\1\1", 7), 04755)
                            .file("etc/pam.d/passwd", "password include common-password\n")
                            .facts(kWords);
    ASSERT_EQ(facts.accounts.rows.size(), 3U);
    EXPECT_EQ(facts.accounts.rows[0].name, "root");
    EXPECT_EQ(facts.accounts.rows[1].name, "service");
    EXPECT_FALSE(facts.accounts.rows[1].can_log_in);
    EXPECT_EQ(facts.accounts.rows[2].file, "squashfs@0x0/etc_ro/passwd");
    EXPECT_TRUE(facts.accounts.rows[2].can_log_in);
}

TEST(Accounts, ALinkToTheDefaultFileIsFollowed) {
    const Facts facts = SampleDevice().link("etc/passwd", "/usr/default/accounts").file("usr/default/accounts", "root::0:0::/:/bin/sh\n").facts(kWords);
    ASSERT_EQ(facts.accounts.rows.size(), 1U);
    EXPECT_EQ(facts.accounts.rows[0].file, "squashfs@0x0/usr/default/accounts");
}

TEST(Accounts, WithoutARootFileSystemNobodyLooked) {
    auto builder = unpack::TreeBuilder::owning(Buffer(100));
    const unpack::Tree tree = std::move(builder).finish();
    Facts facts;
    inspect(tree, kWords, {}, facts);
    EXPECT_FALSE(facts.accounts.observed);
    EXPECT_FALSE(facts.services.observed);
    EXPECT_FALSE(facts.permissions.observed);
    EXPECT_FALSE(facts.update_mechanisms.observed);
    EXPECT_EQ(facts.accounts.gaps.size(), 1U);
    EXPECT_TRUE(facts.secrets.observed);
}

TEST(Accounts, WordsForTheVeryUserComeFirst) {
    EXPECT_EQ(words_for("root", kWords), (std::vector<std::string>{"xc3511", "vizxv", "root", "password", "admin"}));
    EXPECT_EQ(words_for("camera", kWords), (std::vector<std::string>{"camera", "password", "xc3511", "admin", "vizxv"}));
}

TEST(Accounts, OddLinesAreSkippedAtAnyCut) {
    const std::string whole = "root:x:0:0:root:/root:/bin/ash\n::::::\na:b:c:d:e:f:g\n\xff\xfe:x:1:1:::\nok:x:70000:1:::/bin/sh";
    std::size_t most = 0;
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        most = std::max(most, read_passwd(std::string_view(whole).substr(0, length)).size());
        (void)read_shadow(std::string_view(whole).substr(0, length));
    }
    EXPECT_EQ(most, 2U);
    EXPECT_LE(read_passwd(std::string(3'000'000, ':')).size(), 0U);
}

}  // namespace
}  // namespace shirushi::inspect
