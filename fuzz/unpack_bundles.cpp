// Packages and update bundles, all in own code: rpm, RAUC with its CMS message, SWUpdate's description, and what members' names say.

#include "unpack/archives/bundle_facts.hpp"
#include "unpack/archives/rauc.hpp"
#include "unpack/archives/rpm.hpp"
#include "unpack/archives/signed_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shirushi;
    using namespace shirushi::unpack;
    const Bytes bytes(data, size);
    for (const auto& [identify, split] : {std::pair(&identify_rpm, &split_rpm), std::pair(&identify_rauc, &split_rauc)}) {
        const auto found = identify(bytes);
        if (found && found->size > size)
            __builtin_trap();
        if (found)
            (void)split(bytes.first(found->size));
    }
    if (const auto message = read_signed_message(bytes); message && message->size > size)
        __builtin_trap();
    (void)read_sw_description(bytes);
    for (const char* name : {"sw-description", "version", ".PKGINFO", "sysupgrade-x/CONTROL"}) {
        BundleFacts facts;
        facts.member(name, bytes);
        facts.member("sw-description.sig", bytes);
        (void)facts.text();
    }
    return 0;
}
