// A predicate holds nothing between two calls: one with a capture cannot be made from nothing.
// error: (no matching function for call|no matching constructor for initialization|deleted)
#include "check/check.hpp"

namespace shirushi::check {

#ifdef MUST_NOT_COMPILE
#define CAPTURE &seen
#else
#define CAPTURE
#endif

consteval Check stateful() {
    [[maybe_unused]] int seen = 0;
    return check_reading<&Facts::services>("SHI-TST-001", 1, [CAPTURE](const std::vector<Service>& services, Report& out) {
#ifdef MUST_NOT_COMPILE
        ++seen;
#endif
        for (const Service& service : services)
            out.review({.key = "found", .names = {{"service", service.name}}, .figures = {}, .evidence = {}});
    });
}
extern constexpr Check forgetful = stateful();

}  // namespace shirushi::check
