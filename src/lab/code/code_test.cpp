#include "code/code.hpp"
#include <gtest/gtest.h>
namespace shirushi::code { namespace { TEST(Code, RefusesWhatIsNotElf) { EXPECT_FALSE(call_sites({})); } } }
