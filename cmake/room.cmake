# shirushi_room(check USES base model [LIBRARIES fmt::fmt ...]) makes from the folder it is called in:
#   library  shirushi_<room>   every *.cpp that is not a test (also in sub-folders)
#   program  <room>_test       every *_test.cpp; each of its suites is a CTest test, labelled slow where SLOW (a regex) matches;
#                              with it *_samples.cpp, which make what tests read and hold none themselves
# PLAIN: no test spends its time in this room; sanitized builds do not optimise it, which takes half of the time.
# USES names the rooms this one may include; tools/check_arrows.py holds the includes against docs/house.md's arrows.

# Whether the tests in `folder` name these paths. Only then are they on the command line: ccache takes a folder's name there for a
# different compilation, and a second checkout would share nothing.
function(shirushi_uses_test_paths result folder)
    set(${result} FALSE PARENT_SCOPE)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*_test.cpp ${folder}/*.hpp)
    foreach(file ${files})
        file(STRINGS ${file} uses REGEX "SHIRUSHI_(SOURCE_DIR|TESTDATA)" LIMIT_COUNT 1)
        if(uses)
            set(${result} TRUE PARENT_SCOPE)
            return()
        endif()
    endforeach()
endfunction()

# The suites of a GoogleTest program as CTest tests.
function(shirushi_suites program prefix slow)
    set(list ${CMAKE_CURRENT_BINARY_DIR}/${program}_suites.cmake)
    add_custom_command(TARGET ${program} POST_BUILD BYPRODUCTS ${list} VERBATIM
        COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${program}> -DPREFIX=${prefix} -DSLOW=${slow} -DWORK=${CMAKE_CURRENT_BINARY_DIR}
                -DOUTPUT=${list} -P ${PROJECT_SOURCE_DIR}/cmake/discover_suites.cmake)
    set(tests ${CMAKE_CURRENT_BINARY_DIR}/${program}_tests.cmake)
    file(WRITE ${tests} "if(EXISTS [==[${list}]==])\n  include([==[${list}]==])\nelse()\n  add_test(${program}_NOT_BUILT ${program}_NOT_BUILT)\nendif()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${tests})
endfunction()

# What nearly every file includes of the standard library, parsed once for each kind of target: optimised libraries, those that are not
# (PLAIN), and test programs, which are not either. Files still include what they use. Not for g++ 12, which forgets in a precompiled header
# which of its own library's warnings are silenced, and raises them at -O2.
if(SHIRUSHI_PCH)
    file(WRITE ${PROJECT_BINARY_DIR}/generated/common.cpp.in "// Nothing: this file exists to have the common headers compiled.\n")
    foreach(kind library plain test)
        configure_file(${PROJECT_BINARY_DIR}/generated/common.cpp.in ${PROJECT_BINARY_DIR}/generated/common_${kind}.cpp COPYONLY)
        add_library(shirushi_common_${kind} OBJECT ${PROJECT_BINARY_DIR}/generated/common_${kind}.cpp)
        target_link_libraries(shirushi_common_${kind} PRIVATE fmt::fmt shirushi_flags)
        target_precompile_headers(shirushi_common_${kind} PRIVATE <algorithm> <array> <cstdint> <cstring> <filesystem> <functional> <map>
            <memory> <optional> <set> <span> <string> <string_view> <utility> <vector> <fmt/format.h>)
    endforeach()
    target_compile_options(shirushi_common_plain PRIVATE ${SHIRUSHI_NOT_OPTIMISED})
    if(SHIRUSHI_TESTS)
        target_link_libraries(shirushi_common_test PRIVATE GTest::gtest_main GTest::gmock)
        set_target_properties(shirushi_common_test PROPERTIES POSITION_INDEPENDENT_CODE OFF) # programs are compiled with -fPIE
        target_compile_options(shirushi_common_test PRIVATE -fPIE ${SHIRUSHI_NOT_OPTIMISED})
        target_precompile_headers(shirushi_common_test PRIVATE <gtest/gtest.h> <gmock/gmock.h>)
    endif()
endif()

# Has `target` use what is common to `kind`: library, plain or test.
function(shirushi_common target kind)
    if(SHIRUSHI_PCH)
        target_precompile_headers(${target} REUSE_FROM shirushi_common_${kind})
    endif()
    if(NOT kind STREQUAL library)
        target_compile_options(${target} PRIVATE ${SHIRUSHI_NOT_OPTIMISED})
    endif()
endfunction()

function(shirushi_room name)
    cmake_parse_arguments(ROOM "PLAIN" "SLOW" "USES;LIBRARIES;TEST_USES" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    set(tests ${sources})
    list(FILTER tests INCLUDE REGEX "_(test|samples)\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "(_(test|samples)\\.cpp$|/testdata/)")

    add_library(shirushi_${name} STATIC ${sources})
    target_include_directories(shirushi_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/..)
    list(TRANSFORM ROOM_USES PREPEND shirushi_)
    target_link_libraries(shirushi_${name} PUBLIC ${ROOM_USES} PRIVATE ${ROOM_LIBRARIES} fmt::fmt shirushi_flags)
    if(ROOM_PLAIN)
        shirushi_common(shirushi_${name} plain)
    else()
        shirushi_common(shirushi_${name} library)
    endif()
    shirushi_together(shirushi_${name})

    if(tests AND SHIRUSHI_TESTS)
        add_executable(${name}_test ${tests})
        list(TRANSFORM ROOM_TEST_USES PREPEND shirushi_)
        target_link_libraries(${name}_test PRIVATE shirushi_${name} ${ROOM_TEST_USES} ${ROOM_LIBRARIES} fmt::fmt
                              GTest::gtest_main GTest::gmock shirushi_flags)
        shirushi_common(${name}_test test)
        shirushi_together(${name}_test)
        shirushi_uses_test_paths(paths ${CMAKE_CURRENT_SOURCE_DIR})
        if(paths)
            target_compile_definitions(${name}_test PRIVATE
                SHIRUSHI_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SHIRUSHI_TESTDATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata")
        endif()
        shirushi_suites(${name}_test ${name}. "${ROOM_SLOW}")
    endif()
endfunction()
