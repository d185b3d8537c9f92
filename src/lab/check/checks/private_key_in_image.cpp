// SHI-KEY-001: no private key is part of the image. Every buyer of the product then holds it; one that fits a certificate of
// the image is in use, so it weighs more.
#include "check/check.hpp"

namespace shirushi::check {

extern constexpr Check private_key_in_image =
    check_reading<&Facts::secrets>("SHI-KEY-001", 1, [](const std::vector<Secret>& secrets, Report& out) {
        for (const Secret& secret : secrets) {
            if (secret.kind != SecretKind::private_key)
                continue;
            Said said{.key = "readable",
                      .names = {{"file", secret.evidence.path}, {"format", secret.format}},
                      .figures = {{"algorithm", secret.algorithm}},
                      .evidence = {secret.evidence}};
            if (secret.encrypted) {
                said.key = "encrypted";
                out.review(std::move(said));
            } else if (secret.fits_certificate) {
                said.key = "in_use";
                out.fail(std::move(said));
            } else {
                out.fail(Level::warning, std::move(said));
            }
        }
    });

}  // namespace shirushi::check
