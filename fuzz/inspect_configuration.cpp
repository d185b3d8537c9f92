// UCI, key-value files and the secrets they hold.
#include "base/bytes.hpp"
#include "inspect/configuration.hpp"
#include "inspect/configured_secrets.hpp"
#include "inspect/shell.hpp"
#include "inspect/uci.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace shirushi;
    const std::string_view text = as_text({data, size});
    (void)inspect::read_uci(text);
    (void)inspect::read_settings(text);
    (void)inspect::read_shell(text);
    for (const char* path : {"/etc/config/wireless", "/etc/hostapd.conf", "/etc/wpa_supplicant.conf", "/etc/ppp/chap-secrets", "/etc/httpd.conf", "/.htpasswd"})
        (void)inspect::configured_secrets(path, text);
    return 0;
}
