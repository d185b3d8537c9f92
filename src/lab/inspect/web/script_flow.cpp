// PHP, Lua, Perl and Python: each statement's calls are evaluated from the inside out over what their arguments may carry, functions of
// the file by what they are called with, in a few passes. Order of statements is followed, branches are not: what a condition asks of a
// variable weakens it from there on.

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "base/text.hpp"
#include "inspect/web/flow.hpp"
#include "inspect/web/script_frame.hpp"
#include "inspect/web/script_names.hpp"
#include "inspect/web/script_words.hpp"

namespace shirushi::inspect::web {
namespace {

constexpr int kMaxPasses = 4;
constexpr std::size_t kMaxFrames = 200;
constexpr std::size_t kMaxArguments = 32;

using Words = std::span<const Word>;

bool is_variable(std::string_view name, WebLanguage language) {
    if (language == WebLanguage::php || language == WebLanguage::perl)
        return name.starts_with('$') || name.starts_with('@') || name.starts_with('%');
    return !name.starts_with('.') && !name.starts_with(':');
}
/// "@lines" and "$lines[0]" are one variable in Perl.
std::string variable_of(std::string_view name, WebLanguage language) {
    std::string first(first_part(name));
    if (language == WebLanguage::perl && (first.starts_with('@') || first.starts_with('%')))
        first[0] = '$';
    return first;
}

class ScriptFlow {
public:
    ScriptFlow(std::string_view text, WebLanguage language) : language_(language), script_(read_words(text, language)) {
        const std::string lower = lowered(text);
        plain_answer_ =
            (lower.find("application/json") != std::string::npos || lower.find("text/plain") != std::string::npos) && lower.find("text/html") == std::string::npos;
        const bool cgi = lower.find("content_length") != std::string::npos || lower.find("request_method") != std::string::npos;
        reads_input_ = cgi;
    }

    Reading run() {
        find_functions();
        for (int pass = 0; pass < kMaxPasses; ++pass) {
            const auto before = std::pair(given_, returned_);
            reading_ = {};
            variables_.clear();
            function_.clear();
            const std::span<const Word> words = script_.words;
            std::size_t begin = 0;
            for (std::size_t i = 0; i < words.size(); ++i)
                if (words[i].kind == WordKind::end) {
                    statement(words.subspan(begin, i - begin));
                    begin = i + 1;
                }
            if (before == std::pair(given_, returned_))
                break;
        }
        reading_.cut |= script_.cut;
        std::ranges::sort(reading_.flows, {}, [](const Flow& flow) { return std::pair(flow.at.data(), flow.sink); });
        return std::move(reading_);
    }

private:
    // ---- functions of the file

    /// "function name(", "sub name", "def name(": where the name stands; nothing when it defines none.
    [[nodiscard]] const Word* defined_by(Words words) const {
        for (std::size_t i = 0; i + 1 < words.size() && i < 4; ++i)
            if (words[i].text == "function" || words[i].text == "sub" || words[i].text == "def")
                return words[i + 1].kind == WordKind::name ? &words[i + 1] : nullptr;
        return nullptr;
    }
    void find_functions() {
        std::size_t begin = 0;
        const Words words = script_.words;
        for (std::size_t i = 0; i < words.size() && functions_.size() < kMaxVariables; ++i)
            if (words[i].kind == WordKind::end) {
                const Words one = words.subspan(begin, i - begin);
                if (const Word* name = defined_by(one)) {
                    auto& parameters = functions_[std::string(last_part(name->text))];
                    bool inside = false;
                    for (const Word& word : one.subspan(static_cast<std::size_t>(name - one.data()) + 1)) {
                        if (word.text == ")")
                            break;
                        if (inside && word.kind == WordKind::name && parameters.size() < kMaxArguments && word.text != "self")
                            parameters.emplace_back(word.text);
                        inside |= word.text == "(";
                    }
                }
                begin = i + 1;
            }
    }
    void enter(const Word& name) {
        function_ = last_part(name.text);
        const auto& parameters = functions_[function_];
        const auto& given = given_[function_];
        for (std::size_t i = 0; i < parameters.size(); ++i)
            set(parameters[i], i < given.size() ? given[i] : Taint(), name.depth, true);
        if (language_ == WebLanguage::perl) {
            Taint all;
            for (const Taint& one : given)
                all.join(one);
            set("$_", all, name.depth, true);
        }
    }

    // ---- variables

    struct Variable {
        Taint taint;
        int depth = 0;
    };
    Taint source(std::string_view name) {
        const std::string shown = printable(name.substr(0, 64));
        if (reading_.inputs.size() < kMaxInputs)
            reading_.inputs.insert(shown);
        return {.open = kEverySink, .unclear = 0, .input = shown};
    }
    /// A clean value set in a deeper block leaves what an outer one set: the block need not be entered.
    void set(std::string_view name, const Taint& taint, int depth, bool always) {
        const std::string key = variable_of(name, language_);
        const auto known = variables_.find(key);
        if (known == variables_.end()) {
            if (variables_.size() < kMaxVariables && taint)
                variables_.emplace(key, Variable{taint, depth});
        } else if (always || taint || depth <= known->second.depth) {
            known->second = {taint, depth};
        }
    }
    Taint value_of(std::string_view name) {
        if (is_request_variable(name, language_) && !(language_ == WebLanguage::perl && name == "$ENV") && first_part(name) != "$_SERVER")
            return source(language_ == WebLanguage::python && name.find('.', 8) != std::string_view::npos ? name.substr(0, name.find('.', 8))
                          : language_ == WebLanguage::python                                              ? name
                                                                                                          : first_part(name));
        const auto known = variables_.find(variable_of(name, language_));
        return known == variables_.end() || !is_variable(name, language_) ? Taint() : known->second.taint;
    }

    // ---- statements

    void statement(Words words) {
        if (words.empty())
            return;
        if (const Word* name = defined_by(words))
            return enter(*name);
        const bool conditional = is_condition(words);
        if (words.front().text == "return" && words.size() > 1 && !conditional) {
            Taint value = evaluate(words.subspan(1));
            if (!function_.empty() && value)
                returned_[function_].join(value);
            return;
        }
        const std::size_t equals = assignment(words);
        if (equals != 0 && !conditional)
            return assign(words, equals);
        if (loop(words))
            return;
        (void)evaluate(words);
        patterns(words);
        if (conditional)
            tested(words);
    }
    [[nodiscard]] static bool is_condition(Words words) {
        constexpr auto first = std::to_array<std::string_view>({"if", "elseif", "elsif", "elif", "while", "unless", "switch", "assert", "until"});
        const auto named = [&](const Word& word) { return word.kind == WordKind::name && std::ranges::find(first, word.text) != first.end(); };
        const std::size_t start = words.front().text == "}" ? 1 : 0;
        return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(std::min(start, words.size())), words.end(), named);
    }
    /// Where the sign of an assignment stands; 0: none.
    [[nodiscard]] static std::size_t assignment(Words words) {
        int depth = 0;
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::string_view text = words[i].text;
            if (words[i].kind != WordKind::sign)
                continue;
            depth += int(text == "(" || text == "[" || text == "{") - int(text == ")" || text == "]" || text == "}");
            if (depth == 0 && i > 0 && (text == "=" || text == ".=" || text == "+="))
                return i;
        }
        return 0;
    }
    void assign(Words words, std::size_t equals) {
        const Words left = words.first(equals);
        const Words right = words.subspan(equals + 1);
        Taint value = evaluate(right);
        if (std::ranges::any_of(right, [](const Word& word) { return word.kind == WordKind::pattern; }) && right.size() >= 2)
            value = matched(right, value);
        patterns(words);
        const bool grows = words[equals].text != "=";
        bool behind_subscript = false;
        for (std::size_t i = 0; i < left.size(); ++i) {
            behind_subscript |= left[i].text == "[";
            if (left[i].text == "]")
                behind_subscript = false;
            if (left[i].kind != WordKind::name || behind_subscript || left[i].text == "my" || left[i].text == "our" || left[i].text == "local" || left[i].text == "var" ||
                left[i].text == "list" || left[i].text == "global")
                continue;
            const bool part = grows || (i + 1 < left.size() && left[i + 1].text == "[") || first_part(left[i].text).size() != left[i].text.size();
            Taint all = value;
            if (part)
                all.join(value_of(left[i].text));
            set(left[i].text, all, left[i].depth, false);
        }
    }
    /// "for k, v in pairs(x) do", "foreach ($_POST as $k => $v)", "foreach my $p (param())", "for x in form:".
    bool loop(Words words) {
        const auto first = words.front().text == "}" && words.size() > 1 ? 1U : 0U;
        if (words[first].text != "for" && words[first].text != "foreach")
            return false;
        const Taint value = evaluate(words.subspan(first + 1));
        bool named = language_ != WebLanguage::php;
        for (const Word& word : words.subspan(first + 1)) {
            if (word.text == "in" || word.text == "do" || (language_ == WebLanguage::perl && word.text == "("))
                break;
            named |= word.text == "as";
            if (named && word.kind == WordKind::name && word.text != "as" && word.text != "my")
                set(word.text, value, word.depth, true);
        }
        return true;
    }

    // ---- conditions and patterns

    void weaken(std::string_view name, Sinks away, Sinks doubted) {
        const std::string key = variable_of(name, language_);
        if (name.starts_with("$_") && name.ends_with(']') && !variables_.contains(key) && variables_.size() < kMaxVariables)
            variables_.emplace(key, Variable{source(name.substr(0, name.find('['))), 0});  // "$_GET[ip]", asked about where it stands
        if (const auto known = variables_.find(key); known != variables_.end()) {
            known->second.taint.clear(away);
            known->second.taint.doubt(doubted);
        }
    }
    /// Perl's "=~": a test, a removal, what groups catch.
    void patterns(Words words) {
        for (std::size_t i = 2; i < words.size(); ++i) {
            if (words[i].kind != WordKind::pattern || (words[i - 1].text != "=~" && words[i - 1].text != "!~"))
                continue;
            const Word& pattern = words[i];
            std::size_t name = i - 2;
            while (name > 0 && words[name].kind != WordKind::name)
                --name;
            if (words[name].kind != WordKind::name)
                continue;
            const Taint before = evaluate(words.subspan(name, i - 1 - name));
            if (pattern.use == 'd')
                weaken(words[name].text, kept_away_by_class(pattern.text), kEverySink);
            else if (pattern.use == 's')
                weaken(words[name].text, kept_away_by_removal(pattern.text, pattern.replaced_by),
                       pattern.text.find_first_of(";|&'\"<`.") != std::string_view::npos ? kEverySink : 0);
            else if (pattern.use == 'm' && assignment(words) == 0)
                weaken(words[name].text, kept_away_by_whole(pattern.text, false), kEverySink);
            constexpr auto groups = std::to_array<std::string_view>({"$1", "$2", "$3", "$4"});
            for (std::size_t g = 0; g < groups.size(); ++g)
                if (const std::string_view inside = group_of(pattern.text, g + 1); pattern.use != 't' && pattern.use != 'd' && !inside.empty()) {
                    Taint caught = before;
                    caught.clear(kept_away_by_pattern(inside));
                    set(groups[g], caught, pattern.depth, true);
                }
        }
    }
    /// What "($x) = $y =~ /(...)/" leaves.
    static Taint matched(Words right, Taint value) {
        for (const Word& word : right)
            if (word.kind == WordKind::pattern && word.use == 'm' && !group_of(word.text, 1).empty()) {
                Sinks away = kEverySink;
                for (std::size_t g = 1; g <= 4; ++g)
                    if (const std::string_view inside = group_of(word.text, g); !inside.empty())
                        away &= kept_away_by_pattern(inside);
                value.clear(away);
            }
        return value;
    }
    /// A variable that a condition asks more about than whether it is there is in doubt from here on.
    void tested(Words words) {
        std::vector<std::string_view> calls;
        for (std::size_t i = 0; i < words.size(); ++i) {
            const Word& word = words[i];
            const std::string_view next = i + 1 < words.size() ? words[i + 1].text : std::string_view();
            if (word.text == "(" && word.kind == WordKind::sign && calls.size() < kMaxFrames)
                calls.push_back(i > 0 && words[i - 1].kind == WordKind::name ? words[i - 1].text : std::string_view());
            if (word.text == ")" && word.kind == WordKind::sign && !calls.empty())
                calls.pop_back();
            if (word.kind != WordKind::name || !is_variable(word.text, language_) || !value_of(word.text))
                continue;
            if (!calls.empty() &&
                (asks_for_presence(calls.back()) || pattern_call(calls.back(), language_) != PatternCall::none || sink_of(calls.back(), language_).sinks != 0))
                continue;  // judged with the call
            const std::string_view third = i + 2 < words.size() ? words[i + 2].text : std::string_view();
            const bool compared = next == "==" || next == "!=" || next == "===" || next == "!==" || next == "~=" || next == "eq" || next == "ne" || next == "is";
            const bool with_nothing = compared && (third.empty() || third == "nil" || third == "None" || third == "null" || third == "NULL" || third == "false" ||
                                                   third == "not" || third == "undef");
            const bool asked_for = next == ")" || next == "then" || next == ":" || next == "and" || next == "or" || next == "&&" || next == "||" || next == "{" ||
                                   next == "=~" || next == "!~" || next == "(" || next == "[" || next.empty() || next == "=";
            if (!with_nothing && !asked_for && !words.back().text.starts_with("system"))
                weaken(word.text, 0, kEverySink);
        }
    }

    // ---- expressions

    Taint evaluate(Words words) {
        frames_.clear();
        frames_.push_back({.at = words.empty() ? std::string_view() : words.front().at});
        for (std::size_t i = 0; i < words.size(); ++i)
            word(words, i);
        while (frames_.size() > 1)
            close();
        Taint all = frames_.front().sum();
        for (const Taint& one : frames_.front().done)
            all.join(one);
        return all;
    }
    void operand(Taint taint) {
        Frame& top = frames_.back();
        top.current.join(top.last);
        top.last = std::move(taint);
    }
    void open(Frame frame) {
        if (frames_.size() < kMaxFrames)
            frames_.push_back(std::move(frame));
        else
            reading_.cut = true;
    }

    void word(Words words, std::size_t i) {
        const Word& one = words[i];
        Frame& top = frames_.back();
        switch (one.kind) {
            case WordKind::name:
                return name(words, i);
            case WordKind::text:
                top.texts.push_back(one.text);
                return operand({});
            case WordKind::number:
                return operand({});
            case WordKind::open_text:
                return open({.kind = Frame::Kind::group, .at = one.at});
            case WordKind::close_text:
                return close_bracket();
            case WordKind::pattern:
            case WordKind::end:
                return;
            case WordKind::sign:
                break;
        }
        if (one.text == "(" || one.text == "{") {
            const bool call = one.text == "(" && i > 0 && words[i - 1].kind == WordKind::name;
            if (!call)
                open({.kind = Frame::Kind::group, .at = one.at});
        } else if (one.text == "[") {
            const bool behind = i > 0 && (words[i - 1].kind == WordKind::name || words[i - 1].text == "]" || words[i - 1].text == ")" || words[i - 1].text == "->");
            Frame frame{.kind = behind ? Frame::Kind::subscript : Frame::Kind::group, .at = one.at};
            if (behind)
                frame.receiver = std::exchange(top.last, {});
            open(std::move(frame));
        } else if (one.text == ")" || one.text == "]" || one.text == "}") {
            close_bracket();
        } else if (one.text == ",") {
            Frame& frame = frames_.back();
            if (frame.done.size() < kMaxArguments)
                frame.done.push_back(frame.sum());
            frame.current = frame.last = {};
        } else if (one.text == "<" && language_ == WebLanguage::perl && i + 2 < words.size() && words[i + 1].text == "STDIN") {
            operand(source("STDIN"));
        }
    }
    void close_bracket() {
        while (frames_.size() > 1 && frames_.back().to_the_end)
            close();
        if (frames_.size() > 1)
            close();
    }

    void name(Words words, std::size_t i) {
        const Word& one = words[i];
        const std::string_view next = i + 1 < words.size() ? words[i + 1].text : std::string_view();
        const bool is_sign = i + 1 < words.size() && words[i + 1].kind == WordKind::sign;
        const bool method = one.text.starts_with('.') || one.text.starts_with(':') || one.text.starts_with('-');
        if (one.text == "shell" && next == "=" && i + 2 < words.size() && (words[i + 2].text == "True" || words[i + 2].text == "1"))
            frames_.back().piped = true;
        if (is_sign && next == "(") {
            Frame frame{.kind = Frame::Kind::call, .name = one.text, .at = one.at};
            if (method)
                frame.receiver = std::exchange(frames_.back().last, {});
            else if (last_part(one.text).size() != one.text.size()) {
                frame.receiver = value_of(one.text);
                frame.variable = frame.receiver ? variable_of(one.text, language_) : std::string();
            }
            return open(std::move(frame));
        }
        if (method) {  // a field of what stands before keeps what that carries
            return;
        }
        if (const bool words_only = language_ == WebLanguage::perl || language_ == WebLanguage::php || (language_ == WebLanguage::python && one.text == "print");
            words_only && !one.text.starts_with('$') && sink_of(one.text, language_).sinks != 0 && !(is_sign && (next == "=" || next == "=>" || next == "]"))) {
            const bool to_file = language_ == WebLanguage::perl && one.text.starts_with("print") && i + 2 < words.size() && words[i + 1].kind == WordKind::name &&
                                 words[i + 1].text != "STDOUT" && words[i + 2].kind != WordKind::sign;
            if (!to_file)
                return open({.kind = Frame::Kind::call, .name = one.text, .to_the_end = true, .at = one.at});
        }
        if (language_ == WebLanguage::perl && one.text == "shift")
            return operand(value_of("$_"));
        if (language_ == WebLanguage::perl && is_request_call(one.text, language_))
            return operand(source(one.text));
        Frame& top = frames_.back();
        if (top.variable.empty() && is_variable(one.text, language_))
            top.variable = variable_of(one.text, language_);
        operand(is_cast(words, i) ? Taint() : value_of(one.text));
    }

    /// "(int)" before it.
    [[nodiscard]] bool is_cast(Words words, std::size_t i) const {
        constexpr auto numbers = std::to_array<std::string_view>({"int", "integer", "float", "double", "bool", "boolean"});
        return language_ == WebLanguage::php && i >= 3 && words[i - 1].text == ")" && words[i - 3].text == "(" &&
               std::ranges::find(numbers, words[i - 2].text) != numbers.end();
    }

    void close() {
        Frame frame = std::move(frames_.back());
        frames_.pop_back();
        Frame& above = frames_.back();
        frame.done.push_back(frame.sum());
        Taint result;
        if (frame.kind == Frame::Kind::subscript) {
            result = subscripted(frame);
            if (result && above.variable == result.input && !frame.texts.empty())
                above.variable += "[" + std::string(frame.texts.front().substr(0, 64)) + "]";
        }
        if (frame.kind == Frame::Kind::call)
            result = called(frame);
        else if (frame.kind == Frame::Kind::group)
            for (const Taint& one : frame.done)
                result.join(one);
        above.texts.insert(above.texts.end(), frame.texts.begin(), frame.texts.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(frame.texts.size(), 8)));
        if (above.variable.empty())
            above.variable = frame.variable;
        above.piped |= frame.piped && frame.kind == Frame::Kind::group;
        operand(std::move(result));
    }

    /// A value chosen by a request out of a list is not the request's.
    Taint subscripted(Frame& frame) {
        const std::string_view key = frame.texts.empty() ? std::string_view() : frame.texts.front();
        if (frame.receiver.input == "$_FILES" && (key == "tmp_name" || key == "size" || key == "error"))
            return {};
        const std::string element = frame.receiver.input + "[" + std::string(key.substr(0, 64)) + "]";
        if (const auto known = variables_.find(variable_of(element, language_)); frame.receiver && known != variables_.end())
            return known->second.taint;
        const std::string_view statement = frame.at;
        const auto environment = [&] { return key == "QUERY_STRING" || key.starts_with("HTTP_") || key == "PATH_INFO" || key == "REQUEST_URI" || key == "PHP_SELF"; };
        if (!frame.receiver && environment() && (language_ == WebLanguage::php || language_ == WebLanguage::perl || language_ == WebLanguage::python) &&
            !statement.empty())
            return source(key);
        return frame.receiver;
    }

    Taint called(Frame& frame) {
        const std::string_view part = last_part(frame.name);
        const std::string_view key = frame.texts.empty() ? std::string_view() : frame.texts.front();
        if (is_request_call(frame.name, language_))
            return source(frame.name);
        if ((part == "getenv" || part == "environ" || frame.name == "os.environ.get") &&
            (key == "QUERY_STRING" || key.starts_with("HTTP_") || key == "PATH_INFO" || key == "REQUEST_URI"))
            return source(key);
        if (part == "file_get_contents" && key == "php://input")
            return source(key);
        if (reads_input_ && language_ == WebLanguage::lua && (frame.name == "io.read" || frame.name == "io.stdin:read"))
            return source("POST body");
        if (language_ == WebLanguage::perl && frame.name == "read" && frame.done.size() >= 2) {
            // read(STDIN, $buffer, ...): told by the statement, as the handle is no variable
            if (frame.at.find("STDIN") != std::string_view::npos && !frame.variable.empty())
                set(frame.variable, source("STDIN"), 0, true);
            return {};
        }
        reach(frame, part);
        return result_of(frame, part);
    }

    void reach(Frame& frame, std::string_view part) {
        const Sink sink = sink_of(frame.name, language_);
        Taint counted;
        for (std::size_t i = sink.first; i < frame.done.size() && i <= sink.last; ++i)
            counted.join(frame.done[i]);
        Sinks sinks = sink.sinks;
        if (plain_answer_)
            sinks &= ~only(WebSink::output);
        const bool list = language_ == WebLanguage::perl && (part == "system" || part == "exec") && frame.done.size() > 1;
        if (language_ == WebLanguage::python && frame.name.starts_with("subprocess.") && frame.piped)
            sinks |= only(WebSink::command), counted = frame.done.front();
        if (language_ == WebLanguage::perl && frame.name == "open")
            return perl_open(frame);
        if (!list)
            add_flows(reading_, counted, sinks, printable(frame.name.substr(0, 40)), frame.at);
        const bool writes =
            (sinks & (only(WebSink::command) | only(WebSink::sql))) != 0 && std::ranges::any_of(frame.texts, [](std::string_view text) { return changes_state(text); });
        if (reading_.change.empty() && (writes || sets_something(frame.name, language_)))
            reading_.change = frame.at;
    }
    /// With two arguments the name also says what to do with it: "cmd |" runs it.
    void perl_open(Frame& frame) {
        const std::size_t count = frame.done.size();
        if (count < 2)
            return;
        const std::string_view how = frame.texts.empty() ? std::string_view() : trimmed(frame.texts.front());
        if (count == 2) {
            const bool pipe = how.ends_with('|') || how.starts_with('|');
            const bool plain = how.starts_with('<') || how.starts_with('>');
            if (pipe)
                return add_flows(reading_, frame.done[1], only(WebSink::command), "open", frame.at);
            add_flows(reading_, frame.done[1], only(WebSink::file), "open", frame.at);
            Taint perhaps = frame.done[1];
            perhaps.doubt();
            if (!plain)
                add_flows(reading_, perhaps, only(WebSink::command), "open", frame.at);
            return;
        }
        const bool runs = how == "-|" || how == "|-";
        if (!runs || count == 3)
            add_flows(reading_, frame.done[2], runs ? only(WebSink::command) : only(WebSink::file), "open", frame.at);
    }

    Taint result_of(Frame& frame, std::string_view part) {
        Taint all = frame.receiver;
        for (const Taint& one : frame.done)
            all.join(one);
        const PatternCall pattern = pattern_call(frame.name, language_);
        const std::string_view text = frame.texts.empty() ? std::string_view() : frame.texts.front();
        if (pattern == PatternCall::replaces) {
            const std::string_view replacement = frame.texts.size() > 1 ? frame.texts[1] : std::string_view("?");
            all.clear(kept_away_by_removal(text, replacement));
            all.doubt();
            return all;
        }
        if (pattern == PatternCall::matches || pattern == PatternCall::tests) {
            const bool at_start = language_ == WebLanguage::python && part != "search";
            const Sinks away = pattern == PatternCall::tests  ? kEverySink
                               : frame.name == "re.fullmatch" ? kept_away_by_pattern(text)
                                                              : kept_away_by_whole(text, at_start);
            if (!frame.variable.empty())
                weaken(frame.variable, away, kEverySink);
            const std::string_view group = group_of(text, 1);
            all.clear(group.empty() ? away : kept_away_by_pattern(group));
            if (pattern == PatternCall::tests)
                all.clear(kEverySink);
            return all;
        }
        if (const auto function = functions_.find(last_part(frame.name)); function != functions_.end()) {
            auto& given = given_[function->first];
            given.resize(std::max(given.size(), std::min(frame.done.size(), kMaxArguments)));
            for (std::size_t i = 0; i < given.size() && i < frame.done.size(); ++i)
                given[i].join(frame.done[i]);
            const auto returned = returned_.find(function->first);
            return returned == returned_.end() ? Taint() : returned->second;
        }
        if ((sink_of(frame.name, language_).sinks & ~only(WebSink::output)) != 0 && frame.name != "eval")
            return {};  // what a command, query or file gives is not the request's
        const bool formats = part == "format" || part == "sprintf";
        if (formats && text.find('%') != std::string_view::npos && text.find("%s") == std::string_view::npos && text.find("%q") == std::string_view::npos)
            return {};  // numbers alone
        const Treatment treatment = treatment_of(frame.name, language_);
        if (!treatment.known && !frame.name.empty() && sink_of(frame.name, language_).sinks == 0)
            all.doubt();
        all.clear(treatment.kept_away);
        all.doubt(treatment.doubted);
        return all;
    }

    WebLanguage language_;
    ScriptWords script_;
    Reading reading_;
    std::map<std::string, Variable, std::less<>> variables_;
    std::map<std::string, std::vector<std::string>, std::less<>> functions_;
    std::map<std::string, std::vector<Taint>, std::less<>> given_;
    std::map<std::string, Taint, std::less<>> returned_;
    std::string function_;
    std::vector<Frame> frames_;
    bool plain_answer_ = false;
    bool reads_input_ = false;
};

}  // namespace

Reading read_script(std::string_view text, WebLanguage language) {
    Reading reading = ScriptFlow(text.substr(0, kMaxScript), language).run();
    reading.cut |= text.size() > kMaxScript;
    return reading;
}

}  // namespace shirushi::inspect::web
