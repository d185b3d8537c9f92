#include "inspect/password_hash.hpp"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>

#include "base/text.hpp"

namespace shirushi::inspect {
namespace {

// Seconds of one attempt with libxcrypt 4.4.33 on one 2020s server core; where the scheme has a cost, per unit of it.
constexpr double kDes = 4.5e-6;
constexpr double kExtendedDesRound = 1.25e-7;
constexpr double kMd5 = 1.15e-4;
constexpr double kSha2Round = 2.8e-7;
constexpr double kBcryptAtCostZero = 5.3e-5;
constexpr double kYescryptBlock = 1.4e-7;  // per N x r
constexpr double kScryptBlock = 2.4e-7;
constexpr double kSha1Round = 1.1e-7;
constexpr double kSunMd5Round = 1.7e-7;
constexpr double kNt = 1.1e-6;
constexpr std::size_t kMaxHash = 383;  // CRYPT_OUTPUT_SIZE without its NUL

constexpr std::string_view kAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::optional<std::uint32_t> digit(char c) {
    const auto at = kAlphabet.find(c);
    return at == std::string_view::npos ? std::nullopt : std::optional(static_cast<std::uint32_t>(at));
}

bool all_digits64(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return kAlphabet.find(c) != std::string_view::npos; });
}

/// Cuts the text up to the next '$' off the front of `rest`.
std::string_view take_part(std::string_view& rest) {
    const auto end = rest.find('$');
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return part;
}

PasswordField hash(std::string scheme, double seconds, std::size_t memory = 0) {
    return {.kind = FieldKind::hash, .scheme = std::move(scheme), .supported = true, .seconds = seconds, .memory = memory};
}

PasswordField unsupported(std::string scheme) { return {.kind = FieldKind::hash, .scheme = std::move(scheme)}; }

PasswordField sha2(std::string scheme, std::string_view rest) {
    double rounds = 5000;
    if (rest.starts_with("rounds=")) {
        rest.remove_prefix(7);
        const auto stated = to_integer<std::uint64_t>(take_part(rest));
        if (!stated)
            return unsupported(std::move(scheme));
        rounds = static_cast<double>(std::max<std::uint64_t>(*stated, 1000));
    }
    return hash(std::move(scheme), rounds * kSha2Round);
}

PasswordField bcrypt(std::string_view rest) {
    const auto cost = rest.size() >= 3 && rest[2] == '$' ? to_integer<unsigned>(rest.substr(0, 2)) : std::nullopt;
    if (!cost || *cost < 4 || *cost > 31)
        return unsupported("bcrypt");
    return hash("bcrypt", kBcryptAtCostZero * std::ldexp(1.0, static_cast<int>(*cost)));
}

PasswordField sha1(std::string_view rest) {
    const auto rounds = to_integer<std::uint32_t>(take_part(rest));
    return rounds ? hash("sha1crypt", *rounds * kSha1Round) : unsupported("sha1crypt");
}

/// "$md5$", "$md5,rounds=N$": N is added to 4096.
PasswordField sun_md5(std::string_view rest) {
    double rounds = 4096;
    if (rest.starts_with(",rounds=")) {
        rest.remove_prefix(8);
        const auto stated = to_integer<std::uint32_t>(take_part(rest));
        if (!stated)
            return unsupported("sunmd5");
        rounds += *stated;
    } else if (!rest.starts_with('$')) {
        return unsupported("sunmd5");
    }
    return hash("sunmd5", rounds * kSunMd5Round);
}

/// "_CCCCSSSS...": four base-64 digits of rounds, least significant first.
PasswordField extended_des(std::string_view rest) {
    if (rest.size() != 19 || !all_digits64(rest))
        return {};
    std::uint32_t rounds = 0;
    for (std::size_t i = 0; i < 4; ++i)
        rounds |= *digit(rest[i]) << (6 * i);
    return hash("extended-des", rounds * kExtendedDesRound);
}

/// yescrypt's numbers of variable length: the first digit says how many follow, and where their range starts.
std::optional<std::uint32_t> take_number(std::string_view& rest, std::uint32_t minimum) {
    const auto take = [&]() -> std::optional<std::uint32_t> {
        if (rest.empty())
            return std::nullopt;
        const auto value = digit(rest.front());
        rest.remove_prefix(1);
        return value;
    };
    const auto first = take();
    if (!first)
        return std::nullopt;
    std::uint32_t start = 0;
    std::uint32_t end = 47;
    std::uint32_t more = 0;
    std::uint32_t value = minimum;
    while (*first > end) {
        value += (end + 1 - start) << (6 * more);
        start = end + 1;
        end = start + (62 - end) / 2;
        if (++more > 4)
            return std::nullopt;
    }
    value += (*first - start) << (6 * more);
    while (more-- > 0) {
        const auto next = take();
        if (!next)
            return std::nullopt;
        value += *next << (6 * more);
    }
    return value;
}

/// N (as a power of two) and r; settings with p, t, g or ROM are left alone: nobody uses them and each multiplies the cost.
PasswordField yescrypt(std::string scheme, std::string_view rest) {
    std::string_view parameters = take_part(rest);
    const auto flavour = take_number(parameters, 0);
    const auto power = flavour ? take_number(parameters, 1) : std::nullopt;
    const auto block = power ? take_number(parameters, 1) : std::nullopt;
    if (!block || !parameters.empty() || *power > 30 || *block > 4096)
        return unsupported(std::move(scheme));
    const double work = std::ldexp(1.0, static_cast<int>(*power)) * *block;
    return hash(std::move(scheme), work * kYescryptBlock, static_cast<std::size_t>(work * 128));
}

/// "$7$" N rrrrr ppppp: a power of two, then two numbers of five digits, least significant first (libxcrypt's crypt(5)).
PasswordField scrypt(std::string_view rest) {
    if (rest.size() < 11 || !all_digits64(rest.substr(0, 11)))
        return unsupported("scrypt");
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 5; ++i)
            value |= *digit(rest[at + i]) << (6 * i);
        return value;
    };
    const std::uint32_t power = *digit(rest[0]);
    const std::uint32_t block = number(1);
    const std::uint32_t lanes = number(6);
    if (power > 30 || block > 4096 || lanes == 0 || lanes > 64)
        return unsupported("scrypt");
    const double work = std::ldexp(1.0, static_cast<int>(power)) * block;
    return hash("scrypt", work * lanes * kScryptBlock, static_cast<std::size_t>(work * 128));
}

PasswordField modular(std::string_view field) {
    const auto after = [&](std::string_view prefix) { return field.substr(prefix.size()); };
    if (field.starts_with("$1$"))
        return hash("md5", kMd5);
    if (field.starts_with("$5$"))
        return sha2("sha256", after("$5$"));
    if (field.starts_with("$6$"))
        return sha2("sha512", after("$6$"));
    for (const std::string_view prefix : {"$2a$", "$2b$", "$2x$", "$2y$"})
        if (field.starts_with(prefix))
            return bcrypt(after(prefix));
    if (field.starts_with("$y$"))
        return yescrypt("yescrypt", after("$y$"));
    if (field.starts_with("$gy$"))
        return yescrypt("gost-yescrypt", after("$gy$"));
    if (field.starts_with("$7$"))
        return scrypt(after("$7$"));
    if (field.starts_with("$sha1$"))
        return sha1(after("$sha1$"));
    if (field.starts_with("$md5"))
        return sun_md5(after("$md5"));
    if (field.starts_with("$3$"))
        return hash("nt", kNt);
    if (field.starts_with("$apr1$"))
        return unsupported("apr1");
    return unsupported("unknown");
}

}  // namespace

PasswordField read_password_field(std::string_view field) {
    if (field.empty())
        return {.kind = FieldKind::blank};
    if (field.starts_with('!') || field.starts_with('*')) {
        field.remove_prefix(std::min(field.find_first_not_of("!*"), field.size()));
        PasswordField behind = field.empty() ? PasswordField{} : read_password_field(field);
        return {.kind = FieldKind::locked, .scheme = behind.kind == FieldKind::hash ? behind.scheme : ""};
    }
    if (field.size() > kMaxHash || field.find('\0') != std::string_view::npos)  // crypt() would read less than is costed here
        return unsupported("unknown");
    if (field.starts_with('$'))
        return modular(field);
    if (field.starts_with('_'))
        return extended_des(field.substr(1));
    if (field.size() < 13 || !all_digits64(field))
        return {};
    if (field.size() == 13)
        return hash("des", kDes);
    if (field.size() <= 178 && (field.size() - 2) % 11 == 0)
        return hash("bigcrypt", kDes * static_cast<double>((field.size() - 2) / 11));
    return {};
}

bool word_fits(const std::string& hash, const std::string& word) {
    if (hash.size() > kMaxHash || word.size() >= CRYPT_MAX_PASSPHRASE_SIZE)
        return false;
    thread_local const auto data = std::make_unique<crypt_data>();  // 32 KiB: too much for a stack frame, and reused
    const char* result = crypt_r(word.c_str(), hash.c_str(), data.get());
    return result != nullptr && hash == result;
}

}  // namespace shirushi::inspect
