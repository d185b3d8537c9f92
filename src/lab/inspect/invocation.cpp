// Takes the wrappers off a command: "nice -n 5 start-stop-daemon -S -x /usr/sbin/telnetd -- -p 23" runs telnetd.

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inspect/daemons.hpp"
#include "inspect/startup.hpp"

namespace shirushi::inspect {
namespace {

using Arguments = std::vector<std::string>;

constexpr int kMaxWrappers = 8;

Arguments tail(const Arguments& words, std::size_t from) { return from < words.size() ? Arguments(words.begin() + static_cast<std::ptrdiff_t>(from), words.end()) : Arguments(); }

/// start-stop-daemon(8), Debian's and BusyBox's options. Empty when it stops something or names no program.
Arguments started_by_daemon_tool(const Arguments& words) {
    constexpr std::string_view with_value = "xapnucgNdksrRIPO";
    std::string exec;
    Arguments arguments;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        const auto value = [&] { return i + 1 < words.size() ? words[++i] : std::string(); };
        if (word == "--") {
            arguments = tail(words, i + 1);
            break;
        }
        if (word == "--stop" || word == "--status")
            return {};
        if (word.starts_with("--")) {
            const auto equals = word.find('=');
            const std::string_view name = std::string_view(word).substr(0, equals);
            const bool takes = name == "--exec" || name == "--startas" || name == "--pidfile" || name == "--user" || name == "--chuid" || name == "--name" ||
                               name == "--nicelevel" || name == "--chdir" || name == "--chroot" || name == "--group" || name == "--retry" || name == "--signal";
            const std::string given = equals != std::string::npos ? word.substr(equals + 1) : takes ? value() : "";
            if (name == "--startas" || (name == "--exec" && exec.empty()))
                exec = given;
        } else if (word.starts_with('-')) {
            for (std::size_t letter = 1; letter < word.size(); ++letter) {
                const char c = word[letter];
                if (c == 'K' || c == 'T')
                    return {};
                if (with_value.find(c) == std::string_view::npos)
                    continue;
                const std::string given = letter + 1 < word.size() ? word.substr(letter + 1) : value();
                if (c == 'a' || (c == 'x' && exec.empty()))
                    exec = given;
                break;
            }
        } else if (exec.empty()) {
            exec = word;  // BusyBox takes the program without -x too
        } else {
            arguments.push_back(word);
        }
    }
    if (exec.empty())
        return {};
    arguments.insert(arguments.begin(), exec);
    return arguments;
}

/// Drops options in front (each with one value when listed) and gives what follows.
Arguments after_options(const Arguments& words, std::string_view with_value) {
    std::size_t i = 1;
    while (i < words.size() && words[i].starts_with('-')) {
        const bool takes = words[i].size() == 2 && with_value.find(words[i][1]) != std::string_view::npos;
        i += takes ? 2 : 1;
    }
    return tail(words, i);
}

enum class Wrapper { none, plain, service };

/// Takes one wrapper off `words`.
Wrapper unwrap(Arguments& words) {
    const std::string_view name = base_name(words[0]);
    if (name == "start-stop-daemon") {
        words = started_by_daemon_tool(words);
        return Wrapper::service;
    }
    if (name == "procd_set_param" || name == "procd_append_param") {
        words = words.size() > 2 && words[1] == "command" && name == "procd_set_param" ? tail(words, 2) : Arguments();
        return Wrapper::service;
    }
    if (name == "daemon" || name == "start_daemon" || name == "service_start" || name == "loadproc" || name == "service_run") {
        words = after_options(words, "unpg");
        return Wrapper::service;
    }
    if (name == "busybox" || name == "exec" || name == "nohup" || name == "setsid" || name == "command" || name == "eval")
        words = after_options(words, "");
    else if (name == "nice" || name == "ionice" || name == "taskset" || name == "chrt")
        words = after_options(words, "ncp");
    else if (name == "su" || name == "sudo" || name == "chroot" || name == "timeout")
        words = tail(after_options(words, "us"), name == "chroot" || name == "timeout" ? 1 : 0);
    else if (name == "env") {
        words = after_options(words, "u");
        while (!words.empty() && words[0].find('=') != std::string::npos)
            words.erase(words.begin());
    } else if ((name == "sh" || name == "ash" || name == "bash") && words.size() >= 3 && words[1] == "-c") {
        const ShellScript inner = read_shell(words[2]);
        Arguments found;
        for (const ShellCommand& command : inner.commands)
            if (found.empty() || find_daemon(command.words[0]) != nullptr)
                found = command.words;
        words = found;
    } else {
        return Wrapper::none;
    }
    return Wrapper::plain;
}

}  // namespace

Invocation invocation_of(const std::vector<std::string>& words) {
    Invocation invocation{.arguments = words};
    for (int i = 0; i < kMaxWrappers && !invocation.arguments.empty(); ++i) {
        const Wrapper wrapper = unwrap(invocation.arguments);
        if (wrapper == Wrapper::none)
            break;
        invocation.is_service |= wrapper == Wrapper::service;
    }
    return invocation;
}

}  // namespace shirushi::inspect
