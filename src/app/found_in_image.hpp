#pragma once
// What an image shows of what product.toml would state, so that init asks for the rest only.

#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "model/facts.hpp"
#include "model/product.hpp"

namespace shirushi::app {

/// An interface that is there whatever anybody states, and by what it is seen ("hostapd").
struct FoundInterface {
    Answer DeclaredInterfaces::*member = nullptr;
    std::string by;
};

/// Those that a product which states to have none of them would be contradicted in: the same checks decide.
std::vector<FoundInterface> interfaces_in(const Facts& facts, const catalog::Library& library);

/// The ports that services open at boot to others than the device itself, each once, by transport and port.
std::vector<DeclaredService> services_in(const Facts& facts);

}  // namespace shirushi::app
