#include <fmt/format.h>

#include "declaration/declaration.hpp"

namespace shirushi::declaration {
namespace {

/// TOML 1.0 basic string: what may not stand there as it is becomes an escape.
std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result.append({'\\', c});
        else if (c == '\n')
            result.append("\\n");
        else if (c == '\t')
            result.append("\\t");
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            result.append(fmt::format("\\u{:04X}", static_cast<unsigned>(c)));
        else
            result.push_back(c);
    }
    return result.append("\"");
}

class Writer {
public:
    void comment(std::string_view text) { text_.append("# ").append(text).append("\n"); }
    void blank() { text_.append("\n"); }
    void line(std::string_view text) { text_.append(text).append("\n"); }
    void value(std::string_view key, std::string_view text) { text_.append(fmt::format("{} = {}\n", key, quoted(text))); }
    void number(std::string_view key, std::uint32_t number) { text_.append(fmt::format("{} = {}\n", key, number)); }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

void write_head(Writer& out, const Product& product) {
    out.comment("What the maker states about the product; shirushi verify --product reads it. Every line counts as a declaration:");
    out.comment("a tool that sees something else reports a contradiction. Format: docs/formats/product.md");
    out.blank();
    out.value("vendor", product.vendor);
    out.value("model", product.model);
    out.value("version", product.version);
    out.comment("Product field: \"iot-gateway\", \"smart-home\", \"payment-terminal\" ...");
    out.value("field", product.field);
    out.comment("Where anybody can report a vulnerability: a mail address or a URL.");
    out.value("contact", product.contact);
    out.comment("Security updates are promised until this day (YYYY-MM-DD); empty: not stated.");
    out.value("support_until", product.support_until);
    if (product.services && product.services->empty()) {
        out.blank();
        out.comment("The product offers no network service at all.");
        out.line("services = []");
    }
}

void write_interfaces(Writer& out, const DeclaredInterfaces& interfaces) {
    out.blank();
    out.comment("Does the product have it at all? \"yes\", \"no\" or \"unknown\". What it does not have needs no test.");
    out.line("[interfaces]");
    const auto put = [&](const auto& field) { out.value(field.name, name_of(interfaces.*field.member)); };
    std::apply([&](const auto&... field) { (put(field), ...); }, DeclaredInterfaces::fields());
}

void write_services(Writer& out, const Product& product) {
    if (!product.services) {
        out.blank();
        out.comment("Network services are not stated yet. Write one [[services]] for each, or services = [] above [interfaces] if there");
        out.comment("are none.");
        out.comment("[[services]]");
        out.comment("transport = \"tcp\"");
        out.comment("port = 443");
        out.comment("protocol = \"https\"");
        out.comment("purpose = \"settings page\"");
        return;
    }
    for (const DeclaredService& service : *product.services) {
        out.blank();
        out.line("[[services]]");
        out.value("transport", service.transport);
        out.number("port", service.port);
        out.value("protocol", service.protocol);
        out.value("purpose", service.purpose);
    }
}

void write_observations(Writer& out, const Product& product) {
    out.blank();
    out.comment("Observations by a person settle what no tool saw: one [[observations]] each, with requirement, point (an open point or");
    out.comment("a check; left out: the requirement as a whole), conforms, method (\"test\", \"examine\", \"declaration\"), person, date,");
    out.comment("reason and, for \"examine\", document.");
    for (const DeclaredObservation& observation : product.observations) {
        out.blank();
        out.line("[[observations]]");
        out.value("requirement", observation.requirement);
        out.value("point", observation.point);
        out.line(observation.conforms ? "conforms = true" : "conforms = false");
        out.value("method", name_of(observation.method));
        out.value("person", observation.person);
        out.value("date", observation.date);
        out.value("reason", observation.reason);
        out.value("document", observation.document);
    }
}

void write_scope(Writer& out, const Product& product) {
    out.blank();
    out.comment("How it reaches a wide-area network: \"wan\", \"beside_wan\" (another device in its local network does), \"movable\" (it could be moved");
    out.comment("to one) or, with a reason, \"isolated\". All but the last must meet level 1.");
    if (!product.scope) {
        out.comment("[scope]");
        out.comment("reach = \"wan\"");
    } else {
        out.line("[scope]");
        out.value("reach", name_of(product.scope->reach));
        out.value("reason", product.scope->reason);
    }
    for (const SystemPart& part : product.system) {
        out.blank();
        out.line("[[system]]");
        out.value("name", part.name);
        out.number("level", part.level);
        out.value("mark", part.mark);
    }
}

void write_placement(Writer& out, std::string_view key, const Placement& place) {
    out.line(fmt::format("[uses.{}]", key));
    out.value("recovery", name_of(place.recovery));
    out.value("impact", name_of(place.impact));
    out.value("reason", place.reason);
}

void write_uses(Writer& out, const Product& product) {
    for (const Use& use : product.uses) {
        out.blank();
        out.line("[[uses]]");
        out.value("name", use.name);
        out.value("incident", use.incident);
        if (use.likelihood)
            out.value("likelihood", name_of(*use.likelihood));
        write_placement(out, "place", use.place);
        if (use.residual)
            write_placement(out, "residual", *use.residual);
        for (const Measure& measure : use.measures) {
            out.line("[[uses.measures]]");
            out.value("viewpoint", name_of(measure.viewpoint));
            out.value("stakeholder", measure.stakeholder);
            out.value("what", measure.what);
        }
    }
}

}  // namespace

std::string write(const Product& product) {
    Writer out;
    write_head(out, product);
    write_interfaces(out, product.interfaces);
    write_services(out, product);
    write_observations(out, product);
    write_scope(out, product);
    write_uses(out, product);
    return out.take();
}

}  // namespace shirushi::declaration
