// USB of one root: which classes its kernel modules serve, what decides about devices, and consoles and debug bridges over it.
// What happens to storage that is plugged in is in usb_storage.cpp.

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/daemons.hpp"
#include "inspect/interfaces/interfaces.hpp"
#include "inspect/interfaces/usb_storage.hpp"

namespace shirushi::inspect::interfaces {
namespace {

using unpack::NodeId;
using Words = std::vector<std::string>;

struct ClassModule {
    std::string_view module;  ///< with '_' for '-'
    std::string_view name;    ///< of the class, as the USB Implementers Forum lists it, with the subclass where it matters
};

/// Sorted by module.
constexpr auto kClassModules = std::to_array<ClassModule>({
    {"asix", "Network (vendor)"}, {"ath3k", "Bluetooth"}, {"ax88179_178a", "Network (vendor)"}, {"btusb", "Bluetooth"}, {"cdc_acm", "CDC-ACM"}, {"cdc_eem", "CDC-Network"},
    {"cdc_ether", "CDC-Network"}, {"cdc_mbim", "CDC-Network"}, {"cdc_ncm", "CDC-Network"}, {"cdc_wdm", "CDC-Network"}, {"ch341", "Serial (vendor)"}, {"cp210x", "Serial (vendor)"},
    {"ftdi_sio", "Serial (vendor)"}, {"option", "Serial (vendor)"}, {"pl2303", "Serial (vendor)"}, {"qmi_wwan", "CDC-Network"}, {"r8152", "Network (vendor)"}, {"rndis_host", "CDC-Network"},
    {"snd_usb_audio", "Audio"}, {"uas", "Mass Storage"}, {"usb_storage", "Mass Storage"}, {"usbhid", "HID"}, {"usblp", "Printer"}, {"usbnet", "CDC-Network"}, {"usbserial", "Serial (vendor)"},
    {"usbtmc", "Test and Measurement"}, {"uvcvideo", "Video"},
});
static_assert(std::ranges::is_sorted(kClassModules, {}, &ClassModule::module));

/// "/lib/modules/6.1/usb-storage.ko.xz" -> "usb_storage".
std::string module_of(std::string_view path) {
    std::string name(base_name(path).substr(0, 64));
    name = name.substr(0, name.find(".ko"));
    std::ranges::replace(name, '-', '_');
    return name;
}

std::string_view class_of(std::string_view module) {
    const auto at = std::ranges::lower_bound(kClassModules, module, {}, &ClassModule::module);
    return at != kClassModules.end() && at->module == module ? at->name : std::string_view();
}

bool is_usb_line(std::string_view word) { return word.find("ttyUSB") != std::string_view::npos || word.find("ttyACM") != std::string_view::npos || word.find("ttyGS") != std::string_view::npos; }
bool is_shell(std::string_view program) { return program == "sh" || program == "ash" || program == "bash" || program == "dash"; }

class Usb {
public:
    Usb(const Surroundings& around, std::vector<UsbExposure>& rows) : around_(&around), root_(around.root), rows_(&rows) {}

    void add(UsbExposureKind kind, std::string name, Answer guarded, Answer in_use, Evidence evidence) {
        if (rows_->size() < max_rows)
            rows_->push_back({.kind = kind, .name = std::move(name), .guarded = guarded, .in_use = in_use, .evidence = std::move(evidence)});
    }

    /// One row for each class, at the first module that serves it.
    void modules() {
        std::map<std::string_view, std::pair<Answer, Evidence>> classes;
        for (const NodeId id : around_->files) {
            const std::string inner = root_->inner_path(id);
            if (inner.find("/lib/modules/") == std::string::npos)
                continue;
            if (inner.find(".ko") != std::string::npos) {
                if (const std::string_view name = class_of(module_of(inner)); !name.empty())
                    classes.try_emplace(name, Answer::unknown, Evidence{.path = root_->tree().path(id), .offset = std::nullopt, .excerpt = ""});
            } else if (base_name(inner) == "modules.builtin") {
                const std::string_view text = text_of(root_->tree(), id);
                for (const std::string_view line : lines_of(text))
                    if (const std::string_view name = class_of(module_of(trimmed(line))); !name.empty())
                        classes.insert_or_assign(name, std::pair(Answer::yes, Evidence{.path = root_->tree().path(id), .offset = offset_in(text, line), .excerpt = excerpt(trimmed(line))}));
            }
        }
        for (auto& [name, found] : classes)
            add(UsbExposureKind::class_driver, std::string(name), Answer::unknown, found.first, std::move(found.second));
    }

    void authorization() {
        usbguard();
        for (const NodeId id : around_->files) {
            const std::string inner = root_->inner_path(id);
            const bool rules = inner.ends_with(".rules") && inner.find("/udev/rules.d/") != std::string::npos;
            const bool parameters = inner.starts_with("/etc/modprobe.d/") || inner == "/etc/modprobe.conf" || inner.ends_with("/cmdline.txt") || inner.ends_with("/extlinux.conf") ||
                                    inner.ends_with("/grub.cfg") || inner.ends_with("/uEnv.txt") || inner == "/etc/kernel/cmdline";
            if (!rules && !parameters)
                continue;
            const std::string_view text = text_of(root_->tree(), id);
            for (const std::string_view line : lines_of(text)) {
                if (trimmed(line).starts_with('#'))
                    continue;
                const Answer guarded = rules ? by_rule(line) : by_parameter(line);
                if (guarded != Answer::unknown)
                    add(UsbExposureKind::authorization, rules ? "udev" : "authorized_default", guarded, Answer::yes,
                        {.path = root_->tree().path(id), .offset = offset_in(text, line), .excerpt = excerpt(trimmed(line))});
            }
        }
    }

    void consoles() {
        const auto inittab = root_->find("etc/inittab");
        if (const auto text = root_->text("etc/inittab"))
            for (const InittabLine& line : read_inittab(*text)) {
                const bool runs = line.action == "respawn" || line.action == "askfirst" || line.action == "once" || line.action == "sysinit" || line.action == "wait";
                if (runs && (is_usb_line(line.id) || is_usb_line(line.process)))
                    for (const ShellCommand& command : read_shell(line.process).commands)
                        console(invocation_of(command.words).arguments, line.id, line.process, Answer::yes,
                                {.path = root_->tree().path(*inittab), .offset = offset_in(*text, line.line), .excerpt = excerpt(line.line)});
            }
        for (const Script& script : around_->scripts)
            for (const ShellCommand& command : script.shell.commands)
                if (command.at_start && is_usb_line(command.line))
                    console(plain(command.words), "", command.line, script.in_use(), script.evidence(command.line));
        units();
    }

    void gadgets() {
        for (const Script& script : around_->scripts)
            for (const ShellCommand& command : script.shell.commands)
                if (command.at_start)
                    gadget_command(invocation_of(command.words).arguments, command.line, script);
        for (const NodeId id : around_->files) {
            const std::string inner = root_->inner_path(id);
            if (inner != "/etc/modules" && !inner.starts_with("/etc/modules-load.d/") && !inner.starts_with("/etc/modules.d/"))
                continue;
            const std::string_view text = text_of(root_->tree(), id);
            for (const std::string_view line : lines_of(text))
                if (const std::vector<std::string_view> words = words_of(line); !words.empty() && is_gadget(words[0]))
                    add(UsbExposureKind::gadget_function, std::string(words[0].substr(0, 64)), Answer::unknown, Answer::yes,
                        {.path = root_->tree().path(id), .offset = offset_in(text, line), .excerpt = excerpt(trimmed(line))});
        }
        for (const auto* list : {&around_->start_up.starts, &around_->start_up.once})
            for (const Start& start : *list)
                if (base_name(start.arguments[0]) == "adbd")
                    add(UsbExposureKind::debug_bridge, "adbd", Answer::unknown, Answer::yes, start.evidence);
    }

private:
    void usbguard() {
        const auto file = root_->find("etc/usbguard/usbguard-daemon.conf");
        const auto text = root_->text("etc/usbguard/usbguard-daemon.conf");
        if (!file || !text)
            return;
        const std::vector<Setting> settings = read_settings(*text);
        const std::string_view otherwise = last_value(settings, "ImplicitPolicyTarget").value_or("block");
        std::string_view line = *text;
        line = line.substr(0, 0);
        for (const Setting& setting : settings)
            if (setting.key == "ImplicitPolicyTarget")
                line = setting.line;
        bool everything = otherwise == "allow";
        if (const auto rules = root_->text("etc/usbguard/rules.conf"))
            for (const std::string_view rule : lines_of(*rules))
                everything |= trimmed(rule) == "allow";
        add(UsbExposureKind::authorization, "usbguard", everything ? Answer::no : Answer::yes,
            around_->programs.contains("usbguard-daemon") || around_->programs.contains("usbguard") ? Answer::yes : Answer::unknown,
            {.path = root_->tree().path(*file), .offset = offset_in(*text, line), .excerpt = excerpt(trimmed(line))});
    }

    static Answer by_rule(std::string_view line) {
        for (const std::string_view key : {"ATTR{authorized_default}", "ATTR{authorized}"})
            if (const auto at = line.find(key); at != std::string_view::npos) {
                std::string_view rest = trimmed(line.substr(at + key.size()));
                if (!rest.starts_with("=") || rest.starts_with("=="))
                    continue;  // a comparison
                rest = trimmed(rest.substr(1));
                return rest.starts_with("\"0\"") || rest.starts_with("\"2\"") ? Answer::yes : Answer::unknown;
            }
        return Answer::unknown;
    }

    /// 0: none is used before it is authorised, 2: only built-in ones; 1 and -1 take every device, as without it.
    static Answer by_parameter(std::string_view line) {
        const auto at = line.find("authorized_default=");
        if (at == std::string_view::npos || line.find("usbcore") == std::string_view::npos)
            return Answer::unknown;
        const std::string_view value = line.substr(at + 19);
        return value.starts_with('0') || value.starts_with('2') ? Answer::yes : value.starts_with('1') || value.starts_with("-1") ? Answer::no : Answer::unknown;
    }

    /// What a shell runs with "-c" counts as itself here, other wrappers as what they run.
    static Words plain(const Words& words) { return invocation_of(words).arguments; }

    void console(const Words& words, std::string_view id, std::string_view whole, Answer in_use, Evidence evidence) {
        if (words.empty())
            return;
        const std::string_view program = base_name(words[0]);
        const bool getty = program == "getty" || program == "agetty" || program == "mgetty";
        std::string_view name = id;
        for (const std::string& word : words)
            if (is_usb_line(word))
                name = base_name(word);
        if (name.empty())
            for (const std::string_view mark : {"ttyGS", "ttyACM", "ttyUSB"})
                if (const auto at = whole.find(mark); at != std::string_view::npos && name.empty())
                    name = whole.substr(at, whole.find_first_of(" \t\"';&)<>", at) - at);
        // A shell on the line itself: by the inittab's first field, or by redirecting it.
        const bool redirected = whole.find("</dev/tty") != std::string_view::npos || whole.find("< /dev/tty") != std::string_view::npos;
        const bool shell = is_shell(program) && (is_usb_line(id) || redirected) && (words.size() == 1 || words[1].starts_with('-')) && std::ranges::find(words, "-c") == words.end();
        if (!getty && !shell && program != "login")
            return;
        Answer guarded = shell ? Answer::no : Answer::yes;
        if (program == "getty" || program == "agetty")
            for (const std::string& value : option_values(words, "-l"))
                guarded = is_shell(base_name(value)) ? Answer::no : base_name(value) == "login" ? guarded : Answer::unknown;
        if (program == "login")
            guarded = std::ranges::find(words, "-f") != words.end() ? Answer::no : guarded;
        if (program == "agetty")
            guarded = logs_in_by_itself(words) ? Answer::no : guarded;
        add(UsbExposureKind::console, printable(name.substr(0, 64)), guarded, in_use, std::move(evidence));
    }

    static bool logs_in_by_itself(const Words& words) {
        return std::ranges::any_of(words, [](const std::string& word) { return word == "-a" || word == "--autologin" || word.starts_with("--autologin="); });
    }

    /// systemd: a getty's instance for the line in a folder of wanted units.
    void units() {
        for (const std::string_view folder : {"etc/systemd/system", "lib/systemd/system", "usr/lib/systemd/system"})
            for (const NodeId target : root_->list(folder)) {
                if (!root_->tree().node(target).name.ends_with(".wants"))
                    continue;
                for (const NodeId unit : root_->tree().node(target).children) {
                    const std::string& name = root_->tree().node(unit).name;
                    const auto at = name.find("getty@");
                    if (at == std::string::npos || !is_usb_line(name) || !name.ends_with(".service"))
                        continue;
                    add(UsbExposureKind::console, printable(name.substr(at + 6, name.size() - at - 14)), unit_logs_in(name) ? Answer::no : Answer::yes, Answer::yes,
                        {.path = root_->tree().path(unit), .offset = std::nullopt, .excerpt = printable(root_->tree().node(unit).file.target.substr(0, 100))});
                }
            }
    }

    [[nodiscard]] bool unit_logs_in(const std::string& name) const {
        const std::string template_name = name.substr(0, name.find('@') + 1) + ".service";
        std::vector<std::string> files;
        for (const std::string& one : {name, template_name}) {
            files.push_back("etc/systemd/system/" + one);
            for (const NodeId id : root_->list("etc/systemd/system/" + one + ".d"))
                files.push_back("etc/systemd/system/" + one + ".d/" + root_->tree().node(id).name);
        }
        return std::ranges::any_of(files, [&](const std::string& path) {
            const auto text = root_->text(path);
            if (!text)
                return false;
            const std::vector<std::string_view> lines = lines_of(*text);
            return std::ranges::any_of(lines, [](std::string_view line) {
                if (!trimmed(line).starts_with("ExecStart=") || line.find("getty") == std::string_view::npos)
                    return false;
                const ShellScript shell = read_shell(trimmed(line).substr(10));
                return !shell.commands.empty() && logs_in_by_itself(shell.commands.front().words);
            });
        });
    }

    static bool is_gadget(std::string_view module) {
        constexpr auto names = std::to_array<std::string_view>({"g_acm_ms", "g_audio", "g_cdc", "g_ether", "g_ffs", "g_file_storage", "g_hid", "g_mass_storage", "g_midi", "g_multi", "g_ncm",
                                                                "g_printer", "g_serial", "g_webcam"});
        return std::ranges::binary_search(names, module);
    }

    void gadget_command(const Words& words, std::string_view line, const Script& script) {
        if (words.empty())
            return;
        const std::string_view program = base_name(words[0]);
        const auto found = [&](UsbExposureKind kind, std::string_view name) { add(kind, printable(name.substr(0, 64)), Answer::unknown, script.in_use(), script.evidence(line)); };
        if ((program == "modprobe" || program == "insmod") && words.size() > 1) {
            for (std::size_t i = 1; i < words.size(); ++i)
                if (const std::string module = module_of(words[i]); is_gadget(module))
                    return found(UsbExposureKind::gadget_function, module);
        } else if (program == "mkdir") {
            for (const std::string& word : words)
                if (const auto at = word.find("functions/"); at != std::string::npos) {
                    const std::string_view name = std::string_view(word).substr(at + 10);
                    found(name.starts_with("ffs.adb") ? UsbExposureKind::debug_bridge : UsbExposureKind::gadget_function, name.substr(0, name.find_first_of("./")) == "ffs" ? name : name.substr(0, name.find('.')));
                }
        } else if (program == "adbd" && !script.at_boot) {  // what starts at boot is found as such
            found(UsbExposureKind::debug_bridge, "adbd");
        } else if (program == "echo" && words.size() > 1 && line.find("authorized_default") != std::string_view::npos && line.find('>') != std::string_view::npos) {
            const Answer guarded = words[1] == "0" ? Answer::yes : words[1] == "1" ? Answer::no : Answer::unknown;
            add(UsbExposureKind::authorization, "authorized_default", guarded, script.in_use(), script.evidence(line));
        }
    }

    const Surroundings* around_;
    const Root* root_;
    std::vector<UsbExposure>* rows_;
};

}  // namespace

void add_usb(const Surroundings& around, std::vector<UsbExposure>& rows) {
    Usb usb(around, rows);
    usb.modules();
    usb.authorization();
    usb.consoles();
    usb.gadgets();
    add_usb_storage(around, rows);
}

}  // namespace shirushi::inspect::interfaces
