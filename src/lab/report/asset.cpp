#include "report/asset.hpp"

namespace shirushi::report {

std::string_view asset(std::string_view name) {
    for (const Asset& one : assets())
        if (one.name == name)
            return one.bytes;
    return {};
}

}  // namespace shirushi::report
