// SHI-USB-001: only the USB classes that the product needs are served. Which it needs nobody has declared, so what an image can serve is for a
// person, unless an allow-list decides about every device.
#include <algorithm>
#include <map>

#include "check/check.hpp"

namespace shirushi::check {
namespace {

/// Classes that the kernel was built to serve, by its configuration; each "OPTION=Class" of the parameter.
void add_configured(const Component& component, Report& out, std::map<std::string, Evidence>& classes) {
    if (!component.compiled_in)
        return;
    for (const std::string& pair : out.words("kernel_options")) {
        const auto equals = pair.find('=');
        const std::string option = pair.substr(0, equals);
        const auto set = [&](const std::string& line) { return line == option + "=y" || line == option + "=m"; };
        if (equals != std::string::npos && std::ranges::any_of(component.compiled_in->configuration, set) && !component.evidence.empty())
            classes.try_emplace(pair.substr(equals + 1), component.evidence.front());
    }
}

}  // namespace

extern constexpr Check usb_classes = check_reading<&Facts::usb_exposures, &Facts::components>(
    "SHI-USB-001", 1, [](const std::vector<UsbExposure>& exposures, const std::vector<Component>& components, Report& out) {
        std::map<std::string, Evidence> classes;
        bool known = false;  // what the kernel holds
        for (const Component& component : components) {
            known |= component.compiled_in && (!component.compiled_in->configuration.empty() || !component.compiled_in->modules.empty());
            add_configured(component, out, classes);
        }
        const UsbExposure* list = nullptr;
        const UsbExposure* everything = nullptr;
        for (const UsbExposure& exposure : exposures) {
            if (exposure.kind == UsbExposureKind::class_driver)
                classes.insert_or_assign(exposure.name, exposure.evidence);
            else if (exposure.kind == UsbExposureKind::gadget_function && exposure.in_use == Answer::yes)
                out.review({.key = "gadget", .names = {{"function", exposure.name}}, .figures = {}, .evidence = {exposure.evidence}});
            else if (exposure.kind == UsbExposureKind::authorization && exposure.guarded == Answer::yes && exposure.in_use == Answer::yes)
                list = &exposure;
            else if (exposure.kind == UsbExposureKind::authorization && exposure.guarded == Answer::no)
                everything = &exposure;
        }
        if (everything != nullptr)
            out.review({.key = "everything", .names = {{"by", everything->name}}, .figures = {}, .evidence = {everything->evidence}});
        if (list != nullptr)
            return out.explain({.key = "allow_list", .names = {{"by", list->name}}, .figures = {}, .evidence = {list->evidence}});
        if (classes.empty()) {
            if (!known)
                out.review({.key = "unknown", .names = {}, .figures = {}, .evidence = {}});
            return;
        }
        std::vector<std::string> names;
        std::vector<Evidence> evidence;
        for (const auto& [name, seen] : classes) {
            names.push_back(name);
            if (evidence.size() < max_examples)
                evidence.push_back(seen);
        }
        out.review({.key = "classes", .names = {}, .figures = {{"classes", joined(names)}}, .evidence = std::move(evidence)});
    });

}  // namespace shirushi::check
