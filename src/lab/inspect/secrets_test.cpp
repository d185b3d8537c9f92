#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "inspect/configured_secrets.hpp"
#include "inspect/sample_device.hpp"
#include "inspect/secret_marks.hpp"

namespace shirushi::inspect {
namespace {

// Made for this test: an Ed25519 key and its self-signed certificate.
const std::string kKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEhrAHItVsOrJaGypphLe1avd70AWtS+n/sqCrGjywHH\n"
    "-----END PRIVATE KEY-----\n";
const std::string kCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBRjCB+aADAgECAhQhqyZfZ/fRJxgORPc00LwZ2AnfEjAFBgMrZXAwGTEXMBUG\n"
    "A1UEAwwOcm91dGVyLmV4YW1wbGUwHhcNMjYxMTIzMDg0NTMyWhcNNDYxMTE4MDg0\n"
    "NTMyWjAZMRcwFQYDVQQDDA5yb3V0ZXIuZXhhbXBsZTAqMAUGAytlcAMhAIPsyR6F\n"
    "zkX8ZKn5euYa4mrBOp+PJo0Vkxejat6thaNEo1MwUTAdBgNVHQ4EFgQU9Z3XWbfB\n"
    "TE/ATormRLCba7jR0hswHwYDVR0jBBgwFoAU9Z3XWbfBTE/ATormRLCba7jR0hsw\n"
    "DwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQDIYMYmE7De+tA3eg+3CNG8QISl0SAZ\n"
    "/4EvWldtKp2+4DUPz6nPErGSef82Lqdr+vAj+qKmqgD64r0SNEtvgDAC\n"
    "-----END CERTIFICATE-----\n";

std::vector<std::string> shown(const Facts& facts) {
    std::vector<std::string> all;
    for (const Secret& secret : facts.secrets.rows)
        all.push_back(fmt::format("{} {} {}+{} {}", name_of(secret.kind), secret.format, secret.evidence.path.substr(13), *secret.evidence.offset, secret.evidence.excerpt));
    return all;
}
using Lines = std::vector<std::string>;

TEST(Secrets, AKeyAndItsCertificate) {
    const Facts facts = SampleDevice().file("etc/server.pem", "# both\n" + kKey + kCertificate).facts();
    EXPECT_EQ(shown(facts), Lines{"private_key PEM PKCS#8 etc/server.pem+7 -----BEGIN PRIVATE KEY-----"});
    ASSERT_EQ(facts.secrets.rows.size(), 1U);
    EXPECT_EQ(facts.secrets.rows[0].algorithm, "Ed25519");
    EXPECT_TRUE(facts.secrets.rows[0].fits_certificate);
    EXPECT_FALSE(facts.secrets.rows[0].encrypted);
    ASSERT_EQ(facts.certificates.rows.size(), 1U);
    EXPECT_EQ(facts.certificates.rows[0].subject, "CN=router.example");
    EXPECT_TRUE(facts.certificates.rows[0].self_signed);
}

TEST(Secrets, AKeyInsideAProgramIsFoundAMarkerAloneIsNot) {
    const std::string program = std::string("\177ELF\1\1\1\0-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----\0", 70);
    const Facts facts = SampleDevice()
                            .file("usr/bin/ssl", program)
                            .file("usr/bin/cloud", std::string("\177BIN\0\0", 6) + kKey + std::string("\0x", 2))
                            .file("usr/lib/libmbedtls.so.12", std::string("\177BIN\0\0", 6) + kKey)
                            .file("usr/share/doc/ssl/key.pem", kKey)
                            .file("etc/public.pem", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n")
                            .file("etc/empty.key", "")
                            .facts();
    EXPECT_EQ(shown(facts), Lines{"private_key PEM PKCS#8 usr/bin/cloud+6 -----BEGIN PRIVATE KEY-----"});
}

TEST(Secrets, DerByItsContent) {
    const auto begin = kKey.find('\n') + 1;
    const Buffer der = from_base64(std::string_view(kKey).substr(begin, kKey.find("-----END") - begin)).value();
    const auto cert_begin = kCertificate.find('\n') + 1;
    const Buffer certificate = from_base64(std::string_view(kCertificate).substr(cert_begin, kCertificate.find("-----END") - cert_begin)).value();
    const Facts facts = SampleDevice().file("etc/cert.der", as_text(certificate)).file("etc/x", as_text(certificate).substr(0, 100)).facts();
    EXPECT_EQ(facts.certificates.rows.size(), 1U);
    EXPECT_TRUE(facts.secrets.rows.empty());
    EXPECT_FALSE(der.empty());
}

TEST(Secrets, StoresOfAuthoritiesKeepOnlyTheOthers) {
    std::string bundle;
    for (int i = 0; i < 25; ++i)
        bundle += kCertificate;  // openssl's self-signed ones are authorities by their basic constraints
    const Facts facts = SampleDevice().file("etc/ssl/certs/ca-certificates.crt", bundle).facts();
    EXPECT_TRUE(facts.certificates.rows.empty());
}

TEST(Secrets, PassphrasesInConfiguration) {
    const Facts facts = SampleDevice()
                            .file("etc/hostapd.conf", "ssid=home\n#wpa_passphrase=commented\nwpa_passphrase=SunnyDay2024\n")
                            .file("etc/wpa_supplicant.conf", "network={\n\tssid=\"a\"\n\tpsk=\"OtherPass99\"\n}\n")
                            .file("etc/config/wireless", "config wifi-iface\n\toption encryption 'psk2'\n\toption key 'RouterKey77'\n")
                            .file("etc/config/rpcd", "config login\n\toption username 'root'\n\toption password '$p$root'\n")
                            .file("etc/ppp/chap-secrets", "# client server secret\nuser * PppSecret1 *\n")
                            .file("etc/httpd.conf", "A:*\n/cgi-bin:admin:WebPass12\n")
                            .file("etc/.htpasswd", "admin:$apr1$abcdefgh$0123456789012345678901\n")
                            .file("usr/share/doc/hostapd/hostapd.conf", "wpa_passphrase=documented\n")
                            .facts();
    EXPECT_EQ(shown(facts), (Lines{"password htpasswd etc/.htpasswd+0 admin:$****************1", "wifi_passphrase uci etc/config/wireless+44 option key 'R*********7'",
                                   "wifi_passphrase hostapd etc/hostapd.conf+36 wpa_passphrase=S**********4", "password httpd etc/httpd.conf+4 /cgi-bin:admin:W*******2",
                                   "password ppp etc/ppp/chap-secrets+23 user * P********1 *", "wifi_passphrase wpa_supplicant etc/wpa_supplicant.conf+20 psk=\"O*********9\""}));
}

TEST(Secrets, TokensOfExactForm) {
    const std::string aws = "AKIA2E0A8F3B244C9986";
    const std::string google = "AIzaSyA-1234567890abcdefghijklmnopqrst_";
    const std::string github = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    ASSERT_EQ(google.size(), 39U);
    ASSERT_EQ(github.size(), 40U);
    const std::string text = "key=" + aws + "; g='" + google + "' " + github + " AKIAIOSFODNN7EXAMPLE xAKIA2E0A8F3B244C9986 " + aws + "Z AIzaShort";
    const Marks marks = find_marks(as_bytes(text));
    ASSERT_EQ(marks.tokens.size(), 3U);
    EXPECT_EQ(marks.tokens[0].text, aws);
    EXPECT_EQ(marks.tokens[0].offset, 4U);
    EXPECT_EQ(marks.tokens[1].service, "Google API key");
    EXPECT_EQ(marks.tokens[2].text, github);
    EXPECT_FALSE(marks.pem);
    const Facts facts = SampleDevice().file("usr/bin/cloud.sh", text).facts();
    ASSERT_EQ(facts.secrets.rows.size(), 3U);
    EXPECT_EQ(facts.secrets.rows[0].evidence.excerpt, "A****************6");
}

TEST(Secrets, MarksAreSeenAtEveryPositionAndCut) {
    const std::string mark = "-----BEGIN RSA";
    for (std::size_t before = 0; before < 40; ++before) {
        const std::string text = std::string(before, '-') + mark;
        EXPECT_TRUE(find_marks(as_bytes(text)).pem) << before;
        EXPECT_TRUE(find_marks(as_bytes(std::string(before, 'x') + mark)).pem) << before;
    }
    for (std::size_t length = 0; length < 11; ++length)
        EXPECT_FALSE(find_marks(as_bytes(std::string_view(mark).substr(0, length))).pem);
}

TEST(Secrets, ConfigurationAtEveryCut) {
    const std::string whole = "config x 'y'\n\toption key \"abc\n\toption password '1:2:3'\na b \"c d\" e\n/x:y:z\nu:p\n";
    for (const char* path : {"/etc/config/wireless", "/etc/hostapd.conf", "/etc/ppp/chap-secrets", "/etc/httpd.conf", "/.htpasswd", "/wpa_supplicant.conf"})
        for (std::size_t length = 0; length <= whole.size(); ++length)
            EXPECT_LE(configured_secrets(path, std::string_view(whole).substr(0, length)).size(), 6U);
}

}  // namespace
}  // namespace shirushi::inspect
