#include "inspect/web/flow.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace shirushi::inspect::web {
namespace {

using Lines = std::vector<std::string>;

Lines flows(const Reading& reading, std::string_view text) {
    Lines lines;
    for (const Flow& flow : reading.flows)
        lines.push_back(fmt::format("{} {} {} {} {}", 1 + std::count(text.data(), flow.at.data(), '\n'), name_of(flow.sink), name_of(flow.guard), flow.input,
                                    flow.through));
    return lines;
}
Lines shell(std::string_view text) {
    return flows(read_shell_handler(text), text);
}
Lines php(std::string_view text) {
    return flows(read_script(text, WebLanguage::php), text);
}
Lines lua(std::string_view text) {
    return flows(read_script(text, WebLanguage::lua), text);
}
Lines perl(std::string_view text) {
    return flows(read_script(text, WebLanguage::perl), text);
}
Lines python(std::string_view text) {
    return flows(read_script(text, WebLanguage::python), text);
}

TEST(WebShell, DataThatIsReadAgainAsShellTextIsACommand) {
    EXPECT_EQ(shell("#!/bin/sh\neval $(echo \"$QUERY_STRING\" | sed 's/&/;/g')\n"), Lines{"2 command none QUERY_STRING eval"});
    EXPECT_EQ(shell("#!/bin/sh\nip=`echo $QUERY_STRING | cut -d= -f2`\nsh -c \"ping -c 1 $ip\" > /tmp/r\n"), Lines{"3 command none QUERY_STRING sh -c"});
    EXPECT_EQ(shell("#!/bin/sh\nc=${QUERY_STRING#cmd=}\n$c > /tmp/out\n"), Lines{"3 command none QUERY_STRING $"});
    EXPECT_EQ(shell("#!/bin/sh\necho \"$QUERY_STRING\" | sh > /dev/null\n"), Lines{"2 command none QUERY_STRING sh -c"});
    EXPECT_EQ(shell("#!/bin/sh\nread -n $CONTENT_LENGTH body\neval \"$body\"\n"), Lines{"3 command none POST body eval"});
}

TEST(WebShell, AnUnquotedArgumentIsForAPersonToLookAt) {
    EXPECT_EQ(shell("#!/bin/sh\nip=$(echo \"$QUERY_STRING\" | cut -d= -f2)\nping -c 1 $ip > /tmp/r\n"), Lines{"3 command unclear QUERY_STRING ping"});
    EXPECT_EQ(shell("#!/bin/sh\nip=$(echo \"$QUERY_STRING\" | cut -d= -f2)\nping -c 1 \"$ip\" > /tmp/r\n"), Lines{});
}

TEST(WebShell, WhatIsCutDownOrComparedIsHeldOff) {
    EXPECT_EQ(shell("ip=$(echo \"$QUERY_STRING\" | sed 's/[^0-9.]//g')\neval \"ping $ip\"\n"), Lines{});
    EXPECT_EQ(shell("ip=$(echo \"$QUERY_STRING\" | tr -cd '0-9.')\nsh -c \"ping $ip\" > /tmp/r\n"), Lines{});
    EXPECT_EQ(shell("n=${QUERY_STRING#n=}\nif echo \"$n\" | grep -qE '^[0-9]+$'; then\n eval \"x=$n\"\nfi\n"), Lines{});
    EXPECT_EQ(shell("n=${QUERY_STRING#n=}\ncase \"$n\" in *[!0-9]*) exit 1;; esac\neval \"x=$n\"\n"), Lines{});
    EXPECT_EQ(shell("n=${QUERY_STRING#n=}\ncase \"$n\" in on|off) ;; *) exit 1;; esac\neval \"x=$n\"\n"), Lines{"3 command unclear QUERY_STRING eval"});
    EXPECT_EQ(shell("n=${QUERY_STRING#n=}\n[ \"$n\" -gt 0 ] || exit 1\neval \"x=$n\"\n"), Lines{});
    EXPECT_EQ(shell("n=$(echo $QUERY_STRING | md5sum)\neval \"x=$n\"\n"), Lines{});
    EXPECT_EQ(shell("n=$(echo $QUERY_STRING | tr -d ';')\neval \"x=$n\"\n"), Lines{"2 command none QUERY_STRING eval"});
    EXPECT_EQ(shell("n=$(clean \"$QUERY_STRING\")\neval \"x=$n\"\n"), Lines{"2 command unclear QUERY_STRING eval"});
}

TEST(WebShell, FunctionsCarryWhatTheyAreGiven) {
    EXPECT_EQ(shell("get() { echo \"$QUERY_STRING\" | sed -n \"s/.*$1=\\([^&]*\\).*/\\1/p\"; }\nip=$(get ip)\neval ping $ip\n"),
              Lines{"3 command none QUERY_STRING eval"});
    EXPECT_EQ(shell("get() { echo \"$QUERY_STRING\" | tr -cd '[:alnum:]'; }\nip=$(get ip)\neval ping $ip\n"), Lines{});
    EXPECT_EQ(shell("run() { eval \"ping $1\"; }\nrun \"${QUERY_STRING}\"\n"), Lines{"1 command none QUERY_STRING eval"});
}

TEST(WebShell, FilesQueriesAndPages) {
    EXPECT_EQ(shell("f=${QUERY_STRING#file=}\ncat \"/www/logs/$f\"\n"), Lines{"2 file none QUERY_STRING cat"});
    EXPECT_EQ(shell("f=${QUERY_STRING#file=}\ncat \"/www/logs/${f##*/}\"\n"), Lines{});
    EXPECT_EQ(shell("f=$(basename \"$QUERY_STRING\")\ncat \"/www/logs/$f\"\n"), Lines{});
    EXPECT_EQ(shell("f=${QUERY_STRING#file=}\ncase \"$f\" in *..*) exit;; esac\ncat \"/www/logs/$f\"\n"), Lines{});
    EXPECT_EQ(shell("echo x > \"/tmp/$QUERY_STRING\"\n"), Lines{"1 file none QUERY_STRING >"});
    EXPECT_EQ(shell("sqlite3 /etc/u.db \"select * from u where n='$QUERY_STRING'\" > /tmp/x\n"), Lines{"1 sql none QUERY_STRING sqlite3"});
    EXPECT_EQ(shell("echo 'Content-Type: text/html'\necho\necho \"<b>$QUERY_STRING</b>\"\n"), Lines{"3 output none QUERY_STRING echo"});
    EXPECT_EQ(shell("echo 'Content-Type: text/plain'\necho\necho \"$QUERY_STRING\"\n"), Lines{});
    EXPECT_EQ(shell("cat <<EOF\n<p>$HTTP_USER_AGENT</p>\nEOF\n"), Lines{"1 output none HTTP_USER_AGENT cat"});
    EXPECT_EQ(shell("cat <<'EOF'\n<p>$HTTP_USER_AGENT</p>\nEOF\n"), Lines{});
}

TEST(WebPhp, VulnerableAndSafeTwins) {
    EXPECT_EQ(php("$ip = $_GET['ip'];\nsystem(\"ping -c 1 $ip\");\n"), Lines{"2 command none $_GET system"});
    EXPECT_EQ(php("$ip = $_GET['ip'];\nsystem('ping -c 1 ' . escapeshellarg($ip));\n"), Lines{});
    EXPECT_EQ(php("$ip = $_POST['ip'];\nif (!preg_match('/^[0-9.]+$/', $ip)) die('no');\nexec('ping ' . $ip, $out);\n"), Lines{});
    EXPECT_EQ(php("$ip = $_POST['ip'];\nif (strpos($ip, ';') !== false) die('no');\nexec('ping ' . $ip, $out);\n"), Lines{"3 command unclear $_POST exec"});
    EXPECT_EQ(php("$n = intval($_REQUEST['n']);\n$o = `head -n $n /tmp/log`;\n"), Lines{});
    EXPECT_EQ(php("$n = $_REQUEST['n'];\n$o = `head -n $n /tmp/log`;\n"), Lines{"2 command none $_REQUEST shell_exec"});
    EXPECT_EQ(php("$id = $_GET['id'];\n$r = mysql_query(\"SELECT * FROM u WHERE id=\" . $id);\n"), Lines{"2 sql none $_GET mysql_query"});
    EXPECT_EQ(php("$id = mysqli_real_escape_string($c, $_GET['id']);\n$r = mysqli_query($c, \"SELECT * FROM u WHERE id='$id'\");\n"), Lines{});
    EXPECT_EQ(php("$s = $db->prepare('SELECT * FROM u WHERE id = ?');\n$s->execute([$_GET['id']]);\n"), Lines{});
    EXPECT_EQ(php("$q = \"SELECT * FROM u WHERE id='\" . $_GET['id'] . \"'\";\n$db->query($q);\n"), Lines{"2 sql none $_GET $db->query"});
    EXPECT_EQ(php("include $_GET['page'] . '.php';\n"), Lines{"1 file none $_GET include"});
    EXPECT_EQ(php("$pages = array('home' => 'home.php');\ninclude $pages[$_GET['page']];\n"), Lines{});
    EXPECT_EQ(php("readfile('/www/log/' . basename($_GET['f']));\n"), Lines{});
    EXPECT_EQ(php("echo \"<p>Hello {$_GET['name']}</p>\";\n"), Lines{"1 output none $_GET echo"});
    EXPECT_EQ(php("echo '<p>Hello ' . htmlspecialchars($_GET['name']) . '</p>';\n"), Lines{});
    EXPECT_EQ(php("function ping($h) {\n  return shell_exec(\"ping $h\");\n}\n$r = ping($_GET['h']);\n"), Lines{"2 command none $_GET shell_exec"});
    EXPECT_EQ(php("function clean($s) { return preg_replace('/[^a-z0-9]/', '', $s); }\n$x = clean($_GET['x']);\nsystem(\"run $x\");\n"), Lines{});
    EXPECT_EQ(php("// system($_GET['x']);\n/* exec($_GET['y']); */\n# passthru($_GET['z']);\n"), Lines{});
    EXPECT_EQ(php("move_uploaded_file($_FILES['f']['tmp_name'], '/tmp/fw.bin');\n"), Lines{});
    EXPECT_EQ(php("move_uploaded_file($_FILES['f']['tmp_name'], '/www/' . $_FILES['f']['name']);\n"), Lines{"1 file none $_FILES move_uploaded_file"});
}

TEST(WebPhp, WhatIsAskedAboutWhereItStands) {
    EXPECT_EQ(php("if (preg_match('/^[0-9.]+$/', $_GET['ip'])) {\n  exec('ping ' . $_GET['ip']);\n}\n"), Lines{});
    EXPECT_EQ(php("if (preg_match('/^[0-9.]+$/', $_GET['ip'])) {\n  exec('ping ' . $_GET['other']);\n}\n"), Lines{"2 command none $_GET exec"});
    EXPECT_EQ(php("if (!ctype_digit($_POST['n'])) die();\nsystem(\"head -n {$_POST['n']} /tmp/log\");\nsystem('x ' . $_POST['n']);\n"), Lines{});
    EXPECT_EQ(php("$db->query('select * from t where id=' . (int)$_GET['id']);\n"), Lines{});
    EXPECT_EQ(php("$db->query(sprintf('select * from t where id=%d', $_GET['id']));\n"), Lines{});
    EXPECT_EQ(php("$db->query(sprintf('select * from t where id=%s', $_GET['id']));\n"), Lines{"1 sql none $_GET $db->query"});
}

TEST(WebLua, VulnerableAndSafeTwins) {
    EXPECT_EQ(lua("local ip = luci.http.formvalue(\"ip\")\nluci.sys.exec(\"ping -c 1 \" .. ip)\n"), Lines{"2 command none luci.http.formvalue luci.sys.exec"});
    EXPECT_EQ(lua("local ip = luci.http.formvalue(\"ip\")\nluci.sys.exec(\"ping -c 1 \" .. luci.util.shellquote(ip))\n"), Lines{});
    EXPECT_EQ(lua("local ip = http.formvalue('ip')\nif not ip:match('^[%d.]+$') then\n  return\nend\nos.execute('ping ' .. ip)\n"), Lines{});
    EXPECT_EQ(lua("local ip = http.formvalue('ip')\nif ip:match('%d') then\n  os.execute('ping ' .. ip)\nend\n"),
              Lines{"3 command unclear http.formvalue os.execute"});
    EXPECT_EQ(lua("local n = tonumber(luci.http.formvalue('n'))\nlocal f = io.popen('tail -n ' .. n .. ' /tmp/log')\n"), Lines{});
    EXPECT_EQ(lua("local f = io.open('/www/' .. luci.http.formvalue('f'))\n"), Lines{"1 file none luci.http.formvalue io.open"});
    EXPECT_EQ(lua("local f = io.open('/www/' .. nixio.fs.basename(luci.http.formvalue('f')))\n"), Lines{});
    EXPECT_EQ(lua("local id = luci.http.formvalue('id')\nconn:execute(\"select * from t where id='\" .. id .. \"'\")\n"),
              Lines{"2 sql none luci.http.formvalue conn:execute"});
    EXPECT_EQ(lua("local id = luci.http.formvalue('id')\nconn:execute(string.format('select * from t where id=%d', tonumber(id)))\n"), Lines{});
    EXPECT_EQ(lua("luci.http.write('<b>' .. luci.http.formvalue('n') .. '</b>')\n"), Lines{"1 output none luci.http.formvalue luci.http.write"});
    EXPECT_EQ(lua("luci.http.write('<b>' .. luci.util.pcdata(luci.http.formvalue('n')) .. '</b>')\n"), Lines{});
    EXPECT_EQ(lua("function run(cmd)\n  luci.sys.call(cmd)\nend\nfunction act()\n  run('echo ' .. luci.http.formvalue('x'))\nend\n"),
              Lines{"2 command none luci.http.formvalue luci.sys.call"});
    EXPECT_EQ(lua("-- os.execute(luci.http.formvalue('x'))\n--[[ os.execute(luci.http.formvalue('y')) ]]\n"), Lines{});
}

TEST(WebPerl, VulnerableAndSafeTwins) {
    EXPECT_EQ(perl("my $q = CGI->new;\nmy $ip = $q->param('ip');\nprint `ping -c 1 $ip`;\n"), (Lines{"3 command none $q->param shell_exec"}));
    EXPECT_EQ(perl("my $ip = param('ip');\nsystem('ping', '-c', '1', $ip);\n"), Lines{});
    EXPECT_EQ(perl("my $ip = param('ip');\nsystem(\"ping -c 1 $ip\");\n"), Lines{"2 command none param system"});
    EXPECT_EQ(perl("my $ip = param('ip');\ndie unless $ip =~ /^[\\d.]+$/;\nsystem(\"ping -c 1 $ip\");\n"), Lines{});
    EXPECT_EQ(perl("my $ip = param('ip');\n$ip =~ s/[^0-9.]//g;\nsystem(\"ping -c 1 $ip\");\n"), Lines{});
    EXPECT_EQ(perl("my $ip = param('ip');\n$ip =~ tr/0-9.//cd;\nsystem(\"ping -c 1 $ip\");\n"), Lines{});
    EXPECT_EQ(perl("my ($ip) = param('ip') =~ /([0-9.]+)/;\nsystem(\"ping -c 1 $ip\");\n"), Lines{});
    EXPECT_EQ(perl("if ($ENV{'QUERY_STRING'} =~ /host=([^&]+)/) {\n  system(\"ping $1\");\n}\n"), Lines{"2 command none QUERY_STRING system"});
    EXPECT_EQ(perl("if ($ENV{QUERY_STRING} =~ /host=([\\w]+)/) {\n  system(\"ping $1\");\n}\n"), Lines{});
    EXPECT_EQ(perl("my $f = param('f');\nopen(F, \"/www/log/$f\");\n"), (Lines{"2 command unclear param open", "2 file none param open"}));
    EXPECT_EQ(perl("my $f = param('f');\nopen(my $h, '<', '/www/log/' . basename($f));\n"), Lines{});
    EXPECT_EQ(perl("my $id = param('id');\n$dbh->do(\"delete from t where id='$id'\");\n"), Lines{"2 sql none param $dbh->do"});
    EXPECT_EQ(perl("my $id = param('id');\n$dbh->do('delete from t where id=?', undef, $id);\n"), Lines{});
    EXPECT_EQ(perl("my $n = param('n');\nprint \"<p>$n</p>\";\n"), Lines{"2 output none param print"});
    EXPECT_EQ(perl("my $n = escapeHTML(param('n'));\nprint \"<p>$n</p>\";\n"), Lines{});
    EXPECT_EQ(perl("my $n = param('n');\nprint <<EOF;\n<p>$n</p>\nEOF\n"), Lines{"2 output none param print"});
    EXPECT_EQ(perl("read(STDIN, $buffer, $ENV{'CONTENT_LENGTH'});\nsystem(\"run $buffer\");\n"), Lines{"2 command none STDIN system"});
    EXPECT_EQ(perl("sub run {\n  my $c = shift;\n  system(\"$c\");\n}\nrun(param('c'));\n"), Lines{"3 command none param system"});
    EXPECT_EQ(perl("# system(param('x'));\n=pod\nsystem(param('y'));\n=cut\n__END__\nsystem(param('z'));\n"), Lines{});
}

TEST(WebPython, VulnerableAndSafeTwins) {
    EXPECT_EQ(python("form = cgi.FieldStorage()\nip = form.getvalue('ip')\nos.system('ping -c 1 ' + ip)\n"),
              Lines{"3 command none cgi.FieldStorage os.system"});
    EXPECT_EQ(python("form = cgi.FieldStorage()\nip = form['ip'].value\nos.system('ping -c 1 %s' % shlex.quote(ip))\n"), Lines{});
    EXPECT_EQ(python("ip = request.args.get('ip')\nsubprocess.call(['ping', ip])\n"), Lines{});
    EXPECT_EQ(python("ip = request.args.get('ip')\nsubprocess.call('ping ' + ip, shell=True)\n"), Lines{"2 command none request.args subprocess.call"});
    EXPECT_EQ(python("ip = request.form['ip']\nos.popen(f'ping {ip}')\n"), Lines{"2 command none request.form os.popen"});
    EXPECT_EQ(python("ip = request.form['ip']\nif not re.match(r'^[0-9.]+$', ip):\n    sys.exit()\nos.popen('ping ' + ip)\n"), Lines{});
    EXPECT_EQ(python("n = int(request.args['n'])\nos.system('head -n %d' % n)\n"), Lines{});
    EXPECT_EQ(python("f = request.args['f']\nd = open('/www/' + f).read()\n"), Lines{"2 file none request.args open"});
    EXPECT_EQ(python("f = os.path.basename(request.args['f'])\nd = open('/www/' + f).read()\n"), Lines{});
    EXPECT_EQ(python("u = request.form['u']\ncur.execute(\"select * from t where u='%s'\" % u)\n"), Lines{"2 sql none request.form cur.execute"});
    EXPECT_EQ(python("u = request.form['u']\ncur.execute('select * from t where u=?', (u,))\n"), Lines{});
    EXPECT_EQ(python("form = cgi.FieldStorage()\nprint('<p>' + form.getvalue('n') + '</p>')\n"), Lines{"2 output none cgi.FieldStorage print"});
    EXPECT_EQ(python("form = cgi.FieldStorage()\nprint('<p>' + html.escape(form.getvalue('n')) + '</p>')\n"), Lines{});
    EXPECT_EQ(python("q = os.environ['QUERY_STRING']\nos.system(q)\n"), Lines{"2 command none QUERY_STRING os.system"});
}

TEST(WebFlow, PatternsKeepAwayOnlyWhatTheyName) {
    EXPECT_EQ(kept_away_by_pattern("^[0-9.]+$"), kEverySink);
    EXPECT_EQ(kept_away_by_pattern("^[a-z/]+$"), kButFile);
    EXPECT_EQ(kept_away_by_pattern("^.*$"), 0U);
    EXPECT_EQ(kept_away_by_pattern("^[^;]+$"), 0U);
    EXPECT_EQ(kept_away_by_pattern("^[0-9;]+$"), 0U);
    EXPECT_EQ(kept_away_by_pattern("^\\d+\\.\\d+$"), kEverySink);
    EXPECT_EQ(kept_away_by_pattern("^\\S+$"), 0U);
    EXPECT_EQ(kept_away_by_pattern("["), 0U);
    EXPECT_EQ(kept_away_by_pattern(""), 0U);
}

}  // namespace
}  // namespace shirushi::inspect::web
