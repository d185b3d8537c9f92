// validate_schema SCHEMA.json DOCUMENT.json: exit 0 when the document is valid, 1 with the places that are not, 2 when either
// cannot be read.
#include <fmt/core.h>

#include "validator.hpp"

int main(int argc, char** argv) {
    using namespace shirushi;
    if (argc != 3) {
        fmt::print(stderr, "usage: validate_schema SCHEMA.json DOCUMENT.json\n");
        return 2;
    }
    try {
        const auto errors = schemas::Schema(argv[1]).errors(schemas::read_file(argv[2]));
        for (const std::string& error : errors)
            fmt::print("{}\n", error);
        return errors.empty() ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 2;
    }
}
