// Our own schemas: their shape is the vocabulary's, real documents are valid, and any broken one is not.
#include <gtest/gtest.h>

#include "model/json.hpp"
#include "sample.hpp"
#include "schema_shape.hpp"
#include "validator.hpp"

namespace shirushi::schemas {
namespace {

using nlohmann::json;

std::filesystem::path schema_path(std::string_view name) {
    return fmt::format("{}/docs/formats/schemas/{}-1.schema.json", SHIRUSHI_SOURCE_DIR, name);
}

/// The schema with references resolved and everything taken away that says more than the shape does.
json shape_of(const json& node, const json& root) {
    if (node.contains("$ref"))
        return shape_of(root.at(json::json_pointer(node["$ref"].get<std::string>().substr(1))), root);
    json shape = json::object();
    const bool is_digest = node.value("pattern", "") == "^[0-9a-f]{64}$";
    for (const auto& [key, value] : node.items()) {
        if (key == "properties") {
            for (const auto& [name, member] : value.items())
                shape["properties"][name] = shape_of(member, root);
        } else if (key == "items") {
            shape["items"] = shape_of(value, root);
        } else if (key == "type" || key == "enum" || key == "required" || key == "additionalProperties" || (key == "pattern" && is_digest)) {
            shape[key] = value;
        } else if (key == "minimum" && node.value("type", "") == "integer") {
            shape[key] = value;
        }
    }
    return shape;
}

template <class T>
void expect_same_shape(std::string_view name) {
    const json schema = json::parse(read_file(schema_path(name)));
    EXPECT_EQ(shape_of(schema, schema), json::parse(schema_shape<T>().dump()));
}

TEST(OwnSchemas, HaveTheShapeOfTheVocabulary) {
    expect_same_shape<Assessment>("assessment");
    expect_same_shape<Facts>("facts");
    expect_same_shape<Layout>("layout");
}

/// Changes every member of every object below `node` (of arrays, the first element) in turn and calls `check` with the place.
template <class Check>
void break_each(json& root, json& node, const std::string& place, const Check& check) {
    if (node.is_array() && !node.empty())
        break_each(root, node[0], place + "/0", check);
    if (!node.is_object())
        return;
    node["unheard_of"] = 1;
    check(place + ": unknown key");
    node.erase("unheard_of");
    const json members = node;
    for (const auto& [name, value] : members.items()) {
        node[name] = value.is_object() ? json("text") : json::object();
        check(place + "/" + name + ": wrong type");
        node.erase(name);
        check(place + "/" + name + ": missing");
        node[name] = value;
        break_each(root, node[name], place + "/" + name, check);
    }
}

bool is_optional(std::string_view place) {
    constexpr std::string_view names[] = {"/product", "/product/services", "/image", "/snapshot", "/entropy_map", "/offset", "/sha256", "/score", "/exploited_since", "/statement",
                                          "/product/scope", "/likelihood", "/residual"};
    const bool own_digest = place.starts_with("/files/") || !place.ends_with("/sha256: missing");
    for (const std::string_view name : names)
        if (place.ends_with(std::string(name) + ": missing"))
            // region.offset, layer's and partition's offset, component.product and most digests are required: only the listed owners leave them out
            return own_digest && !place.starts_with("/regions/") && !place.starts_with("/layers/") && !place.starts_with("/partitions/") && !place.starts_with("/components/rows/0/product");
    return false;
}

void expect_broken_ones_refused(std::string_view name, const std::string& document) {
    const Schema schema(schema_path(name));
    EXPECT_EQ(schema.errors(document), std::vector<std::string>{});
    json changed = json::parse(document);
    std::size_t tried = 0;
    break_each(changed, changed, "", [&](const std::string& place) {
        ++tried;
        EXPECT_EQ(schema.errors(changed.dump()).empty(), is_optional(place)) << place;
    });
    EXPECT_GT(tried, 150U);
}

TEST(OwnSchemas, AcceptTheSampleAndRefuseEveryBrokenAssessment) {
    expect_broken_ones_refused("assessment", to_json(report_sample::router().assessment));
}

TEST(OwnSchemas, AcceptTheSampleAndRefuseEveryBrokenFacts) {
    expect_broken_ones_refused("facts", to_json(report_sample::router().facts));
}

TEST(OwnSchemas, AcceptALayout) {
    const Facts facts = report_sample::router().facts;
    const Layout layout{.image = facts.image.value(), .entropy_map = facts.entropy_map.value(), .regions = facts.regions, .layers = facts.layers,
                        .partitions = facts.partitions, .files = facts.files, .notes = {"a note"},
                        .left_out = {"squashfs@0x0/dev/console: a character_device is not made"}};
    EXPECT_EQ(Schema(schema_path("layout")).errors(to_json(layout)), std::vector<std::string>{});
    const auto again = layout_from_json(to_json(layout));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(*again, layout);
}

TEST(OwnSchemas, RefuseWrongValues) {
    const Schema schema(schema_path("assessment"));
    json document = json::parse(to_json(report_sample::router().assessment));
    const auto refused = [&](const char* place, const json& value) {
        json changed = document;
        changed[json::json_pointer(place)] = value;
        return !schema.errors(changed.dump()).empty();
    };
    EXPECT_TRUE(refused("/verdicts/0/verdict", "passed"));
    EXPECT_TRUE(refused("/verdicts/0/reasons", json::array())) << "no verdict without a reason";
    EXPECT_TRUE(refused("/image/sha256", "abc"));
    EXPECT_TRUE(refused("/as_of", "23.11.2026"));
    EXPECT_TRUE(refused("/image/size", -1));
    EXPECT_TRUE(refused("/schema", "https://shirushi.example/schema/assessment-2.json"));
    EXPECT_FALSE(refused("/as_of", "2026-01-31"));
}

}  // namespace
}  // namespace shirushi::schemas
