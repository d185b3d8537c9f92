# Flags of our own code, as one interface library that every target of ours links.
# Off with clang: -Wdeprecated-declarations, which it raises inside std::ranges::stable_sort of g++ 12's library.
# Off: -Wmaybe-uninitialized and -Wrestrict, which g++ 12 raises at -O2 inside std::optional and std::string of its own library.
add_library(shirushi_flags INTERFACE)
target_compile_options(shirushi_flags INTERFACE -Wall -Wextra -Wpedantic -Wno-pedantic -Wshadow -Wconversion -Wno-sign-conversion
    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wno-missing-field-initializers $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers> $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations> -Werror
    -fstack-protector-strong
    -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
target_link_options(shirushi_flags INTERFACE -Wl,-z,relro,-z,now)

# Debug builds keep line tables only and some optimisation: the sanitized tests stay fast and small.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -D_FORTIFY_SOURCE=2")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Test programs and rooms marked PLAIN: compiled once and run once, in a Debug build.
set(SHIRUSHI_NOT_OPTIMISED $<$<CONFIG:Debug>:-O0>)

if(SHIRUSHI_SANITIZE)
    add_compile_options(-fsanitize=${SHIRUSHI_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${SHIRUSHI_SANITIZE})
endif()
if(SHIRUSHI_LIBFUZZER)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(SHIRUSHI_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()

# Faster, never required: mold links in a fifth of the time, ccache makes a second build of the same text free.
find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()
find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess> "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
