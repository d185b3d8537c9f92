#pragma once
// One open bracket of an expression: a call, a subscript or a group, with what its arguments carry so far.

#include <string>
#include <string_view>
#include <vector>

#include "inspect/web/flow.hpp"

namespace shirushi::inspect::web {

struct Frame {
    enum class Kind { group, call, subscript } kind = Kind::group;
    std::string_view name;                ///< of a call
    Taint receiver;                       ///< what a method is called on, what a subscript stands behind
    std::string variable;                 ///< the first variable among receiver and arguments
    std::vector<Taint> done;              ///< arguments before the last comma
    Taint current;                        ///< of this argument, before the last operand
    Taint last;                           ///< last operand
    std::vector<std::string_view> texts;  ///< strings among the arguments
    bool to_the_end = false;              ///< a call without parentheses
    bool piped = false;                   ///< a shell is asked for: shell=True
    std::string_view at;

    [[nodiscard]] Taint sum() const {
        Taint all = current;
        all.join(last);
        return all;
    }
};

}  // namespace shirushi::inspect::web
