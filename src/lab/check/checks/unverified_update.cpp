// SHI-UPD-002: an update is checked for its origin before it is used. Encrypted transport does not replace the signature: it
// says who sent the bytes, not who made them. Unknown is not failure: then a person has to look.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check unverified_update =
    check_reading<&Facts::update_mechanisms>("SHI-UPD-002", 1, [](const std::vector<UpdateMechanism>& mechanisms, Report& out) {
        for (const UpdateMechanism& mechanism : mechanisms) {
            const bool plain = mechanism.encrypted_transport == Answer::no;
            const auto said = [&](const char* key) {
                return Said{.key = key,
                            .names = {{"tool", mechanism.tool}, {"file", mechanism.evidence.path}},
                            .figures = {{"note", mechanism.note}, {"sources", joined(mechanism.sources, 3)}},
                            .evidence = {mechanism.evidence}};
            };
            if (mechanism.verifies_signature == Answer::no && plain)
                out.fail(said("plain_and_unsigned"));
            else if (mechanism.verifies_signature == Answer::no)
                out.fail(Level::warning, said("unsigned"));
            else if (mechanism.verifies_signature == Answer::yes && mechanism.keys_present == Answer::no)
                out.fail(Level::warning, said("no_keys"));
            else if (mechanism.verifies_signature == Answer::unknown)
                out.review(said(plain ? "plain_and_unknown" : "unknown"));
        }
    });

}  // namespace shirushi::check
