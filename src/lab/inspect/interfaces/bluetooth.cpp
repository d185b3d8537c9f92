// Bluetooth of one root: what BlueZ's files, pairing agents and scripts settle about pairing and links. Only what weakens it has a row.

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/daemons.hpp"
#include "inspect/interfaces/interfaces.hpp"

namespace shirushi::inspect::interfaces {
namespace {

using unpack::NodeId;
using Words = std::vector<std::string>;

constexpr std::size_t kMaxAgent = 256 * 1024;
constexpr std::size_t kMaxAgentFunction = 600;  // where an agent's function answers, if it does so with a fixed text

bool is_pin(std::string_view word) { return !word.empty() && word.size() <= 16 && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; }); }

bool is_off(std::string_view value) {
    const std::string word = lowered(value.substr(0, 16));
    return word == "off" || word == "0" || word == "no" || word == "false" || word == "disable" || word == "disabled";
}

bool is_agent(std::string_view program) {
    constexpr auto names = std::to_array<std::string_view>({"auto-agent", "bluetooth-agent", "bluez-simple-agent", "bt-agent", "passkey-agent", "simple-agent"});
    return std::ranges::binary_search(names, program);
}

class Collector {
public:
    Collector(const Surroundings& around, std::vector<BluetoothSetting>& rows) : around_(&around), rows_(&rows) {}

    void add(BluetoothSettingKind kind, std::string setting, Answer in_use, Evidence evidence) {
        if (rows_->size() < max_rows)
            rows_->push_back({.kind = kind, .setting = std::move(setting), .in_use = in_use, .evidence = std::move(evidence)});
    }

    void files() {
        const Answer bluez = around_->programs.contains("bluetoothd") ? Answer::yes : Answer::unknown;
        const Answer old = around_->programs.contains("hcid") ? Answer::yes : Answer::unknown;
        file("/etc/bluetooth/main.conf", [&](const Setting& s) { main_setting(s, bluez); });
        file("/etc/bluetooth/input.conf", [&](const Setting& s) {
            if (s.key == "ClassicBondedOnly" && is_off(s.value))
                found(BluetoothSettingKind::unbonded_input, s, bluez);
            else if (s.key == "LEAutoSecurity" && is_off(s.value))
                found(BluetoothSettingKind::link_security_off, s, bluez);
        });
        file("/etc/bluetooth/network.conf", [&](const Setting& s) {
            if (s.key == "DisableSecurity" && is_yes(s.value))
                found(BluetoothSettingKind::link_security_off, s, bluez);
        });
        // hcid asks its helper for the PIN unless security is "auto".
        bool answers_itself = false;
        file("/etc/bluetooth/hcid.conf", [&](const Setting& s) { answers_itself |= s.key == "security" && s.value == "auto"; });
        file("/etc/bluetooth/hcid.conf", [&](const Setting& s) {
            if (s.key == "passkey" && answers_itself && !s.value.empty())
                found(BluetoothSettingKind::fixed_pin, s, old, s.value);
            else if (s.key == "security" && s.value == "none")
                found(BluetoothSettingKind::link_security_off, s, old);
        });
        if (const auto text = around_->root->text("/etc/bluetooth/pin"); text && is_pin(trimmed(text->substr(0, 64))))
            pin_file("/etc/bluetooth/pin", *text, old);
    }

    void command(const Words& words, Answer in_use, const Evidence& evidence) {
        const std::string_view program = base_name(words[0]);
        if (!around_->root->program(words[0]))
            in_use = Answer::unknown;  // it cannot be run
        if (is_agent(program))
            return agent(words, in_use, evidence);
        const auto at = [&](std::string_view word) { return std::ranges::find(words, word); };
        const auto followed_by = [&](std::string_view word, std::string_view value) {
            const auto place = at(word);
            return place != words.end() && place + 1 != words.end() && (value == "off" ? is_off(*(place + 1)) : *(place + 1) == value);
        };
        const auto put = [&](BluetoothSettingKind kind) { add(kind, excerpt(joined_words(words)), in_use, evidence); };
        if (program == "hciconfig") {
            if (followed_by("sspmode", "off"))
                put(BluetoothSettingKind::simple_pairing_off);
            if (at("piscan") != words.end())
                put(BluetoothSettingKind::always_discoverable);
        } else if (program == "btmgmt") {
            if (followed_by("ssp", "off"))
                put(BluetoothSettingKind::simple_pairing_off);
            if (followed_by("sc", "off"))
                put(BluetoothSettingKind::secure_connections_off);
            if (followed_by("io-cap", "3") || followed_by("io-cap", "NoInputNoOutput"))
                put(BluetoothSettingKind::just_works);
            if (const auto place = at("discov"); place != words.end() && words.end() - place == 2 && is_yes(*(place + 1)))
                put(BluetoothSettingKind::always_discoverable);
        } else if (program == "bluetoothctl") {
            if (followed_by("agent", "NoInputNoOutput") || followed_by("--agent", "NoInputNoOutput") || followed_by("-a", "NoInputNoOutput") ||
                std::ranges::find(words, "--agent=NoInputNoOutput") != words.end())
                put(BluetoothSettingKind::just_works);
            if (followed_by("discoverable-timeout", "0"))
                put(BluetoothSettingKind::always_discoverable);
        }
    }

    /// A program in a language other than the shell that answers BlueZ's request for a PIN with one text.
    void agent_program(NodeId id) {
        const std::string_view text = text_of(around_->root->tree(), id).substr(0, kMaxAgent);
        if (!text.starts_with("#!") || !looks_like_text(text))
            return;
        const auto request = text.find("def RequestPinCode");
        if (request == std::string_view::npos)
            return;
        std::string_view body = text.substr(request + 4, kMaxAgentFunction);
        body = body.substr(0, std::min(body.find("\ndef "), body.find("    def ")));  // the next function begins
        for (const std::string_view line : lines_of(body)) {
            const std::string_view content = trimmed(line);
            if (!content.starts_with("return"))
                continue;
            std::string_view value = trimmed(content.substr(6));
            if (value.starts_with('(') && value.ends_with(')'))
                value = trimmed(value.substr(1, value.size() - 2));
            if (value.size() == unquoted(value).size() || !is_pin(unquoted(value)))
                continue;
            const std::string_view pin = unquoted(value);
            add(BluetoothSettingKind::fixed_pin, masked_excerpt(content, pin), started(id),
                {.path = around_->root->tree().path(id), .offset = offset_in(text, line), .excerpt = masked_excerpt(line, pin)});
            return;
        }
    }

private:
    template <class Take>
    void file(std::string_view path, Take take) {
        const auto id = around_->root->find(path);
        const auto text = around_->root->text(path);
        if (!id || !text)
            return;
        path_ = around_->root->tree().path(*id);
        text_ = *text;
        for (const Setting& setting : read_settings(*text))
            take(setting);
    }

    void found(BluetoothSettingKind kind, const Setting& setting, Answer in_use, std::string_view secret = {}) {
        const std::string line = masked_excerpt(setting.line, secret);
        add(kind, line, in_use, {.path = path_, .offset = offset_in(text_, setting.line), .excerpt = line});
    }

    void main_setting(const Setting& s, Answer in_use) {
        const std::string value = lowered(s.value.substr(0, 16));
        if (s.key == "SecureConnections" && is_off(value))
            found(BluetoothSettingKind::secure_connections_off, s, in_use);
        else if (s.key == "JustWorksRepairing" && value == "always")
            found(BluetoothSettingKind::repairing_unasked, s, in_use);
        else if (s.key == "DiscoverableTimeout" && value == "0")
            found(BluetoothSettingKind::always_discoverable, s, in_use);
        else if (s.key == "AlwaysPairable" && is_yes(value))
            found(BluetoothSettingKind::just_works, s, in_use);
    }

    void pin_file(std::string_view path, std::string_view text, Answer in_use) {
        const std::string_view pin = trimmed(text.substr(0, 64));
        add(BluetoothSettingKind::fixed_pin, std::string(path), in_use,
            {.path = around_->root->tree().path(*around_->root->find(path)), .offset = 0, .excerpt = masked(pin)});
    }

    /// bt-agent -p FILE -c CAPABILITY; the older ones take the PIN itself.
    void agent(const Words& words, Answer in_use, Evidence evidence) {
        std::string capability;
        for (const std::string_view option : {"-c", "--capability"})
            if (const auto values = option_values(words, option); !values.empty())
                capability = values.back();
        if (capability == "NoInputNoOutput")
            add(BluetoothSettingKind::just_works, excerpt(joined_words(words)), in_use, evidence);
        bool pins = false;
        for (const std::string_view option : {"-p", "--pin"})
            for (const std::string& value : option_values(words, option)) {
                const auto text = around_->root->text(value);
                pins |= text && !trimmed(*text).empty();
            }
        std::string_view pin;
        if (base_name(words[0]) != "bt-agent")
            for (std::size_t i = 1; i < words.size(); ++i)
                if (is_pin(words[i]) && words[i].size() >= 4)
                    pin = words[i];
        if (!pins && pin.empty())
            return;
        evidence.excerpt = masked_excerpt(evidence.excerpt, pin);
        add(BluetoothSettingKind::fixed_pin, masked_excerpt(joined_words(words), pin), in_use, evidence);
    }

    static std::string joined_words(const Words& words) {
        std::string text;
        for (const std::string& word : words)
            if (text.size() < 512)
                text += (text.empty() ? "" : " ") + word;
        return text;
    }

    [[nodiscard]] Answer started(NodeId id) const {
        for (const auto* list : {&around_->start_up.starts, &around_->start_up.once})
            for (const Start& start : *list)
                for (const std::string& argument : start.arguments)
                    if (argument.starts_with('/') && around_->root->find(argument) == id)
                        return Answer::yes;
        for (const Script& script : around_->scripts)
            if (script.at_boot)
                for (const ShellCommand& command : script.shell.commands)
                    for (const std::string& word : command.words)
                        if (word.starts_with('/') && around_->root->find(word) == id)
                            return Answer::yes;
        return Answer::unknown;
    }

    const Surroundings* around_;
    std::vector<BluetoothSetting>* rows_;
    std::string path_;        // of the file that is read
    std::string_view text_;
};

}  // namespace

void add_bluetooth(const Surroundings& around, std::vector<BluetoothSetting>& rows) {
    Collector collector(around, rows);
    collector.files();
    for (const Script& script : around.scripts)
        for (const ShellCommand& command : script.shell.commands)
            if (const Words words = invocation_of(command.words).arguments; !words.empty() && command.at_start)
                collector.command(words, script.in_use(), script.evidence(command.line));
    for (const auto* list : {&around.start_up.starts, &around.start_up.once})
        for (const Start& start : *list)
            if (start.started_by == StartedBy::systemd || start.started_by == StartedBy::inittab)
                collector.command(start.arguments, Answer::yes, start.evidence);
    for (const NodeId id : around.files)
        if (const std::string inner = around.root->inner_path(id); !is_example(inner) && inner.find("agent") != std::string::npos)
            collector.agent_program(id);
}

}  // namespace shirushi::inspect::interfaces
