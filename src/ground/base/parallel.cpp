#include "base/parallel.hpp"

namespace shirushi {

unsigned default_workers() { return std::clamp(std::thread::hardware_concurrency(), 1U, 16U); }

}  // namespace shirushi
