# Every third-party library, found once. All come from packages.txt; a missing one is an error that names its package.
include(FindPkgConfig)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(nlohmann_json REQUIRED)
if(SHIRUSHI_TESTS)
    find_package(GTest REQUIRED)
endif()

# shirushi_library(zstd libzstd libzstd-dev): target lib::zstd from pkg-config's libzstd.
function(shirushi_library name module package)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET GLOBAL ${module})
    if(NOT ${name}_FOUND)
        message(FATAL_ERROR "${module} is missing: install ${package} (./shirushi and ./test do it for you)")
    endif()
    add_library(lib::${name} ALIAS PkgConfig::${name})
endfunction()

shirushi_library(crypt libcrypt libcrypt-dev)
