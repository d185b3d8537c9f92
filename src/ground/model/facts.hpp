#pragma once
// What was observed, without judgement: typed tables filled by unpack, sbom, vuln, inspect (later probe, robustness and
// capture) and read by checks. Every table says whether anybody looked (`observed`) and what could not be looked at (`gaps`).
// Rows are sorted by their filler, so that the same input gives the same bytes. All text is printable UTF-8.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "model/fields.hpp"
#include "model/vex.hpp"

namespace shirushi {

/// Where a fact was seen. `path` is an artifact's path inside the image's tree ("squashfs@0x120000/etc/passwd"); `offset`
/// counts bytes from the start of that artifact; `excerpt` is at most 120 printable characters of what stood there, with
/// secrets masked.
struct Evidence {
    std::string path;
    std::optional<std::uint64_t> offset;
    std::string excerpt;
    auto operator<=>(const Evidence&) const = default;
    SHIRUSHI_FIELDS(Evidence, path, offset, excerpt)
};

/// One kind of fact. `observed` false: nobody looked (then `rows` is empty). `gaps`: places that could not be looked at, in
/// words; while there are any, "no such row" does not mean "there is none".
template <class Row>
struct Table {
    bool observed = false;
    std::vector<std::string> gaps;
    std::vector<Row> rows;
    bool operator==(const Table&) const = default;
    SHIRUSHI_FIELDS(Table, observed, gaps, rows)
};

// ---- image ----------------------------------------------------------------------------------------------------------

/// `encrypted`: a format that was recognised, but nobody can look inside without a key.
enum class RegionKind { format, padding, unexplained, damaged, encrypted };
SHIRUSHI_NAMES(RegionKind, "format", "padding", "unexplained", "damaged", "encrypted")

/// What the bytes of an unexplained region look like (and of padding, what they are). `data`: tables and other mixed data;
/// `compressed`: packed in a way nobody here knows; `unknown`: the tests do not decide, for one when it is high entropy alone.
enum class RegionGuess { none, padding, text, code, data, compressed, encrypted, unknown };
SHIRUSHI_NAMES(RegionGuess, "none", "padding", "text", "code", "data", "compressed", "encrypted", "unknown")

/// How far a guess may be relied on: `high` is wrong in fewer than one of a hundred measured cases, `medium` in fewer than one of ten.
enum class GuessConfidence { none, low, medium, high };
SHIRUSHI_NAMES(GuessConfidence, "none", "low", "medium", "high")

/// A range of the image (or of a stream inside it): together the top-level regions cover every byte of the image.
struct Region {
    std::string path;  ///< of the node that holds the range; empty: the image itself
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    RegionKind kind = RegionKind::unexplained;
    std::string format;        ///< "squashfs", "uimage" ...; for padding the byte ("0xff"); empty when unexplained
    double entropy = 0;        ///< Shannon entropy in bits per byte, 0 to 8, rounded to 0.01
    std::string description;   ///< what the header says, or why it was not understood, or what a guess rests on
    RegionGuess guess = RegionGuess::none;   ///< of regions that no format explains
    std::string architecture;                ///< of code: "arm", "mips big endian" ...; empty when none fits well
    GuessConfidence confidence = GuessConfidence::none;  ///< of the guess and, where there is one, of the architecture
    bool operator==(const Region&) const = default;
    SHIRUSHI_FIELDS(Region, path, offset, size, kind, format, entropy, description, guess, architecture, confidence)
};

/// A container or stream of the image, down to file systems and archives (what these hold is in `files`): what lies in what.
struct Layer {
    std::string path;
    std::string parent;         ///< path of the container or stream it lies in or came out of; empty: the image
    RegionKind kind = RegionKind::format;  ///< format, damaged or encrypted
    std::string format;         ///< of a container; empty for a stream
    bool in_image = false;      ///< its bytes are a range of the image; otherwise they came out of a decoder
    std::uint64_t offset = 0;   ///< of its first byte in the image where `in_image`, else in its parent
    std::uint64_t size = 0;
    std::string description;
    bool operator==(const Layer&) const = default;
    SHIRUSHI_FIELDS(Layer, path, parent, kind, format, in_image, offset, size, description)
};

/// A row of a partition table that the image itself holds: of a boot loader's variables, a device tree, a kernel's command line ...
struct Partition {
    std::string device;  ///< of the flash, as the source calls it ("nand0", "/soc/spi@1000/flash@0"); tables of one device have one name
    std::string name;
    std::uint64_t offset = 0;  ///< on that device
    std::uint64_t size = 0;    ///< 0: to the device's end
    bool read_only = false;
    std::string source;     ///< where it says so: a node's path and what in it
    bool of_image = false;  ///< the image is that device from its first byte on, as far as can be seen
    bool operator==(const Partition&) const = default;
    SHIRUSHI_FIELDS(Partition, device, name, offset, size, read_only, source, of_image)
};

/// Entropy along the image: of each block of `block_size` bytes (the last may be shorter) in bits per byte, rounded to 0.01.
struct EntropyMap {
    std::uint64_t block_size = 0;
    std::vector<double> values;
    bool operator==(const EntropyMap&) const = default;
    SHIRUSHI_FIELDS(EntropyMap, block_size, values)
};

enum class FileKind { regular, directory, symlink, block_device, character_device, fifo, socket };
SHIRUSHI_NAMES(FileKind, "regular", "directory", "symlink", "block_device", "character_device", "fifo", "socket")

/// An entry of a file system or archive found in the image.
struct File {
    std::string path;
    FileKind kind = FileKind::regular;
    std::uint64_t size = 0;
    std::uint32_t mode = 0;  ///< permission bits with set-uid, set-gid and sticky: 0 to 07777
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string target;            ///< of a symbolic link, as stored
    std::optional<Digest> sha256;  ///< of a regular file's content
    bool operator==(const File&) const = default;
    SHIRUSHI_FIELDS(File, path, kind, size, mode, uid, gid, target, sha256)
};

// ---- components and advisories --------------------------------------------------------------------------------------

enum class ComponentKind { application, library, operating_system, firmware };
SHIRUSHI_NAMES(ComponentKind, "application", "library", "operating_system", "firmware")

/// How a component's name and version came to be known, most trustworthy first.
enum class ComponentSource {
    package_database,
    build_information,  ///< what a compiler or builder wrote into the program: Go's build information, Rust's audit data
    kernel_banner,
    binary_string,
    declared,  ///< a list of what is to be installed (a lock file, requirements): it need not be there
    file_name,
};
SHIRUSHI_NAMES(ComponentSource, "package_database", "build_information", "kernel_banner", "binary_string", "declared", "file_name")

/// What of a component was compiled in, for advisories that concern a part of it. An empty list: nobody could tell.
struct CompiledIn {
    std::vector<std::string> applets;        ///< of a multi-call program: "ash", "udhcpc"; sorted
    std::vector<std::string> configuration;  ///< of a kernel: "CONFIG_TUN=m", without what is not set; sorted
    std::vector<std::string> modules;        ///< of a kernel, built in: "kernel/drivers/net/tun.ko"; sorted
    bool operator==(const CompiledIn&) const = default;
    SHIRUSHI_FIELDS(CompiledIn, applets, configuration, modules)
};

struct Component {
    std::string id;       ///< permanent within one run: "busybox@1.19.4", made unique with "#2"; CycloneDX bom-ref
    std::string product;  ///< canonical name, the first column of catalogues/components.toml where known: "busybox"
    std::string name;     ///< as the source writes it: "busybox-static"
    std::string version;  ///< as the source writes it: "1:1.35.0-4+b3"; empty when unknown
    ComponentKind kind = ComponentKind::application;
    ComponentSource source = ComponentSource::binary_string;
    std::uint32_t confidence = 0;      ///< in name and version, per cent: of the best evidence
    std::string ecosystem;             ///< "dpkg", "rpm", "npm" ...: the cataloger; empty for anything not from a list of packages
    std::string source_package;        ///< the source package advisories of the distribution go by; empty outside distributions
    std::string source_version;        ///< its version; never empty where source_package is not
    std::string purl;                  ///< package-url; empty when no type fits
    std::vector<std::string> cpe;      ///< "vendor:product" pairs to match advisories by
    std::string supplier;
    std::string license;
    std::vector<Evidence> evidence;    ///< at least one
    std::optional<CompiledIn> compiled_in;
    bool operator==(const Component&) const = default;
    SHIRUSHI_FIELDS(Component, id, product, name, version, kind, source, confidence, ecosystem, source_package, source_version, purl, cpe, supplier,
                    license, evidence, compiled_in)
};

enum class MatchState {
    affected,         ///< the version is inside a vulnerable range
    version_unknown,  ///< the product has advisories, the component no version
    superseded,       ///< upstream's range says vulnerable, but the package carries a distribution's revision: see its notes
    open_ended,       ///< the record names no version in which it ends: it may have been mended since
    mended,           ///< upstream's range says vulnerable, but the distribution's own data says that this package is not
    not_compiled_in,  ///< the version is vulnerable, but the part that holds the fault was not built
};
SHIRUSHI_NAMES(MatchState, "affected", "version_unknown", "superseded", "open_ended", "mended", "not_compiled_in")

/// What became of a statement (VEX) about a match. Only an applied one counts; the others are kept so that nobody need wonder.
enum class StatementUse {
    applied,
    unexplained,         ///< not affected, but neither a justification nor words say why
    contradicted,        ///< what it rests on was observed to be otherwise
    other_version,       ///< it is about another version
    no_version,          ///< it names no version: it would hold for versions nobody looked at
    range_not_compared,  ///< its range of versions is written in a way, or for a versioning scheme, that is not known here
};
SHIRUSHI_NAMES(StatementUse, "applied", "unexplained", "contradicted", "other_version", "no_version", "range_not_compared")

/// Who states what about a match, and whether that counts.
struct MatchStatement {
    VexStatus status = VexStatus::under_investigation;
    VexJustification justification = VexJustification::none;
    std::string words;          ///< the statement's own: why it is not affected, or what to do
    std::string author;         ///< who states it; empty where the document does not say
    std::string document;       ///< the document's file name
    std::string place;          ///< in the document: "/statements/3"
    std::string timestamp;      ///< RFC 3339; empty where nobody says
    StatementUse use = StatementUse::applied;
    std::string contradiction;  ///< for contradicted: what was observed ("applet awk is among its 120")
    bool operator==(const MatchStatement&) const = default;
    SHIRUSHI_FIELDS(MatchStatement, status, justification, words, author, document, place, timestamp, use, contradiction)
};

struct AdvisoryMatch {
    std::string advisory;   ///< "CVE-2014-0160"
    std::string component;  ///< Component::id
    MatchState state = MatchState::affected;
    std::string source;     ///< whose data decided: "nvd", "debian", "kernel" ...
    std::string range;      ///< the range that matched, in words: "openssl >= 1.0.1, < 1.0.1g"
    std::string reason;     ///< for mended and not_compiled_in: what shows it ("deb/debian/bookworm/openssl: fixed in 3.0.11-1")
    std::optional<double> score;  ///< CVSS base score, v3 where there is one, else v2
    std::string vector;           ///< CVSS vector string of that score
    std::string score_source;     ///< whose score it is: "nvd", "cve" ...; empty where the snapshot does not say
    std::optional<double> epss;   ///< probability of exploitation within 30 days, 0 to 1
    std::vector<std::string> cwe;
    std::string published;                  ///< YYYY-MM-DD
    std::optional<std::string> exploited_since;  ///< date it entered CISA's list of known exploited vulnerabilities
    std::string built_part;                   ///< the part that holds the fault and was seen to be built ("awk"); empty: not known
    std::optional<MatchStatement> statement;  ///< the one that says most about it, where there are any
    bool operator==(const AdvisoryMatch&) const = default;
    SHIRUSHI_FIELDS(AdvisoryMatch, advisory, component, state, source, range, reason, score, vector, score_source, epss, cwe, published, exploited_since,
                    built_part, statement)
};

/// How an attacker reaches a component. `unknown` is for who asks about a component without a row.
enum class ExposureKind {
    listening,  ///< a service that waits for the network runs it, or loads it
    started,    ///< it runs from boot on, or what does loads it
    unknown,
    idle,  ///< nothing that the start-up configuration runs is or loads it
};
SHIRUSHI_NAMES(ExposureKind, "listening", "started", "unknown", "idle")

/// What the start-up configuration and the programs tell about a component.
struct ComponentExposure {
    std::string component;  ///< Component::id
    ExposureKind kind = ExposureKind::unknown;
    std::string service;    ///< that runs it, with its ports: "dnsmasq (udp 53)"; empty for the kernel and for idle
    std::string through;    ///< program that loads it, when it is not the service itself: "usr/sbin/lighttpd"
    bool operator==(const ComponentExposure&) const = default;
    SHIRUSHI_FIELDS(ComponentExposure, component, kind, service, through)
};

// ---- what inspect finds in the files --------------------------------------------------------------------------------

enum class PasswordState {
    none,     ///< empty field: login without password
    locked,   ///< "*", "!" and the like: no password fits
    hashed,   ///< a hash that none of the tried words fits
    guessed,  ///< a word of the shipped list fits (or the password stands there in clear)
};
SHIRUSHI_NAMES(PasswordState, "none", "locked", "hashed", "guessed")

struct Account {
    std::string name;
    std::string file;  ///< path of the passwd file it stands in
    std::uint32_t uid = 0;
    std::string shell;
    bool can_log_in = false;  ///< has a shell that is not nologin, false, sync ...
    PasswordState password = PasswordState::locked;
    std::string hash_scheme;           ///< "des", "md5", "sha256", "sha512", "bcrypt", "yescrypt" ...; empty when there is none
    std::uint32_t words_tried = 0;     ///< of the shipped default-password list
    std::uint32_t words_listed = 0;
    std::string guess;                 ///< the word that fits, masked but for the first and last character
    Evidence evidence;
    bool operator==(const Account&) const = default;
    SHIRUSHI_FIELDS(Account, name, file, uid, shell, can_log_in, password, hash_scheme, words_tried, words_listed, guess, evidence)
};

enum class SecretKind { private_key, wifi_passphrase, password, api_token };
SHIRUSHI_NAMES(SecretKind, "private_key", "wifi_passphrase", "password", "api_token")

struct Secret {
    SecretKind kind = SecretKind::private_key;
    std::string format;       ///< "PEM PKCS#8", "PEM PKCS#1 RSA", "OpenSSH", "dropbear", "DER", "hostapd", "uci" ...
    std::string algorithm;    ///< "RSA-2048", "EC P-256", "Ed25519"; empty when not a key or not readable
    bool encrypted = false;   ///< protected by a passphrase
    std::string fingerprint;  ///< lower-case hex SHA-256 of the public key (SPKI) or of the secret; equal secrets compare equal
    bool fits_certificate = false;  ///< the public key of a certificate in the same image
    Evidence evidence;
    bool operator==(const Secret&) const = default;
    SHIRUSHI_FIELDS(Secret, kind, format, algorithm, encrypted, fingerprint, fits_certificate, evidence)
};

struct Certificate {
    std::string subject;  ///< RFC 2253 form
    std::string issuer;
    std::string not_before;  ///< YYYY-MM-DD
    std::string not_after;
    std::string key;                  ///< "RSA-1024"
    std::string signature_algorithm;  ///< "sha1WithRSAEncryption"
    bool self_signed = false;
    bool authority = false;  ///< basicConstraints CA
    Digest sha256;           ///< of the DER form
    Evidence evidence;
    bool operator==(const Certificate&) const = default;
    SHIRUSHI_FIELDS(Certificate, subject, issuer, not_before, not_after, key, signature_algorithm, self_signed, authority, sha256, evidence)
};

enum class StartedBy { inittab, init_script, rc_local, systemd, inetd, procd };
SHIRUSHI_NAMES(StartedBy, "inittab", "init_script", "rc_local", "systemd", "inetd", "procd")

struct Endpoint {
    std::string transport;  ///< "tcp" or "udp"
    std::uint32_t port = 0;
    std::string address;    ///< bound address as configured; empty: all
    bool operator==(const Endpoint&) const = default;
    SHIRUSHI_FIELDS(Endpoint, transport, port, address)
};

/// A program that the image's own start-up configuration runs at boot.
struct Service {
    std::string name;      ///< "telnetd"
    std::string protocol;  ///< "telnet", "ftp", "tftp", "ssh", "http", "https", "mqtt", "snmp", "upnp", "dns" ...; empty: not known
    std::string command;   ///< as configured, secrets masked
    StartedBy started_by = StartedBy::init_script;
    bool program_present = false;  ///< the program (or its busybox applet) is in the image
    bool authenticates = true;     ///< false where the configuration turns logins off ("telnetd -l /bin/sh", anonymous FTP ...)
    std::string authentication_note;  ///< why `authenticates` is false
    std::vector<Endpoint> endpoints;
    Evidence evidence;
    bool operator==(const Service&) const = default;
    SHIRUSHI_FIELDS(Service, name, protocol, command, started_by, program_present, authenticates, authentication_note, endpoints, evidence)
};

enum class PermissionKind { setuid_root, setgid_root, world_writable_file, world_writable_directory, sensitive_readable };
SHIRUSHI_NAMES(PermissionKind, "setuid_root", "setgid_root", "world_writable_file", "world_writable_directory", "sensitive_readable")

/// A file whose permissions matter. world_writable_directory: without the sticky bit. sensitive_readable: a private key or
/// shadow file that any account may read.
struct Permission {
    PermissionKind kind = PermissionKind::setuid_root;
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    bool expected = false;  ///< a program known to need it (su, passwd, ping ...)
    Evidence evidence;
    bool operator==(const Permission&) const = default;
    SHIRUSHI_FIELDS(Permission, kind, mode, uid, expected, evidence)
};

enum class Answer { no, yes, unknown };
SHIRUSHI_NAMES(Answer, "no", "yes", "unknown")

struct UpdateMechanism {
    std::string tool;                  ///< "opkg", "apt", "swupdate", "rauc", "mender", "sysupgrade", "script"
    std::vector<std::string> sources;  ///< URLs it fetches from, as configured
    Answer encrypted_transport = Answer::unknown;  ///< every source is https or the like
    Answer verifies_signature = Answer::unknown;
    Answer keys_present = Answer::unknown;  ///< verification keys are in the image
    std::string note;                  ///< what the answers rest on
    Evidence evidence;
    bool operator==(const UpdateMechanism&) const = default;
    SHIRUSHI_FIELDS(UpdateMechanism, tool, sources, encrypted_transport, verifies_signature, keys_present, note, evidence)
};

// ---- web interface --------------------------------------------------------------------------------------------------

enum class WebLanguage { shell, lua, php, perl, python, html, compiled };
SHIRUSHI_NAMES(WebLanguage, "shell", "lua", "php", "perl", "python", "html", "compiled")

/// What data of a request can reach: a command line, a database query, the name of a file, the page that is answered.
enum class WebSink { command, sql, file, output };
SHIRUSHI_NAMES(WebSink, "command", "sql", "file", "output")

/// What stands between a request's data and a sink. `unclear`: a test, a function or a quoting whose worth cannot be told from the text.
enum class WebGuard { none, unclear };
SHIRUSHI_NAMES(WebGuard, "none", "unclear")

/// Data of a request that reaches a sink inside one file. What is quoted, converted or compared as it should be has no row.
struct WebFlow {
    WebSink sink = WebSink::command;
    WebGuard guard = WebGuard::none;
    std::string input;       ///< where the data comes from: "QUERY_STRING", "$_GET", "luci.http.formvalue"
    std::string through;     ///< what receives it: "eval", "system", "io.popen"
    std::uint32_t line = 0;  ///< of the sink, from 1
    Evidence evidence;
    bool operator==(const WebFlow&) const = default;
    SHIRUSHI_FIELDS(WebFlow, sink, guard, input, through, line, evidence)
};

/// A script, page with a form, or program below a web root that a client can call.
struct WebHandler {
    std::string path;
    std::string address;  ///< as a client asks for it: "/cgi-bin/ping.cgi"; of a LuCI controller its first entry
    WebLanguage language = WebLanguage::shell;
    std::vector<std::string> inputs;  ///< what it takes from the request, sorted
    bool changes_state = false;       ///< it sets, writes or restarts something
    std::string change;               ///< what shows that
    Answer checks_origin = Answer::unknown;  ///< a token, Referer or Origin is looked at; of a page: a form carries a token
    Answer authenticates = Answer::unknown;  ///< it, or the server for its address, asks who calls
    std::string authentication_note;         ///< what that answer rests on
    std::vector<WebFlow> flows;
    Evidence evidence;
    bool operator==(const WebHandler&) const = default;
    SHIRUSHI_FIELDS(WebHandler, path, address, language, inputs, changes_state, change, checks_origin, authenticates, authentication_note, flows,
                    evidence)
};

enum class WebExposureKind { debug_page, command_page, leftover, version_control, directory_listing, version_banner, scripts_anywhere };
SHIRUSHI_NAMES(WebExposureKind, "debug_page", "command_page", "leftover", "version_control", "directory_listing", "version_banner", "scripts_anywhere")

/// What a web server would give out or run beyond its pages. debug_page: shows the inside of the product; command_page: made to run
/// what is typed in; leftover: an editor's or a person's copy of a file; scripts_anywhere: what is uploaded may be run.
struct WebExposure {
    WebExposureKind kind = WebExposureKind::leftover;
    std::string address;  ///< below the web root; of a server's settings the server's name
    Evidence evidence;
    bool operator==(const WebExposure&) const = default;
    SHIRUSHI_FIELDS(WebExposure, kind, address, evidence)
};

// ---- radio, USB, reset ------------------------------------------------------------------------------------------------

enum class WirelessRole { access_point, station };
SHIRUSHI_NAMES(WirelessRole, "access_point", "station")

/// The schemes that a wireless network's configuration offers or accepts, as the Wi-Fi Alliance calls them. wpa_wpa2, wpa2_wpa3: either
/// is taken; owe: Enhanced Open; unknown: the configuration does not say, or in words that are not known here.
enum class WirelessSecurity { open, wep, wpa, wpa_wpa2, wpa2, wpa2_wpa3, wpa3, owe, unknown };
SHIRUSHI_NAMES(WirelessSecurity, "open", "wep", "wpa", "wpa_wpa2", "wpa2", "wpa2_wpa3", "wpa3", "owe", "unknown")

/// A wireless network that the image is configured to offer or to join (IEEE 802.11).
struct WirelessNetwork {
    WirelessRole role = WirelessRole::access_point;
    std::string ssid;           ///< empty: not told, or made when the product runs
    std::string interface;      ///< "wlan0", "radio0"; empty: not told
    std::string configuration;  ///< "hostapd", "wpa_supplicant", "uci", "nvram"
    WirelessSecurity security = WirelessSecurity::unknown;
    Answer tkip = Answer::unknown;               ///< yes: among its ciphers; no: others are named; unknown: none is, and the program's default holds
    Answer frames_protected = Answer::unknown;   ///< management frames (802.11w): no where turned off, or off as nothing turns it on
    Answer wps_pin = Answer::unknown;            ///< a device can enrol by a PIN (Wi-Fi Protected Setup)
    Answer in_use = Answer::unknown;             ///< yes: it is active by the product's own start-up or defaults; no: switched off, or only an example
    std::string note;                            ///< what that rests on
    Evidence evidence;
    bool operator==(const WirelessNetwork&) const = default;
    SHIRUSHI_FIELDS(WirelessNetwork, role, ssid, interface, configuration, security, tkip, frames_protected, wps_pin, in_use, note, evidence)
};

/// What about pairing or about the link a setting weakens.
enum class BluetoothSettingKind {
    fixed_pin,               ///< legacy pairing is answered with one PIN
    simple_pairing_off,      ///< Secure Simple Pairing is turned off: only legacy pairing by PIN is left
    secure_connections_off,  ///< Secure Connections are turned off
    just_works,              ///< an agent agrees to every pairing, without anything shown or asked
    repairing_unasked,       ///< a known device may pair anew without anybody agreeing
    always_discoverable,     ///< it answers to every search, for ever
    link_security_off,       ///< a profile is served without authentication or encryption of the link
    unbonded_input,          ///< keyboards and the like are taken without a bond
};
SHIRUSHI_NAMES(BluetoothSettingKind, "fixed_pin", "simple_pairing_off", "secure_connections_off", "just_works", "repairing_unasked",
               "always_discoverable", "link_security_off", "unbonded_input")

struct BluetoothSetting {
    BluetoothSettingKind kind = BluetoothSettingKind::fixed_pin;
    std::string setting;              ///< what says so: "SecureConnections = off", "btmgmt ssp off", PINs masked
    Answer in_use = Answer::unknown;  ///< yes: its reader, or the script that it stands in, is started at boot
    Evidence evidence;
    bool operator==(const BluetoothSetting&) const = default;
    SHIRUSHI_FIELDS(BluetoothSetting, kind, setting, in_use, evidence)
};

enum class UsbExposureKind {
    class_driver,      ///< a kernel module that serves devices of a class
    gadget_function,   ///< the product itself appears to a host as such a device
    authorization,     ///< what decides which devices may be used
    storage_mounted,   ///< storage is mounted when it is plugged in
    storage_executed,  ///< a file on storage is run
    storage_update,    ///< firmware is taken from storage
    console,           ///< a login or shell on a serial line over USB
    debug_bridge,      ///< Android's debug bridge (adb)
};
SHIRUSHI_NAMES(UsbExposureKind, "class_driver", "gadget_function", "authorization", "storage_mounted", "storage_executed", "storage_update",
               "console", "debug_bridge")

/// What can be reached through USB.
struct UsbExposure {
    UsbExposureKind kind = UsbExposureKind::class_driver;
    std::string name;                  ///< of a class or function: "Mass Storage"; of a file, line or program: as configured
    Answer guarded = Answer::unknown;  ///< devices: by an allow-list; mounted: noexec; run or taken: a signature is checked; console: asks for a login
    Answer in_use = Answer::unknown;   ///< yes: start-up or an event (udev, mdev, hotplug) leads there
    Evidence evidence;
    bool operator==(const UsbExposure&) const = default;
    SHIRUSHI_FIELDS(UsbExposure, kind, name, guarded, in_use, evidence)
};

/// A script or tool that takes the product back to its factory state.
struct ResetMechanism {
    std::string name;                 ///< "firstboot", "factory_reset.sh"
    std::vector<std::string> erases;  ///< "/overlay", "/data/config", "mtd rootfs_data", "nvram"; sorted
    std::vector<std::string> leaves;  ///< of the places where the image keeps data: those that nothing in it reaches; sorted
    Answer complete = Answer::unknown;  ///< no: some are left for certain; yes: all places that are known are reached; unknown: it also runs what was not read
    std::string note;                   ///< what was not read: a program, a variable's value
    Evidence evidence;
    bool operator==(const ResetMechanism&) const = default;
    SHIRUSHI_FIELDS(ResetMechanism, name, erases, leaves, complete, note, evidence)
};

// ---- ELF ------------------------------------------------------------------------------------------------------------

enum class ElfKind { executable, shared_library, relocatable, kernel_module };
SHIRUSHI_NAMES(ElfKind, "executable", "shared_library", "relocatable", "kernel_module")

enum class Relro { none, partial, full };
SHIRUSHI_NAMES(Relro, "none", "partial", "full")

/// One ELF file's hardening. `nx` is unknown where the CPU's convention has no PT_GNU_STACK (MIPS with old toolchains);
/// `canary` and `fortified` are unknown where the file is static and stripped.
struct Executable {
    std::string path;
    Digest sha256;
    std::string machine;  ///< "arm", "aarch64", "mips", "mipsel", "x86-64" ...
    std::uint32_t bits = 32;
    bool big_endian = false;
    ElfKind kind = ElfKind::executable;
    bool dynamic = false;
    bool stripped = false;
    Answer pie = Answer::unknown;  ///< for executables; yes for shared libraries
    Answer nx = Answer::unknown;
    Relro relro = Relro::none;
    Answer canary = Answer::unknown;
    Answer fortified = Answer::unknown;
    std::vector<std::string> fortifiable;  ///< imported functions that FORTIFY would have replaced
    std::vector<std::string> dangerous;    ///< imported functions that cannot be used safely, or start a shell: sorted
    std::string run_path;                  ///< DT_RPATH or DT_RUNPATH
    std::vector<std::string> needed;       ///< DT_NEEDED
    bool operator==(const Executable&) const = default;
    SHIRUSHI_FIELDS(Executable, path, sha256, machine, bits, big_endian, kind, dynamic, stripped, pie, nx, relro, canary, fortified,
                    fortifiable, dangerous, run_path, needed)
};

// ---- calls in programs ----------------------------------------------------------------------------------------------

/// What is wrong about a call, each after the CWE that it is an instance of.
enum class CallWeakness {
    unbounded_copy,        ///< CWE-121, CWE-787: text of any length into a buffer on the stack
    unchecked_length,      ///< CWE-787: as much into a buffer on the stack as the input says
    over_read,             ///< CWE-125: as much out of a buffer on the stack as the input says
    size_overflow,         ///< CWE-190: the size of an allocation is calculated from a number that nobody limited
    unchecked_allocation,  ///< CWE-476: the result is used where it may be null
    use_after_free,        ///< CWE-416, CWE-415: used, or freed again, after it was freed
    command_injection,     ///< CWE-78: a shell is given text that is not the program's own
    format_string,         ///< CWE-134: a format that is not the program's own
};
SHIRUSHI_NAMES(CallWeakness, "unbounded_copy", "unchecked_length", "over_read", "size_overflow", "unchecked_allocation", "use_after_free",
               "command_injection", "format_string")

/// How far a call site may be relied on: `certain` is data from outside and no check anywhere in the function, `likely` was
/// right in nine of ten of our samples (not measured on others' programs), `possible` takes a person who looks at the callers.
enum class CallConfidence { possible, likely, certain };
SHIRUSHI_NAMES(CallConfidence, "possible", "likely", "certain")

/// Where the data that decide about a call come from, as far as the function that makes it shows.
enum class DataOrigin {
    unknown,
    argument,      ///< of the function, or memory that one points to
    input,         ///< of a call that reads: recv, fgets, getenv ...
    command_line,  ///< of the program
    memory,        ///< of the program: nobody followed how it got there
    allocation,    ///< the result of a call that allocates or opens
};
SHIRUSHI_NAMES(DataOrigin, "unknown", "argument", "input", "command_line", "memory", "allocation")

/// A call that looks wrong, in a program's code.
struct CallSite {
    std::string path;
    std::string machine;        ///< as in `executables`
    std::string function;       ///< that makes the call: its symbol, else its address ("0x4012a0")
    std::uint64_t address = 0;  ///< of the instruction
    std::string callee;         ///< "strcpy"; empty where the instruction itself uses the memory
    CallWeakness weakness = CallWeakness::unbounded_copy;
    CallConfidence confidence = CallConfidence::possible;
    DataOrigin origin = DataOrigin::unknown;
    std::string origin_call;                    ///< the library function that the data, or the pointer, came through: "recv", "malloc", "free"
    std::uint64_t origin_address = 0;           ///< of that call; 0 where there is none
    std::optional<std::uint64_t> buffer_bytes;  ///< from the buffer's start to the end of the function's frame: it is no larger
    std::vector<std::string> disassembly;       ///< the instructions up to the call, at most six
    bool operator==(const CallSite&) const = default;
    SHIRUSHI_FIELDS(CallSite, path, machine, function, address, callee, weakness, confidence, origin, origin_call, origin_address, buffer_bytes,
                    disassembly)
};

// ---- declared by the maker ------------------------------------------------------------------------------------------

/// Whether the product has an interface or function at all: `unknown` where product.toml does not say.
struct DeclaredInterfaces {
    Answer ethernet = Answer::unknown;
    Answer wifi = Answer::unknown;
    Answer bluetooth = Answer::unknown;
    Answer usb = Answer::unknown;
    Answer web_interface = Answer::unknown;
    Answer sql_database = Answer::unknown;
    bool operator==(const DeclaredInterfaces&) const = default;
    SHIRUSHI_FIELDS(DeclaredInterfaces, ethernet, wifi, bluetooth, usb, web_interface, sql_database)
};

/// A service that product.toml says the product offers.
struct DeclaredService {
    std::string transport;  ///< "tcp" or "udp"
    std::uint32_t port = 0;
    std::string protocol;
    std::string purpose;
    bool operator==(const DeclaredService&) const = default;
    SHIRUSHI_FIELDS(DeclaredService, transport, port, protocol, purpose)
};

struct Image {
    std::string name;  ///< file name without folders
    std::uint64_t size = 0;
    Digest sha256;
    bool operator==(const Image&) const = default;
    SHIRUSHI_FIELDS(Image, name, size, sha256)
};

/// The state of the advisory data a run was matched against.
struct SnapshotInfo {
    std::string date;  ///< YYYY-MM-DD, the newest record in it
    Digest sha256;
    std::uint64_t advisories = 0;
    std::string epss_date;  ///< YYYY-MM-DD of the EPSS scores in it; empty: it has none
    bool operator==(const SnapshotInfo&) const = default;
    SHIRUSHI_FIELDS(SnapshotInfo, date, sha256, advisories, epss_date)
};

struct Facts {
    std::optional<Image> image;
    std::optional<SnapshotInfo> snapshot;
    std::optional<EntropyMap> entropy_map;
    Table<Region> regions;
    Table<Layer> layers;
    Table<Partition> partitions;
    Table<File> files;
    Table<Component> components;
    Table<AdvisoryMatch> advisory_matches;
    Table<ComponentExposure> exposures;
    Table<Account> accounts;
    Table<Secret> secrets;
    Table<Certificate> certificates;
    Table<Service> services;
    Table<Permission> permissions;
    Table<UpdateMechanism> update_mechanisms;
    Table<WebHandler> web_handlers;
    Table<WebExposure> web_exposures;
    Table<WirelessNetwork> wireless_networks;
    Table<BluetoothSetting> bluetooth_settings;
    Table<UsbExposure> usb_exposures;
    Table<ResetMechanism> reset_mechanisms;
    Table<Executable> executables;
    Table<CallSite> call_sites;
    Table<DeclaredService> declared_services;
    Table<DeclaredInterfaces> declared_interfaces;  ///< one row where product.toml was read
    std::vector<std::string> notes;  ///< what could not be read, limits reached
    bool operator==(const Facts&) const = default;
    SHIRUSHI_FIELDS(Facts, image, snapshot, entropy_map, regions, layers, partitions, files, components, advisory_matches, exposures, accounts, secrets,
                    certificates, services, permissions, update_mechanisms, web_handlers, web_exposures, wireless_networks, bluetooth_settings,
                    usb_exposures, reset_mechanisms, executables, call_sites, declared_services, declared_interfaces, notes)
};

}  // namespace shirushi
