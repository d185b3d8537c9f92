#include "declaration/declaration.hpp"

#include <gtest/gtest.h>

namespace shirushi::declaration {
namespace {

Product sample() {
    Product product{.vendor = "Example \"K.K.\"", .model = "R-1\\x", .version = "1.0\n\t\x01\x7f", .field = "iot-gateway", .contact = "psirt@example.jp",
                    .support_until = "2030-03-31"};
    product.interfaces.wifi = Answer::yes;
    product.interfaces.sql_database = Answer::no;
    product.services = std::vector<DeclaredService>{{"tcp", 443, "https", "設定画面"}, {"udp", 53, "dns", ""}};
    product.observations = {{"C-2", "source-analysis", true, Method::examine, "山田 太郎", "2026-11-01", "no finding left", "sast.pdf"},
                            {"B-1", "", false, Method::test, "A. Tester", "2026-11-02", "port 23 answers", ""}};
    product.scope = Scope{.reach = Reach::movable, .reason = "it has a network port"};
    product.system = {{"hub", 2, "JP-1"}, {"sensor", 0, ""}};
    product.uses = {{.name = "shutter", .incident = "it opens at night", .place = {Recovery::serious, Impact::limited, "burglary"}, .likelihood = Likelihood::medium,
                     .residual = Placement{Recovery::limited, Impact::limited, "seen at once"}, .measures = {{Viewpoint::operators, "owner", "a camera"}, {Viewpoint::society, "insurer", "cover"}}},
                    {.name = "lamp", .incident = "it blinks", .place = {Recovery::limited, Impact::limited, "a nuisance"}}};
    return product;
}

constexpr std::string_view small = R"(vendor = "v"
model = "m"
version = "1"
[interfaces]
wifi = false
[[services]]
transport = "tcp"
port = 443
protocol = "https"
[[observations]]
requirement = "B-1"
conforms = true
method = "test"
person = "p"
date = 2026-11-01
reason = "r"
)";

std::string complaint(std::string_view from, std::string_view to) {
    std::string text(small);
    text.replace(text.find(from), from.size(), to);
    const auto result = read(text, "product.toml");
    return result ? "read" : result.error().message;
}

TEST(Declaration, ReadsBackWhatItWrites) {
    Product product = sample();
    const auto check = [&] {
        const auto again = read(write(product), "product.toml");
        ASSERT_TRUE(again.has_value()) << again.error().message;
        EXPECT_EQ(*again, product);
    };
    check();
    product.services = std::vector<DeclaredService>{};
    check();
    product.services.reset();
    product.observations.clear();
    product.support_until.clear();
    check();
}

TEST(Declaration, TakesBooleansAndDatesAsTomlWritesThem) {
    const auto product = read(small, "product.toml");
    ASSERT_TRUE(product.has_value()) << product.error().message;
    EXPECT_EQ(product->interfaces.wifi, Answer::no);
    EXPECT_EQ(product->interfaces.usb, Answer::unknown);
    EXPECT_EQ(product->observations.at(0).date, "2026-11-01");
}

TEST(Declaration, ErrorsNameFileLineAndCure) {
    EXPECT_EQ(complaint("wifi", "wify"), "product.toml:5: unknown key \"wify\"; did you mean \"wifi\"?");
    EXPECT_EQ(complaint("model", "zzz"), "product.toml:2: unknown key \"zzz\"; known keys are vendor, model, version, field, contact, support_until, "
                                         "interfaces, services, observations, scope, system, uses");
    EXPECT_EQ(complaint("model = \"m\"", ""), "product.toml:1: the file lacks \"model\"; add it");
    EXPECT_EQ(complaint("\"m\"", "\" \""), "product.toml:2: model is empty; fill it in");
    EXPECT_EQ(complaint("false", "\"maybe\""), "product.toml:5: wifi must be one of \"no\", \"yes\", \"unknown\"");
    EXPECT_EQ(complaint("\"tcp\"", "\"sctp\""), "product.toml:7: transport must be \"tcp\" or \"udp\"");
    EXPECT_EQ(complaint("443", "0"), "product.toml:8: port must be from 1 to 65535");
    EXPECT_EQ(complaint("443", "-1"), "product.toml:8: port must be a whole number from 0 to 4294967295");
    EXPECT_EQ(complaint("443", "\"443\""), "product.toml:8: port must be a whole number from 0 to 4294967295");
    EXPECT_EQ(complaint("\"test\"", "\"examine\""), "product.toml:10: method \"examine\" needs the document that was read; add document = \"...\"");
    EXPECT_EQ(complaint("2026-11-01", "\"2026-11-31\""), "product.toml:15: date \"2026-11-31\" is no date; write it as 2027-03-31");
    EXPECT_EQ(complaint("person = \"p\"", ""), "product.toml:10: observations lacks \"person\"; add it");
    EXPECT_EQ(complaint("[[observations]]", "[[services]]\ntransport = \"tcp\"\nport = 443\nprotocol = \"x\"\n[[observations]]"),
              "product.toml:10: port 443/tcp is declared twice; remove one");
    EXPECT_TRUE(complaint("version", "version =").starts_with("product.toml:3: not TOML: "));
}

TEST(Declaration, ScopeSystemAndUsesAreReadStrictly) {
    const auto complains = [](std::string_view more) {
        const auto result = read("vendor = \"v\"\nmodel = \"m\"\nversion = \"1\"\n" + std::string(more), "p");
        return result ? "read" : result.error().message;
    };
    EXPECT_EQ(complains("[scope]\nreach = \"movable\"\n"), "read");
    EXPECT_EQ(complains("[scope]\nreach = \"isolated\"\n"), "p:4: reach \"isolated\" needs a reason: why the product cannot come into a network; add reason = \"...\"");
    EXPECT_EQ(complains("[scope]\nreach = \"far\"\n"), "p:5: reach must be one of \"wan\", \"beside_wan\", \"movable\", \"isolated\"");
    EXPECT_EQ(complains("[[system]]\nname = \"hub\"\nlevel = 4\n"), "p:6: level must be from 0 (not certified) to 3");
    const std::string use = "[[uses]]\nname = \"n\"\nincident = \"i\"\n";
    const std::string place = "[uses.place]\nrecovery = \"fatal\"\nimpact = \"limited\"\nreason = \"r\"\n";
    EXPECT_EQ(complains(use + place), "read");
    EXPECT_EQ(complains(use), "p:4: uses lacks \"place\"; add it");
    EXPECT_EQ(complains(use + "[uses.place]\nrecovery = \"fatal\"\nimpact = \"limited\"\nreason = \" \"\n"), "p:10: reason is empty; fill it in");
    EXPECT_EQ(complains(use + place + "[uses.residual]\nrecovery = \"limited\"\nimpact = \"limited\"\nreason = \"r\"\n"),
              "p:11: what is left after measures needs the measures; add [[uses.measures]]");
    EXPECT_EQ(complains(use + place + "[[uses.measures]]\nviewpoint = \"society\"\nstakeholder = \"\"\nwhat = \"w\"\n"), "p:13: stakeholder is empty; fill it in");
}

TEST(Declaration, EveryTruncationIsAnswered) {
    const std::string text = write(sample());
    for (std::size_t length = 0; length <= text.size(); ++length)
        if (const auto result = read(std::string_view(text).substr(0, length), "p"); !result) {
            EXPECT_TRUE(result.error().message.starts_with("p:")) << length << " " << result.error().message;
        }
}

TEST(Declaration, RefusesWhatIsTooBig) { EXPECT_EQ(read(std::string((1U << 20U) + 1, ' '), "p").error().code, Errc::limit); }

}  // namespace
}  // namespace shirushi::declaration
