#pragma once
// Where an image's web servers take their pages from, by convention and by configuration, what those settings protect with a login,
// and what they give out besides.

#include <string>
#include <vector>

#include "inspect/image.hpp"

namespace shirushi::inspect::web {

struct Protection {
    std::string prefix;  ///< addresses that start with it need a login: "/cgi-bin"
    std::string note;    ///< "etc/httpd.conf: /cgi-bin", without the password
};

/// One root file system's web side.
struct Site {
    std::vector<std::string> document_roots;  ///< inner paths without a '/' at the end, longest first: "/usr/www"
    std::vector<Protection> protections;
    std::vector<WebExposure> exposures;       ///< what the settings show
};

/// `services`: what is started, for document roots that stand on a command line.
Site site_of(const Root& root, const std::vector<Service>& services);

/// The address a client asks for the file by, where it lies in this site: "/cgi-bin/ping.cgi". Empty: it does not.
std::string address_of(const Site& site, std::string_view inner_path);

/// Why a login is needed for an address; empty where the settings ask for none.
std::string protection_of(const Site& site, std::string_view address);

}  // namespace shirushi::inspect::web
