#pragma once
// What the maker states about a product (the ICS and IXIT of ETSI TS 103 701), as product.toml carries it.

#include <optional>
#include <string>
#include <vector>

#include "model/facts.hpp"
#include "model/uses.hpp"

namespace shirushi {

enum class Method { test, examine, declaration };
SHIRUSHI_NAMES(Method, "test", "examine", "declaration")

/// A person's statement about one open point of one requirement: the only way to overrule or to settle what no tool saw.
struct DeclaredObservation {
    std::string requirement;  ///< "C-2"
    std::string point;        ///< id of the open point it settles; empty: the requirement as a whole
    bool conforms = false;
    Method method = Method::declaration;
    std::string person;
    std::string date;  ///< YYYY-MM-DD
    std::string reason;
    std::string document;  ///< file or reference that shows it; required for `examine`
    bool operator==(const DeclaredObservation&) const = default;
    SHIRUSHI_FIELDS(DeclaredObservation, requirement, point, conforms, method, person, date, reason, document)
};

struct Product {
    std::string vendor;
    std::string model;
    std::string version;
    std::string field;  ///< product field: "iot-gateway", "smart-home" ...
    std::string contact;        ///< where vulnerabilities are reported: mail address or URL
    std::string support_until;  ///< YYYY-MM-DD; empty when not stated
    DeclaredInterfaces interfaces;
    std::optional<std::vector<DeclaredService>> services;  ///< absent: not stated; empty: the product offers none
    std::vector<DeclaredObservation> observations;
    std::optional<Scope> scope;      ///< absent: not stated
    std::vector<SystemPart> system;  ///< what it is connected to; empty: it stands alone
    std::vector<Use> uses;
    bool operator==(const Product&) const = default;
    SHIRUSHI_FIELDS(Product, vendor, model, version, field, contact, support_until, interfaces, services, observations, scope, system, uses)
};

}  // namespace shirushi
