#include "inspect/web/flow.hpp"

namespace shirushi::inspect::web {

Reading read_script(std::string_view text, WebLanguage) {
    (void)text;
    return {};
}

}  // namespace shirushi::inspect::web
