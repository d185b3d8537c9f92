# shirushi_embed(target NAMESPACE shirushi::report ROOT dir FILES a b ...) puts files into the library as they are: the
# generated source defines `std::span<const Asset> assets()` of the namespace's "report/asset.hpp". The assembler reads the
# files (.incbin), so there is no size limit and no other program is needed. When one changes, its digest in the generated source does, too:
# ccache in its depend mode (cmake/flags.cmake) does not see what .incbin reads.
function(shirushi_embed target)
    cmake_parse_arguments(EMBED "" "NAMESPACE;ROOT;HEADER" "FILES" ${ARGN})
    set(symbols "")
    set(declarations "")
    set(rows "")
    set(index 0)
    foreach(file ${EMBED_FILES})
        file(RELATIVE_PATH name ${EMBED_ROOT} ${file})
        set(symbol "${target}_asset_${index}")
        set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
        file(SHA256 ${file} digest)
        string(APPEND symbols "// ${name}: ${digest}\nasm(\".section .rodata\\n.global ${symbol}\\n${symbol}:\\n.incbin \\\"${file}\\\"\\n"
                              ".global ${symbol}_end\\n${symbol}_end:\\n.byte 0\\n.previous\\n\");\n")
        string(APPEND declarations "extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n")
        string(APPEND rows "        {\"${name}\", {${symbol}, ${symbol}_end}},\n")
        math(EXPR index "${index} + 1")
    endforeach()
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/${target}_assets.cpp)
    file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT "// Made by cmake/embed.cmake.
#include \"${EMBED_HEADER}\"
@symbols@extern \"C\" {
@declarations@}
namespace ${EMBED_NAMESPACE} {
std::span<const Asset> assets() {
    static const Asset list[] = {
@rows@    };
    return list;
}
}  // namespace ${EMBED_NAMESPACE}
")
    set_source_files_properties(${generated} PROPERTIES OBJECT_DEPENDS "${EMBED_FILES}")
    target_sources(${target} PRIVATE ${generated})
endfunction()
