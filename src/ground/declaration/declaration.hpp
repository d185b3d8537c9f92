#pragma once
// product.toml: what the maker states about a product. Read strictly, written with comments. Format: docs/formats/product.md.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/product.hpp"

namespace shirushi::declaration {

/// Errors: bad_input as "product.toml:12: what; what to do", limit above 1 MiB. `file_name` is for those messages only.
Result<Product> read(std::string_view text, std::string_view file_name);

/// A commented product.toml that reads back equal, given a product whose texts are UTF-8 and whose dates are dates or empty.
std::string write(const Product& product);

}  // namespace shirushi::declaration
