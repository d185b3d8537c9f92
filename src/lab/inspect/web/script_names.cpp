#include "inspect/web/script_names.hpp"

#include <algorithm>
#include <array>

namespace shirushi::inspect::web {
namespace {

constexpr Sinks kCommand = only(WebSink::command);
constexpr Sinks kSql = only(WebSink::sql);
constexpr Sinks kFile = only(WebSink::file);
constexpr Sinks kOutput = only(WebSink::output);

template <std::size_t N>
bool is_any(std::string_view word, const std::array<std::string_view, N>& list) {
    return std::ranges::find(list, word) != list.end();
}

/// As written, or behind a module's name: "sys.exec" of "luci.sys.exec".
bool ends_as(std::string_view name, std::string_view ending) {
    return name == ending ||
           (name.size() > ending.size() && name.ends_with(ending) && (name[name.size() - ending.size() - 1] == '.' || name[name.size() - ending.size() - 1] == ':'));
}
template <std::size_t N>
bool ends_as_any(std::string_view name, const std::array<std::string_view, N>& list) {
    return std::ranges::any_of(list, [&](std::string_view one) { return ends_as(name, one); });
}
bool is_method(std::string_view name) {
    return last_part(name).size() != name.size();
}

/// Functions whose result is nothing that a client chose.
// clang-format off
constexpr auto kHarmless = std::to_array<std::string_view>({
    "intval", "floatval", "int", "float", "bool", "abs", "hex", "oct", "ord", "ip2long", "bin2hex", "md5", "sha1", "sha256", "hash", "crc32", "strlen",
    "length", "len", "count", "sizeof", "round", "floor", "ceil", "tonumber", "urlencode", "rawurlencode", "uri_escape", "base64_encode", "is_numeric",
    "isset", "empty", "defined", "exists", "isdigit", "isalnum", "in_array", "array_key_exists", "strcmp", "strpos", "index", "find", "ip_address",
    "password_verify", "password_hash", "file_exists", "is_file", "is_dir", "filesize", "has_key", "startswith", "endswith", "b64encode", "hexdigest",
    "UUID", "strtotime", "encode_base64"});
// clang-format on

/// Functions whose result carries what they were given.
// clang-format off
constexpr auto kHandsOn = std::to_array<std::string_view>({
    "", "trim", "ltrim", "rtrim", "chop", "chomp", "strtolower", "strtoupper", "lower", "upper", "lc", "uc", "lcfirst", "ucfirst", "substr", "sub",
    "explode", "split", "implode", "join", "sprintf", "format", "str_pad", "urldecode", "rawurldecode", "base64_decode", "unquote", "unquote_plus", "decode",
    "encode", "unescape", "uri_unescape", "stripslashes", "strval", "tostring", "str", "string", "array", "list", "dict", "array_merge", "shift", "pop",
    "push", "reverse", "strip", "lstrip", "rstrip", "splitlines", "get", "getvalue", "getfirst", "getlist", "read", "readline", "parse_qs", "parse_qsl",
    "json_decode", "loads", "nl2br", "ucwords", "concat", "values", "keys", "items", "sort", "iconv", "utf8_encode", "utf8_decode", "next", "select",
    "unpack", "my", "our", "local", "return", "and", "or", "not", "if", "while", "foreach", "elseif", "elsif", "elif", "unless", "switch", "echo", "print",
    "parse", "ipairs", "pairs", "urldecode_params", "urldecode_string", "param", "Vars", "gmatch", "match", "group", "groups", "execute", "popen", "open",
    "array_map", "func_get_args", "current", "end", "reset", "each", "map", "grep", "scalar", "path", "replace_all", "repr", "print_r", "sprintf_",
    "html_entity_decode", "htmlspecialchars_decode"});
// clang-format on

Sink php_sink(std::string_view name) {
    constexpr auto commands = std::to_array<std::string_view>({"system", "exec", "shell_exec", "passthru", "popen", "proc_open", "eval", "create_function", "assert"});
    constexpr auto queries = std::to_array<std::string_view>(
        {"mysql_query", "mysql_db_query", "mysqli_query", "mysqli_multi_query", "sqlite_query", "sqlite_exec", "pg_query", "odbc_exec", "mssql_query"});
    constexpr auto methods = std::to_array<std::string_view>({"query", "exec", "multi_query", "querySingle", "prepare"});
    constexpr auto files =
        std::to_array<std::string_view>({"fopen",  "file_get_contents",   "readfile", "file",      "include",     "include_once",   "require",        "require_once",
                                         "unlink", "file_put_contents",   "opendir",  "scandir",   "show_source", "highlight_file", "parse_ini_file", "rmdir",
                                         "mkdir",  "simplexml_load_file", "gzopen",   "readgzfile"});
    constexpr auto outputs = std::to_array<std::string_view>({"echo", "print", "printf", "vprintf", "print_r", "die", "exit"});
    if (is_method(name))
        return is_any(last_part(name), methods) ? Sink{kSql, 0, 0} : Sink{};
    if (is_any(name, commands))
        return {kCommand, 0, 0};
    if (is_any(name, queries))
        return {kSql, 0, kAllArguments};
    if (is_any(name, files))
        return {kFile, 0, 0};
    if (name == "copy" || name == "rename")
        return {kFile, 0, 1};
    if (name == "move_uploaded_file")
        return {kFile, 1, 1};
    return is_any(name, outputs) ? Sink{kOutput, 0, kAllArguments} : Sink{};
}

Sink lua_sink(std::string_view name) {
    constexpr auto commands =
        std::to_array<std::string_view>({"os.execute", "io.popen", "sys.exec", "sys.call", "util.exec", "util.execi", "util.execl", "loadstring", "sys.process.exec"});
    constexpr auto files = std::to_array<std::string_view>({"io.open", "io.lines", "dofile", "loadfile", "fs.readfile", "fs.writefile", "fs.unlink", "fs.remove",
                                                            "nixio.open", "os.remove", "fs.dir", "fs.rmdir", "fs.mkdir", "fs.access_file", "readfile", "writefile"});
    constexpr auto outputs = std::to_array<std::string_view>({"http.write", "io.write", "print", "ngx.say", "ngx.print", "uhttpd.send", "http.write_html"});
    constexpr auto methods = std::to_array<std::string_view>({"execute", "nrows", "urows", "rows"});
    if (ends_as_any(name, commands))
        return {kCommand, 0, 0};
    if (ends_as_any(name, files))
        return {kFile, 0, 0};
    if (ends_as(name, "os.rename") || ends_as(name, "fs.rename") || ends_as(name, "fs.copy"))
        return {kFile, 0, 1};
    if (name.find(':') != std::string_view::npos && (is_any(last_part(name), methods) || (last_part(name) == "exec" && name.find("db") != std::string_view::npos)))
        return {kSql, 0, 0};
    return name == "write" || ends_as_any(name, outputs) ? Sink{kOutput, 0, kAllArguments} : Sink{};
}

Sink perl_sink(std::string_view name) {
    constexpr auto queries = std::to_array<std::string_view>(
        {"do", "prepare", "selectall_arrayref", "selectrow_array", "selectrow_hashref", "selectrow_arrayref", "selectall_hashref", "selectcol_arrayref"});
    if (is_method(name))
        return is_any(last_part(name), queries) ? Sink{kSql, 0, 0} : Sink{};
    if (name == "system" || name == "exec" || name == "shell_exec" || name == "eval")
        return {kCommand, 0, 0};
    if (name == "unlink" || name == "require" || name == "do" || name == "rmdir" || name == "mkdir")
        return {kFile, 0, 0};
    if (name == "opendir" || name == "sysopen")
        return {kFile, 1, 1};
    if (name == "rename" || name == "copy" || name == "move")
        return {kFile, 0, 1};
    return name == "print" || name == "printf" || name == "say" ? Sink{kOutput, 0, kAllArguments} : Sink{};
}

Sink python_sink(std::string_view name) {
    constexpr auto commands = std::to_array<std::string_view>(
        {"os.system", "os.popen", "commands.getoutput", "commands.getstatusoutput", "subprocess.getoutput", "subprocess.getstatusoutput", "popen2.popen3"});
    constexpr auto files =
        std::to_array<std::string_view>({"os.remove", "os.unlink", "os.listdir", "os.rmdir", "os.mkdir", "shutil.rmtree", "io.open", "codecs.open", "send_file"});
    constexpr auto outputs = std::to_array<std::string_view>({"sys.stdout.write", "self.write", "wfile.write"});
    constexpr auto queries = std::to_array<std::string_view>({"execute", "executescript", "executemany"});
    if (ends_as_any(name, commands) || name == "eval" || name == "exec")
        return {kCommand, 0, 0};
    if (name == "open" || ends_as_any(name, files))
        return {kFile, 0, 0};
    if (ends_as(name, "os.rename") || ends_as(name, "shutil.copy") || ends_as(name, "shutil.move"))
        return {kFile, 0, 1};
    if (is_method(name) && is_any(last_part(name), queries))
        return {kSql, 0, 0};
    return name == "print" || ends_as_any(name, outputs) ? Sink{kOutput, 0, kAllArguments} : Sink{};
}

}  // namespace

std::string_view last_part(std::string_view name) {
    for (std::size_t i = name.size(); i > 0; --i)
        if (name[i - 1] == '.' || name[i - 1] == ':' || name[i - 1] == '>')
            return name.substr(i);
    return name;
}
std::string_view first_part(std::string_view name) {
    const auto end = name.find_first_of(".:-", std::min<std::size_t>(1, name.size()));
    return name.substr(0, end);
}

bool is_request_variable(std::string_view name, WebLanguage language) {
    constexpr auto php =
        std::to_array<std::string_view>({"$_GET", "$_POST", "$_REQUEST", "$_COOKIE", "$_FILES", "$HTTP_GET_VARS", "$HTTP_POST_VARS", "$HTTP_RAW_POST_DATA", "$_SERVER"});
    constexpr auto python = std::to_array<std::string_view>({"request.args", "request.form", "request.values", "request.json", "request.data", "request.GET",
                                                             "request.POST", "request.query", "request.params", "request.cookies", "request.body"});
    switch (language) {
        case WebLanguage::php:
            return is_any(first_part(name), php);
        case WebLanguage::perl:
            return name == "$ENV" || name == "<STDIN>";
        case WebLanguage::python:
            return std::ranges::any_of(python, [&](std::string_view one) { return name == one || (name.starts_with(one) && name[one.size()] == '.'); });
        case WebLanguage::lua:
            return name.starts_with("ngx.var.arg_") || name.starts_with("cgilua.QUERY") || name.starts_with("cgilua.POST");
        default:
            return false;
    }
}

bool is_request_call(std::string_view name, WebLanguage language) {
    constexpr auto lua = std::to_array<std::string_view>({"http.formvalue", "http:formvalue", "formvalue", "http.formvaluetable", "http.content", "http.getcookie",
                                                          "ngx.req.get_uri_args", "ngx.req.get_post_args", "ngx.req.get_body_data", "formvaluetable"});
    switch (language) {
        case WebLanguage::lua:
            return ends_as_any(name, lua);
        case WebLanguage::perl:
            return name == "param" || last_part(name) == "param" || last_part(name) == "url_param" || last_part(name) == "query_string" ||
                   last_part(name) == "path_info" || last_part(name) == "Vars";
        case WebLanguage::python:
            return ends_as(name, "cgi.FieldStorage") || name == "FieldStorage" || ends_as(name, "sys.stdin.read") || ends_as(name, "self.get_argument") ||
                   ends_as(name, "request.get_json") || ends_as(name, "cgi.parse");
        default:
            return false;
    }
}

Sink sink_of(std::string_view name, WebLanguage language) {
    switch (language) {
        case WebLanguage::php:
            return php_sink(name);
        case WebLanguage::lua:
            return lua_sink(name);
        case WebLanguage::perl:
            return perl_sink(name);
        case WebLanguage::python:
            return python_sink(name);
        default:
            return {};
    }
}

Treatment treatment_of(std::string_view name, WebLanguage language) {
    const std::string_view part = last_part(name);
    const auto kept = [](Sinks sinks) { return Treatment{.kept_away = sinks, .doubted = 0, .known = true}; };
    const auto doubted = [](Sinks sinks) { return Treatment{.kept_away = 0, .doubted = sinks, .known = true}; };
    if (part == "escapeshellarg" || part == "quotemeta" || part == "shellquote" || part == "shell_quote" ||
        (part == "quote" && (name == "quote" || name.starts_with("shlex") || name.starts_with("pipes"))))
        return kept(kCommand);
    if (part == "quote" && language == WebLanguage::python)
        return kept(kEverySink);
    if (part == "escapeshellcmd")
        return doubted(kCommand);
    if (is_any(part, std::to_array<std::string_view>({"htmlspecialchars", "htmlentities", "escapeHTML", "encode_entities", "pcdata", "striptags", "escape", "json_encode",
                                                      "dumps", "html_escape", "to_json"})))
        return kept(kOutput);
    if (part == "strip_tags")
        return doubted(kOutput);
    if (is_any(part, std::to_array<std::string_view>({"mysql_real_escape_string", "mysqli_real_escape_string", "real_escape_string", "quote", "sqlite_escape_string",
                                                      "escapeString", "pg_escape_string", "pg_escape_literal"})))
        return kept(kSql);
    if (part == "addslashes" || part == "mysql_escape_string")
        return doubted(kSql);
    if (part == "basename" || part == "secure_filename")
        return kept(kFile);
    if (part == "realpath")
        return doubted(kFile);
    if (is_any(part, kHarmless) || part.starts_with("ctype_") || part.starts_with("is_"))
        return kept(kEverySink);
    if (is_any(part, kHandsOn) || part.starts_with("mb_") || (name.starts_with("os.path.join")))
        return kept(0);
    return {};
}

PatternCall pattern_call(std::string_view name, WebLanguage language) {
    const std::string_view part = last_part(name);
    if (is_any(part, std::to_array<std::string_view>({"preg_replace", "ereg_replace", "eregi_replace", "gsub"})) || (language == WebLanguage::python && name == "re.sub"))
        return PatternCall::replaces;
    if (is_any(part, std::to_array<std::string_view>({"preg_match", "ereg", "eregi", "fnmatch", "preg_match_all"})) ||
        (language == WebLanguage::lua && (part == "match" || part == "find")) ||
        (language == WebLanguage::python && (name == "re.match" || name == "re.fullmatch" || name == "re.search")))
        return PatternCall::matches;
    if (is_any(part, std::to_array<std::string_view>({"is_numeric", "in_array", "array_key_exists", "filter_var", "ip2long", "isdigit", "isalnum", "isdecimal", "is_int",
                                                      "inet_pton", "ip4addr", "ip6addr", "ipaddr", "uinteger", "hostname", "ip_address", "checkdate"})) ||
        part.starts_with("ctype_"))
        return PatternCall::tests;
    return PatternCall::none;
}

bool asks_for_presence(std::string_view name) {
    return is_any(last_part(name), std::to_array<std::string_view>({"isset", "empty", "defined", "exists", "count", "strlen", "len", "length", "is_array", "is_string",
                                                                    "type", "has_key", "is_null"}));
}

bool sets_something(std::string_view name, WebLanguage language) {
    const std::string_view part = last_part(name);
    if (language == WebLanguage::lua)
        return ((part == "set" || part == "commit" || part == "delete" || part == "add" || part == "save" || part == "apply") &&
                (name.find("uci") != std::string_view::npos || name.find("cursor") != std::string_view::npos || name.starts_with("x:"))) ||
               ends_as(name, "sys.reboot") || ends_as(name, "sys.user.setpasswd");
    return part == "file_put_contents" || part == "move_uploaded_file" || part == "executescript";
}

}  // namespace shirushi::inspect::web
