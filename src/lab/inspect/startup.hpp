#pragma once
// What the image's own start-up configuration runs at boot: inittab, the scripts it leads to, systemd units, procd's scripts.
// inetd's services are read separately, once inetd itself is known to run.

#include <set>
#include <string>
#include <vector>

#include "inspect/image.hpp"
#include "inspect/shell.hpp"

namespace shirushi::inspect {

struct Start {
    std::vector<std::string> arguments;  ///< program first; wrappers such as start-stop-daemon are taken off
    StartedBy started_by = StartedBy::init_script;
    bool is_service = false;  ///< by the way it is started (respawn, start-stop-daemon, procd, systemd), not only by its name
    unsigned tcp_port = 0;    ///< that a super-server listens on for it (inetd, systemd socket, tcpsvd); 0: none
    unsigned udp_port = 0;
    std::string address;      ///< of that port; empty: all
    std::string service;      ///< inetd's name for it, or the unit's
    Evidence evidence;
};

/// Everything started from one root, in the order found, at most 4,096 of them.
std::vector<Start> starts_of(const Root& root);

/// The same, with what runs at boot and does not stay.
struct StartUp {
    std::vector<Start> starts;
    std::vector<Start> once;          ///< systemd units that end by themselves
    std::set<unpack::NodeId> scripts;  ///< shell scripts that are reached
};
StartUp start_up_of(const Root& root);

/// Parts of the above, for tests and for each other.
void add_systemd_starts(const Root& root, std::vector<Start>& starts, std::vector<Start>* once = nullptr);
void add_inetd_starts(const Root& root, std::string_view file, std::vector<Start>& starts);
void add_xinetd_starts(const Root& root, std::vector<Start>& starts);

/// The program that a command runs, without wrappers; nothing when it only stops something.
struct Invocation {
    std::vector<std::string> arguments;
    bool is_service = false;
};
Invocation invocation_of(const std::vector<std::string>& words);

/// One line of an inittab(5), of System V's or BusyBox's kind.
struct InittabLine {
    std::string_view id;
    std::string_view runlevels;
    std::string_view action;
    std::string_view process;
    std::string_view line;
};
std::vector<InittabLine> read_inittab(std::string_view text);

}  // namespace shirushi::inspect
