#pragma once
// Artifacts in, facts out: what the files of an image say about accounts, secrets, certificates, services started at boot,
// permissions, update mechanisms and programs. Nothing is judged here. Deterministic: the work that is spent on guessing passwords is
// bounded by an estimate of its cost, never by a clock. Uses several threads inside; safe to call from any one.

#include <cstddef>
#include <string>
#include <vector>

#include "model/facts.hpp"
#include "unpack/tree.hpp"

namespace shirushi::inspect {

/// A factory default that products are known to be shipped with. An empty user stands for any.
struct PasswordWord {
    std::string user;
    std::string password;
};

struct Words {
    std::vector<PasswordWord> default_passwords;  ///< most likely first
};

/// How much guessing may cost, in estimated seconds of one core, and in memory of one attempt; and how much machine code is looked at.
struct Budget {
    double seconds_per_hash = 0.4;     ///< all words against one hash; when it runs out, words_tried says how far it went
    double seconds_in_total = 4.0;     ///< shared evenly by all hashes of an image
    double seconds_per_attempt = 0.2;  ///< hashes that claim to cost more are not tried at all
    std::size_t bytes_per_attempt = std::size_t{64} << 20;  ///< the same for memory (yescrypt, scrypt)
    std::uint64_t bytes_of_code = std::uint64_t{24} << 20;  ///< of all programs, each content once, in order of paths; 0: nobody looks
};

/// Fills accounts, secrets, certificates, services, permissions, update_mechanisms, web_handlers, web_exposures, wireless_networks,
/// bluetooth_settings, usb_exposures, reset_mechanisms, executables and call_sites; touches no other table.
/// Tables that describe a running system stay not observed, with a gap that says why, when the image holds no root file system.
void inspect(const unpack::Tree& tree, const Words& words, const Budget& budget, Facts& facts);

}  // namespace shirushi::inspect
