#include "sbom/packages/reading.hpp"

#include "base/text.hpp"
#include "sbom/packages/package_limits.hpp"
#include "sbom/packages/stanzas.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kJsonBytes = std::size_t{16} << 20;
constexpr int kJsonDepth = 64;
constexpr int kMisses = 64;  // searches that go to the end of the text in vain

}  // namespace

bool LineReader::next(TextLine& line) {
    if (position_ >= text_.size())
        return false;
    const std::size_t end = std::min(text_.find('\n', position_), text_.size());
    line = {.text = text_.substr(position_, end - position_), .offset = position_};
    if (line.text.ends_with('\r'))
        line.text.remove_suffix(1);
    position_ = end + 1;
    return true;
}

bool add_package(PackageList& list, Package package) {
    if (package.name.empty())
        return true;
    if (list.packages.size() == kPackages) {
        list.gaps.emplace_back(kTooManyPackages);
        return false;
    }
    for (std::string Package::* field : {&Package::name, &Package::version, &Package::architecture, &Package::source, &Package::supplier,
                                         &Package::license, &Package::cpe, &Package::source_version, &Package::group, &Package::epoch})
        package.*field = field_text(package.*field);
    list.packages.push_back(std::move(package));
    return true;
}

std::string_view quoted_text(std::string_view text) {
    const std::size_t first = text.find_first_of("'\"");
    if (first == std::string_view::npos)
        return {};
    const std::size_t last = text.find(text[first], first + 1);
    return last == std::string_view::npos ? std::string_view{} : text.substr(first + 1, last - first - 1);
}

std::optional<PackageJson> package_json(Bytes content, PackageList& list) {
    if (content.size() > kJsonBytes) {
        list.gaps.emplace_back("more than 16 MiB of JSON: not read");
        return std::nullopt;
    }
    const auto shallow = [](int depth, PackageJson::parse_event_t, PackageJson&) { return depth <= kJsonDepth; };
    PackageJson json = PackageJson::parse(content.begin(), content.end(), shallow, false);
    if (json.is_discarded()) {
        list.gaps.emplace_back("is not JSON: not read");
        return std::nullopt;
    }
    return json;
}

std::string json_text(const PackageJson& object, const char* member) {
    if (!object.is_object())
        return {};
    const auto found = object.find(member);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string json_license(const PackageJson& object, const char* member) {
    if (!object.is_object() || !object.contains(member))
        return {};
    const PackageJson& value = object[member];
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_object())
        return json_text(value, "type");
    std::string joined;
    if (value.is_array())
        for (const PackageJson& item : value)
            if (const std::string one = item.is_string() ? item.get<std::string>() : json_text(item, "type"); !one.empty() && joined.size() < 1024)
                joined += (joined.empty() ? "" : " OR ") + one;
    return joined;
}

std::uint64_t OffsetFinder::find(std::string_view text) {
    if (misses_ >= kMisses)
        return 0;
    for (std::size_t at = text_.find(text, position_); at != std::string_view::npos; at = text_.find(text, at + 1))
        if (at > 0 && text_[at - 1] == '"' && text_.substr(at + text.size()).starts_with('"')) {
            position_ = at + text.size();
            return at;
        }
    ++misses_;
    return 0;
}

}  // namespace shirushi::sbom
