#include "inspect/password_hash.hpp"

#include <crypt.h>
#include <gtest/gtest.h>

namespace shirushi::inspect {
namespace {

struct Case {
    const char* prefix;
    unsigned long count;
    const char* scheme;
};

std::string hash_of(const std::string& word, const std::string& prefix, unsigned long count) {
    crypt_data data{};
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    const char random[] = "0123456789abcdef0123456789abcdef";
    if (crypt_gensalt_rn(prefix.c_str(), count, random, 32, setting, sizeof setting) == nullptr)
        return "";
    const char* hash = crypt_r(word.c_str(), setting, &data);
    return hash != nullptr ? hash : "";
}

TEST(PasswordHash, EverySchemeOfCryptIsKnownAndTried) {
    const Case cases[] = {{"", 0, "des"},          {"_", 0, "extended-des"}, {"$1$", 0, "md5"},      {"$5$", 1000, "sha256"},
                          {"$6$", 1000, "sha512"}, {"$2a$", 4, "bcrypt"},    {"$2b$", 4, "bcrypt"},  {"$2y$", 4, "bcrypt"},
                          {"$y$", 1, "yescrypt"},  {"$gy$", 1, "gost-yescrypt"}, {"$7$", 6, "scrypt"}, {"$sha1", 100, "sha1crypt"},
                          {"$md5", 4096, "sunmd5"}, {"$3$", 0, "nt"}};
    for (const Case& one : cases) {
        const std::string hash = hash_of("admin", one.prefix, one.count);
        ASSERT_FALSE(hash.empty()) << one.prefix;
        const PasswordField field = read_password_field(hash);
        EXPECT_EQ(field.kind, FieldKind::hash) << hash;
        EXPECT_EQ(field.scheme, one.scheme) << hash;
        EXPECT_TRUE(field.supported) << hash;
        EXPECT_GT(field.seconds, 0) << hash;
        EXPECT_TRUE(word_fits(hash, "admin")) << hash;
        EXPECT_FALSE(word_fits(hash, "Admin")) << hash;
    }
}

TEST(PasswordHash, TheDefaultYescryptSettingTakesSixteenMebibytes) {
    const PasswordField field = read_password_field("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7");
    EXPECT_EQ(field.memory, std::size_t{16} << 20);
    EXPECT_NEAR(field.seconds, 0.018, 0.002);
}

TEST(PasswordHash, HostileParametersShowTheirCostBeforeAnythingIsComputed) {
    EXPECT_GT(read_password_field("$6$rounds=999999999$salt$x").seconds, 200);
    EXPECT_GT(read_password_field("$5$rounds=18446744073709551615$salt$x").seconds, 200);
    EXPECT_FALSE(read_password_field("$5$rounds=99999999999999999999999$salt$x").supported);
    EXPECT_GT(read_password_field("$2b$31$abcdefghijklmnopqrstuu5Lj8XVtWJKDDTLtN.WM.QVYFWJrXvQa").seconds, 1000);
    EXPECT_GT(read_password_field("$sha1$4294967295$salt$hash").seconds, 100);
    EXPECT_GT(read_password_field("$md5,rounds=4294963199$saltsalt$$hash").seconds, 100);
    EXPECT_GT(read_password_field("_zzzzsaltXXXXXXXXXXX").seconds, 1);
    EXPECT_GT(read_password_field("$y$jGT$salt$hash").memory, std::size_t{1} << 30);
    EXPECT_FALSE(read_password_field("$y$jzT$salt$hash").supported);
    EXPECT_FALSE(read_password_field("$y$j9T1.....$salt$hash").supported);
    EXPECT_GT(read_password_field("$7$Q/..../....salt$hash").memory, std::size_t{1} << 30);
}

TEST(PasswordHash, BlankLockedAndOddFields) {
    EXPECT_EQ(read_password_field("").kind, FieldKind::blank);
    for (const char* locked : {"*", "!", "!!", "x", "*LK*", "NP", "!*", "no password"}) {
        EXPECT_EQ(read_password_field(locked).kind, FieldKind::locked) << locked;
        EXPECT_EQ(read_password_field(locked).scheme, "") << locked;
    }
    const PasswordField behind = read_password_field("!$1$abcdefgh$0123456789012345678901");
    EXPECT_EQ(behind.kind, FieldKind::locked);
    EXPECT_EQ(behind.scheme, "md5");
    EXPECT_FALSE(read_password_field("$9$something").supported);
    EXPECT_FALSE(read_password_field("$6$" + std::string(1000, 'a')).supported);
}

TEST(PasswordHash, AnyCutOfASettingIsReadSafely) {
    for (const std::string whole : {"$y$j9T1.....$F5Jx5fExrKuPp53xLKQ..1$X3", "$7$CU..../....2Q9obwLhin8qvQl6sisAO$x", "$6$rounds=656000$salt$hash",
                                    "$2b$12$abcdefghijklmnopqrstuu", "$md5,rounds=904$iPPKEBnEkp3JV8uX$0", "$sha1$40000$jtNX3nZ2$h", "_J9..rasmBYk8r9AiWNc"})
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            const PasswordField field = read_password_field(whole.substr(0, length));
            EXPECT_GE(field.seconds, 0) << whole.substr(0, length);
        }
}

}  // namespace
}  // namespace shirushi::inspect
