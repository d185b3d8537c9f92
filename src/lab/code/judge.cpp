// What is wrong with a call, by what is known where it is made.

#include <algorithm>

#include "code/format_text.hpp"
#include "code/follow.hpp"

namespace shirushi::code {
namespace {

using enum CallWeakness;

constexpr std::int64_t kPrefix = 64;  // bytes that a compiler stores instead of copying them

CallConfidence confidence_of(DataOrigin origin) {
    switch (origin) {
        case DataOrigin::input:
        case DataOrigin::command_line:
            return CallConfidence::certain;
        case DataOrigin::argument:
            return CallConfidence::likely;
        default:
            return CallConfidence::possible;
    }
}

CallConfidence at_most(CallConfidence confidence, CallConfidence limit) {
    return std::min(confidence, limit);
}

/// Not one of several that paths bring: then what was freed may be another one.
bool is_one_value(const Symbol& symbol) {
    return symbol.kind == SymbolKind::argument || symbol.kind == SymbolKind::result || symbol.kind == SymbolKind::loaded;
}

int weight(DataOrigin origin) {
    return origin == DataOrigin::input ? 4 : origin == DataOrigin::command_line ? 3 : origin == DataOrigin::argument ? 2 : origin == DataOrigin::memory ? 1 : 0;
}

}  // namespace

void Follower::report(Finding finding) {
    const auto same = [&](const Finding& other) { return other.operation == finding.operation && other.weakness == finding.weakness; };
    if (std::ranges::none_of(findings_, same))
        findings_.push_back(finding);
}

/// Bytes from a place on the stack to the end of the frame, or to the next thing that a call was given: the buffer is no larger.
std::uint64_t Follower::room(std::int64_t offset) const {
    const auto next = std::ranges::upper_bound(taken_, offset);
    const std::int64_t end = next == taken_.end() ? 0 : std::min<std::int64_t>(*next, 0);
    return static_cast<std::uint64_t>(end - offset);
}

std::optional<std::string_view> Follower::text(Value value) const {
    return value.is_constant() ? program_.constant_text(static_cast<std::uint64_t>(value.offset)) : std::nullopt;
}

/// What was done to a text, by the symbol that stands for it.
void Follower::add_marks(const State& state, std::uint32_t symbol, Source& source) {
    const History& history = state.history;
    source.asked |= history.asked.has(symbol);
    source.looked |= history.looked.has(symbol);
    source.sifted |= history.sifted.has(symbol);
    source.vetted |= history.vetted.has(symbol);
    source.measured |= history.measured.has(symbol);
}

/// Where the text behind a pointer comes from.
Follower::Source Follower::source_of(const State& state, Value value) const {
    if (value.is_constant() || value.symbol == kImport) {
        const auto constant = text(value);
        if (constant || value.symbol == kImport || value.offset == 0 || program_.is_constant(static_cast<std::uint64_t>(value.offset)))
            return {.longest = constant ? std::optional<std::uint64_t>(constant->size() + 1) : std::nullopt};
        return {.origin = DataOrigin::memory, .harmless = false};
    }
    if (const auto offset = stack_of(value)) {
        Source worst = filled(state, *offset);
        if (const auto buffer = buffers_.find(*offset); buffer != buffers_.end())
            add_marks(state, buffer->second, worst);
        if (value.is_defined())
            add_marks(state, value.symbol, worst);
        return worst;
    }
    if (!value.is_defined())
        return {.origin = DataOrigin::unknown, .harmless = false};
    const Symbol& symbol = symbols_[value.symbol];
    if (symbol.only_constants)
        return {};
    Source source{.origin = symbol.origin, .operation = symbol.origin_operation, .harmless = false, .soft = symbol.soft};
    if (symbol.soft && symbol.origin == DataOrigin::unknown) {
        source.origin = DataOrigin::input;
        source.operation = symbol.operation;
    }
    const auto filled = fills_.find(symbol.filled_by);
    if (filled != fills_.end() && (symbol.origin == DataOrigin::allocation || weight(filled->second.origin) > weight(source.origin)))
        source = filled->second;
    else if (symbol.origin == DataOrigin::allocation)
        source.origin = DataOrigin::memory;
    // A part of a text is no longer than the text.
    if (const auto whole = fills_.find(source.operation); symbol.function != nullptr && finds_in_text(*symbol.function) && whole != fills_.end() && !source.longest)
        source.longest = whole->second.longest;
    add_marks(state, value.symbol, source);
    if (symbol.kind == SymbolKind::joined)  // what was found out about the text that a path brings
        for (const Value parent : symbol.parents)
            if (parent.is_defined())
                add_marks(state, parent.symbol, source);
    return source;
}

/// The worst that calls wrote to a buffer on the stack, or to the one that a place lies in.
Follower::Source Follower::filled(const State& state, std::int64_t offset) const {
    Source worst;
    std::int64_t nearest = INT64_MIN;
    for (const Fill& fill : state.fills) {
        const auto written = fills_.find(fill.operation);
        if (fill.offset > offset || written == fills_.end())
            continue;
        if (fill.offset != offset) {  // behind the start of what one call wrote
            const auto next = std::ranges::upper_bound(taken_, fill.offset);
            const bool inside = next == taken_.end() || *next > offset || (*next == offset && !is_filled(state, offset));
            const auto longest = written->second.longest;
            if (!inside || fill.offset < nearest || (longest && fill.offset + static_cast<std::int64_t>(std::min<std::uint64_t>(*longest, 1 << 20)) <= offset) || is_filled(state, offset))
                continue;
        }
        nearest = fill.offset;
        Source source = written->second;
        if (const auto buffer = buffers_.find(fill.offset); buffer != buffers_.end())
            add_marks(state, buffer->second, source);
        if (!source.harmless && (worst.harmless || weight(source.origin) > weight(worst.origin)))
            worst = source;
    }
    // A text that begins with constants put there by stores, and goes on with what a call wrote behind them.
    const auto start = std::ranges::find(state.slots, offset, &Slot::offset);
    if (!worst.harmless || start == state.slots.end() || !start->value.is_constant() || is_filled(state, offset))
        return worst;
    for (const Fill& fill : state.fills)
        if (const auto written = fills_.find(fill.operation); fill.offset > offset && fill.offset <= offset + kPrefix && written != fills_.end() && !written->second.harmless)
            return written->second;
    return worst;
}

bool Follower::is_filled(const State& state, std::int64_t offset) { return std::ranges::find(state.fills, offset, &Fill::offset) != state.fills.end(); }

/// The arguments that a format prints as text; `all`: with a limit, too.
std::vector<Value> Follower::texts_printed(const State& state, const LibraryFunction& function, bool all) const {
    std::vector<Value> texts;
    const auto format = text(argument(state, function.format));
    if (!format || function.list)
        return texts;
    int next = function.format + 1;
    for (const Conversion& conversion : conversions_of(*format)) {
        next += conversion.stars;
        if (conversion.kind == Conversion::Kind::wide && convention_.pointer == 4) {
            if (convention_.paired_doubles && next % 2 != 0)
                ++next;
            next += 2;
            continue;
        }
        if (conversion.kind == Conversion::Kind::real && convention_.floats_apart)
            continue;
        if (conversion.kind == Conversion::Kind::real && convention_.pointer == 4) {
            next += convention_.paired_doubles && next % 2 != 0 ? 3 : 2;
            continue;
        }
        if (conversion.kind == Conversion::Kind::text && (all || !conversion.limited))
            texts.push_back(argument(state, next));
        ++next;
    }
    return texts;
}

/// The worst of what a call of the printf family writes.
Follower::Source Follower::written_by(const State& state, std::uint32_t operation, bool all) const {
    const LibraryFunction& function = *functions_.at(operation);
    const Value format = argument(state, function.format);
    if (!text(format)) {
        Source source = source_of(state, format);
        if (source.harmless && function.list)
            source = {.origin = DataOrigin::memory, .harmless = false};
        return source;
    }
    Source worst;
    if (function.list && text(format)->find("%s") != std::string_view::npos)
        worst = {.origin = DataOrigin::argument, .harmless = false};
    for (const Value printed : texts_printed(state, function, all)) {
        const Source source = source_of(state, printed);
        if (!source.harmless && (worst.harmless || weight(source.origin) > weight(worst.origin)))
            worst = source;
    }
    return worst;
}

void Follower::judge(const State& state, const LibraryFunction& function, std::uint32_t index) {
    judge_pointers(state, function, index);
    switch (function.role) {
        case Role::copy:
        case Role::append:
        case Role::gets:
            return judge_copy(state, function, index);
        case Role::print:
        case Role::print_to:
        case Role::output:
            judge_print(state, function, index);
            return judge_format(state, function, index);
        case Role::exit:
        case Role::print_new:
            return judge_format(state, function, index);
        case Role::scan:
            return judge_scan(state, function, index);
        case Role::move:
        case Role::bounded_copy:
        case Role::bounded_append:
        case Role::read:
        case Role::fill:
        case Role::use:
            return judge_length(state, function, index);
        case Role::allocate:
            return judge_size(state, function, index);
        case Role::shell:
        case Role::execute:
            return judge_shell(state, function, index);
        default:
            return;
    }
}

/// How sure it is that text from there is too long for `target`.
CallConfidence Follower::confidence_of_copy(const Source& source, const Place& target) {
    CallConfidence confidence = confidence_of(source.origin);
    if (source.asked || target.kind != Place::Kind::stack)
        confidence = at_most(confidence, CallConfidence::likely);
    if (source.soft || !target.room)
        confidence = CallConfidence::possible;
    return confidence;
}

/// Whether nothing says that text fits into a place.
bool Follower::may_exceed(const Source& source, const Place& target, std::uint64_t more) {
    if (source.harmless || source.measured || source.vetted || target.kind == Place::Kind::none)
        return false;
    if (source.longest && target.room && *source.longest + more <= *target.room)
        return false;
    if (target.kind == Place::Kind::given)  // the caller's: how large it is cannot be known here, and nothing is asked about the text
        return weight(source.origin) > 2 && !source.soft && !source.asked;
    const bool outside = weight(source.origin) > 1;
    return outside || (target.kind == Place::Kind::stack && !source.looked && !source.sifted);
}

void Follower::judge_copy(const State& state, const LibraryFunction& function, std::uint32_t index) {
    const Value to = argument(state, function.target);
    const Place target = place_of(to, 0);
    if (function.role == Role::gets)
        return report({index, unbounded_copy, CallConfidence::certain, DataOrigin::input, index, target.room});
    const Value from = argument(state, function.source);
    if (function.guarded || from.symbol == kUnknown)
        return;
    const Source source = source_of(state, from);
    if (!may_exceed(source, target, 0))
        return;
    CallConfidence confidence = confidence_of_copy(source, target);
    if (source.longest && stack_of(from))  // larger than what it is copied to, as far as both sizes can be told
        confidence = at_most(confidence, CallConfidence::likely);
    report({index, unbounded_copy, confidence, source.origin, source.operation, target.room});
}

void Follower::judge_print(const State& state, const LibraryFunction& function, std::uint32_t index) {
    if (function.role != Role::print || function.guarded)
        return;
    const Place target = place_of(argument(state, function.target), 0);
    const auto format = text(argument(state, function.format));
    if (format && function.list && format->find("%s") == std::string_view::npos)
        return;
    if (!format && !function.list)
        return;  // said of the format
    const Source source = written_by(state, index, false);
    if (!may_exceed(source, target, format ? format->size() : 0))
        return;
    report({index, unbounded_copy, function.list ? CallConfidence::possible : confidence_of_copy(source, target), source.origin, source.operation, target.room});
}

void Follower::judge_scan(const State& state, const LibraryFunction& function, std::uint32_t index) {
    const auto format = text(argument(state, function.format));
    if (!format)
        return;
    const bool direct = function.source == kNoArgument;
    Source source{.origin = DataOrigin::input, .operation = index, .harmless = false};
    if (!direct)
        source = source_of(state, argument(state, function.source));
    int next = function.format + 1;
    for (const Conversion& conversion : scanned_of(*format)) {
        if (conversion.suppressed)
            continue;
        const Place target = place_of(argument(state, next++), 0);
        if (conversion.kind != Conversion::Kind::text || conversion.limited || !may_exceed(source, target, 0))
            continue;
        const CallConfidence confidence = confidence_of_copy(source, target);
        return report({index, unbounded_copy, direct ? confidence : at_most(confidence, CallConfidence::likely), source.origin, source.operation, target.room});
    }
}

/// The command line that a function of the exec family hands to a shell: "sh", "-c" and it, as arguments or in an array on the stack.
Value Follower::command_executed(const State& state, const LibraryFunction& function) const {
    const auto program = text(argument(state, function.source));
    if (!program || !(program->ends_with("/sh") || program->ends_with("/bash") || program->ends_with("/ash") || *program == "sh"))
        return {};
    const Value list = argument(state, function.target);
    const auto word = [&](int number) {
        if (function.target == kNoArgument)
            return argument(state, number + 1);
        const auto slot = std::ranges::find(state.slots, list.offset + number * convention_.pointer, &Slot::offset);
        return list.is_stack() && slot != state.slots.end() ? slot->value : Value{};
    };
    const auto option = text(word(1));
    return option && *option == "-c" ? word(2) : Value{};
}

void Follower::judge_shell(const State& state, const LibraryFunction& function, std::uint32_t index) {
    const Value command = function.role == Role::execute ? command_executed(state, function) : argument(state, function.source);
    if (command.symbol == kUnknown)
        return;
    const Source source = source_of(state, command);
    if (source.harmless || source.sifted || source.vetted || source.origin == DataOrigin::unknown)
        return;
    CallConfidence confidence = confidence_of(source.origin);
    if (source.asked)
        confidence = at_most(confidence, CallConfidence::likely);
    if (source.soft)
        confidence = CallConfidence::possible;
    // A function that is handed a whole command line may be meant to be; one that puts an argument into one is not sure to be handed anything bad.
    if (source.origin == DataOrigin::argument && command.is_defined() && symbols_[command.symbol].kind == SymbolKind::argument)
        confidence = CallConfidence::possible;
    report({index, command_injection, confidence, source.origin, source.operation, std::nullopt});
}

void Follower::judge_format(const State& state, const LibraryFunction& function, std::uint32_t index) {
    if (function.format == kNoArgument)
        return;
    const Value format = argument(state, function.format);
    if (text(format) || format.symbol == kUnknown || format.is_constant())
        return;
    const Source source = source_of(state, format);
    if (source.harmless || source.sifted || source.origin == DataOrigin::unknown || source.origin == DataOrigin::memory)
        return;
    if (source.origin == DataOrigin::argument && source.vetted)
        return;
    if (source.origin == DataOrigin::argument && function.list)
        return;  // a function that passes on a format and its arguments
    const bool whole = format.is_defined() && symbols_[format.symbol].kind == SymbolKind::argument;
    CallConfidence confidence = at_most(confidence_of(source.origin), CallConfidence::likely);
    if (whole || source.looked || source.vetted || source.soft)
        confidence = CallConfidence::possible;
    report({index, format_string, confidence, source.origin, source.operation, std::nullopt});
}

/// A pointer is followed, by an instruction or by a call.
void Follower::use(const State& state, Value pointer, std::uint32_t index, bool by_call) {
    if (!judging_ || !pointer.is_defined())
        return;
    for (int depth = 0; depth < 3 && pointer.is_defined(); ++depth) {
        const Symbol& symbol = symbols_[pointer.symbol];
        if (state.history.freed.has(pointer.symbol) && symbol.freed_by != UINT32_MAX && symbol.freed_by != index)
            report({index, use_after_free, is_one_value(symbol) && (!by_call || function_of(index) != nullptr) ? CallConfidence::likely : CallConfidence::possible, DataOrigin::allocation,
                    symbol.freed_by, std::nullopt});
        const bool allocated = symbol.origin == DataOrigin::allocation && symbol.function != nullptr && state.history.nullable.has(pointer.symbol);
        const bool unseen = symbol.kind == SymbolKind::result && !state.history.tested.has(pointer.symbol);
        if (allocated && !(by_call && symbol.function->role == Role::open && depth > 0))
            report({index, unchecked_allocation, unseen ? CallConfidence::likely : CallConfidence::possible, DataOrigin::allocation, symbol.operation, std::nullopt});
        if (symbol.kind == SymbolKind::result && symbol.function != nullptr && finds_in_text(*symbol.function) && !state.history.freed.has(pointer.symbol)) {
            pointer = state.history.nullable.has(symbol.parents[0].symbol) ? Value{} : symbol.parents[0];
            continue;
        }
        if (symbol.kind != SymbolKind::calculated || symbol.arithmetic != Arithmetic::add)
            return;
        pointer = symbol.parents[0].is_constant() ? symbol.parents[1] : symbol.parents[0];
    }
}

void Follower::judge_pointers(const State& state, const LibraryFunction& function, std::uint32_t index) {
    if (function.role == Role::release) {
        const Value freed = argument(state, function.target);
        if (freed.is_defined() && freed.offset == 0 && state.history.freed.has(freed.symbol) && symbols_[freed.symbol].freed_by != UINT32_MAX)
            report({index, use_after_free, is_one_value(symbols_[freed.symbol]) ? CallConfidence::likely : CallConfidence::possible, DataOrigin::allocation,
                    symbols_[freed.symbol].freed_by, std::nullopt});
        return;
    }
    if (function.role == Role::exit || function.role == Role::start)
        return;
    for (const int number : {static_cast<int>(function.target), static_cast<int>(function.source)})
        if (number >= 0)
            use(state, argument(state, number), index, true);
    for (const Value printed : function.format >= 0 && function.role != Role::scan ? texts_printed(state, function, true) : std::vector<Value>{})
        use(state, printed, index, true);
    for (int i = 0; i < 4; ++i) {  // streams that were opened: every function that takes one needs it
        const Value given = argument(state, i);
        if (given.is_defined() && given.offset == 0 && symbols_[given.symbol].function != nullptr && symbols_[given.symbol].function->role == Role::open)
            use(state, given, index, true);
    }
}

}  // namespace shirushi::code
