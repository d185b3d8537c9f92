/* Sample functions: logs, consoles and pages that show received text. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

extern const char *nvram_get(const char *key);
extern int user_check(const char *user, const char *pass);
extern int fault_text(int unit, char *buf, size_t len);
extern int image_save(const char *path);

/* ---- remote syslog ---- */

int bad_syslog_relay(int sock)
{
	char buf[1024], *p;
	int pri = LOG_USER | LOG_NOTICE;
	ssize_t n;

	n = recvfrom(sock, buf, sizeof(buf) - 1, 0, NULL, NULL);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	p = buf;
	if (*p == '<') {
		pri = (int)strtol(p + 1, &p, 10) & (LOG_FACMASK | LOG_PRIMASK);
		if (*p == '>')
			p++;
	}
	syslog(pri, p);
	return 0;
}

int good_syslog_relay(int sock)
{
	char buf[1024], *p;
	int pri = LOG_USER | LOG_NOTICE;
	ssize_t n;

	n = recvfrom(sock, buf, sizeof(buf) - 1, 0, NULL, NULL);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	p = buf;
	if (*p == '<') {
		pri = (int)strtol(p + 1, &p, 10) & (LOG_FACMASK | LOG_PRIMASK);
		if (*p == '>')
			p++;
	}
	syslog(pri, "%s", p);
	return 0;
}

/* ---- CGI error page ---- */

int bad_cgi_not_found(void)
{
	const char *uri = getenv("REQUEST_URI");

	printf("Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\n");
	printf("No such page: ");
	if (uri)
		printf(uri);
	putchar('\n');
	return 404;
}

int good_cgi_not_found(void)
{
	const char *uri = getenv("REQUEST_URI");

	printf("Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\n");
	printf("No such page: %.200s\n", uri ? uri : "(none)");
	return 404;
}

/* ---- configuration export ---- */

int bad_config_export(FILE *in, FILE *out)
{
	char line[256];
	int n = 0;

	while (fgets(line, sizeof(line), in)) {
		if (line[0] == '#' || strncmp(line, "password", 8) == 0)
			continue;
		if (fprintf(out, line) < 0)
			return -1;
		n++;
	}
	return n;
}

int good_config_export(FILE *in, FILE *out)
{
	char line[256];
	int n = 0;

	while (fgets(line, sizeof(line), in)) {
		if (line[0] == '#' || strncmp(line, "password", 8) == 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (fprintf(out, "%s\n", line) < 0)
			return -1;
		n++;
	}
	return n;
}

/* ---- front panel ---- */

struct lcd {
	int dirty;
	char row[4][21];
};

int bad_lcd_show(struct lcd *d, int r, const char *text)
{
	if (r < 0 || r >= 4 || !text)
		return -EINVAL;
	if (snprintf(d->row[r], sizeof(d->row[r]), text) >= (int)sizeof(d->row[r]))
		d->dirty |= 0x100;
	d->dirty |= 1 << r;
	return 0;
}

int good_lcd_show(struct lcd *d, int r, const char *text)
{
	if (r < 0 || r >= 4 || !text)
		return -EINVAL;
	if (snprintf(d->row[r], sizeof(d->row[r]), "%-20s", text) >= (int)sizeof(d->row[r]))
		d->dirty |= 0x100;
	d->dirty |= 1 << r;
	return 0;
}

/* ---- login ---- */

int bad_console_login(FILE *in, FILE *out)
{
	char user[64], pass[64], msg[128];

	fputs("login: ", out);
	if (!fgets(user, sizeof(user), in))
		return -1;
	user[strcspn(user, "\r\n")] = '\0';
	fputs("password: ", out);
	if (!fgets(pass, sizeof(pass), in))
		return -1;
	pass[strcspn(pass, "\r\n")] = '\0';
	if (user_check(user, pass) == 0)
		return 0;
	snprintf(msg, sizeof(msg), "login failure for '%s'", user);
	syslog(LOG_AUTH | LOG_WARNING, msg);
	return -1;
}

int good_console_login(FILE *in, FILE *out)
{
	char user[64], pass[64], msg[128];

	fputs("login: ", out);
	if (!fgets(user, sizeof(user), in))
		return -1;
	user[strcspn(user, "\r\n")] = '\0';
	fputs("password: ", out);
	if (!fgets(pass, sizeof(pass), in))
		return -1;
	pass[strcspn(pass, "\r\n")] = '\0';
	if (user_check(user, pass) == 0)
		return 0;
	snprintf(msg, sizeof(msg), "login failure for '%s'", user);
	syslog(LOG_AUTH | LOG_WARNING, "%s", msg);
	return -1;
}

/* ---- banner of the telnet service ---- */

void bad_banner_send(int sock, const char *file)
{
	char text[512];
	size_t n = 0;
	FILE *fp = fopen(file, "r");

	if (fp) {
		n = fread(text, 1, sizeof(text) - 1, fp);
		fclose(fp);
	}
	text[n] = '\0';
	if (n > 0)
		dprintf(sock, text);
	dprintf(sock, "\r\n> ");
}

void good_banner_send(int sock, const char *file)
{
	char text[512];
	size_t n = 0;
	FILE *fp = fopen(file, "r");

	if (fp) {
		n = fread(text, 1, sizeof(text) - 1, fp);
		fclose(fp);
	}
	text[n] = '\0';
	dprintf(sock, n > 0 ? "%s\r\n> " : "welcome%s\r\n> ", text);
}

/* ---- alarm mails ---- */

char *bad_alarm_subject(int unit, double value)
{
	const char *tmpl = nvram_get("alarm_subject");
	char *s = NULL;

	if (!tmpl || !*tmpl)
		tmpl = "Alarm on unit %d: %.2f";
	if (asprintf(&s, tmpl, unit, value) < 0)
		return NULL;
	return s;
}

char *good_alarm_subject(int unit, double value)
{
	const char *prefix = nvram_get("alarm_subject");
	char *s = NULL;

	if (!prefix || !*prefix)
		prefix = "Alarm";
	if (asprintf(&s, "%s on unit %d: %.2f", prefix, unit, value) < 0)
		return NULL;
	return s;
}

/* ---- translated status lines ---- */

int bad_status_line(FILE *lang, int id, long value, FILE *page)
{
	char text[160];
	int i;

	if (id < 0)
		return -EINVAL;
	for (i = 0; i <= id; i++) {
		if (!fgets(text, sizeof(text), lang))
			return -ENOENT;
	}
	text[strcspn(text, "\r\n")] = '\0';
	fputs("<li>", page);
	fprintf(page, text, value);
	fputs("</li>\n", page);
	return 0;
}

int good_status_line(FILE *lang, int id, long value, FILE *page)
{
	static const char *const fmt[] = {
		"<li>Uptime: %ld s</li>\n",
		"<li>Clients: %ld</li>\n",
		"<li>Memory free: %ld kB</li>\n",
	};
	const char *f;

	(void)lang;
	if (id < 0 || id >= (int)(sizeof(fmt) / sizeof(fmt[0])))
		return -ENOENT;
	f = fmt[id];
	return fprintf(page, f, value) < 0 ? -EIO : 0;
}

/* ---- snapshot names ---- */

int bad_snapshot_name(FILE *conf, unsigned seq)
{
	char pattern[64], path[128];

	if (fscanf(conf, "snapshot_pattern=%63s", pattern) != 1)
		strcpy(pattern, "/mnt/sd/img%05u.jpg");
	snprintf(path, sizeof(path), pattern, seq);
	return image_save(path);
}

int good_snapshot_name(FILE *conf, unsigned seq)
{
	char prefix[64], path[128];
	const char *fmt;

	if (fscanf(conf, "snapshot_prefix=%63s", prefix) != 1)
		strcpy(prefix, "/mnt/sd/img");
	if (seq < 100000)
		fmt = "%s%05u.jpg";
	else
		fmt = "%s-%u.jpg";
	if (snprintf(path, sizeof(path), fmt, prefix, seq) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return image_save(path);
}

/* ---- inverter faults ---- */

int bad_fault_report(int fd, int unit)
{
	char text[96];
	ssize_t n;

	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0) {
		warn("unit %d", unit);
		return -1;
	}
	text[n] = '\0';
	warnx(text);
	return 0;
}

int good_fault_report(int fd, int unit)
{
	char text[96];
	ssize_t n;

	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0) {
		warn("unit %d", unit);
		return -1;
	}
	text[n] = '\0';
	warnx("unit %d: %s", unit, text);
	return 0;
}

/* ---- command line tool ---- */

int bad_tool_args(int argc, char **argv, unsigned *mask)
{
	int i;

	*mask = 0;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v"))
			*mask |= 1;
		else if (!strcmp(argv[i], "-q"))
			*mask |= 2;
		else {
			fprintf(stderr, "unknown option: ");
			fprintf(stderr, argv[i]);
			fprintf(stderr, "\n");
			return -1;
		}
	}
	return 0;
}

int good_tool_args(int argc, char **argv, unsigned *mask)
{
	int i;

	*mask = 0;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v"))
			*mask |= 1;
		else if (!strcmp(argv[i], "-q"))
			*mask |= 2;
		else {
			fprintf(stderr, "%s: unknown option: %s\n", argv[0], argv[i]);
			return -1;
		}
	}
	return 0;
}

/* ---- debug console ---- */

int bad_debug_console(int sock)
{
	char line[200], out[256];
	ssize_t n;
	int m = 0;

	n = recv(sock, line, sizeof(line) - 1, 0);
	if (n <= 0)
		return -1;
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, "echo ", 5) == 0)
		m = snprintf(out, sizeof(out), line + 5);
	else if (strcmp(line, "pid") == 0)
		m = snprintf(out, sizeof(out), "%d", (int)getpid());
	else
		m = snprintf(out, sizeof(out), "?");
	if (m < 0 || m >= (int)sizeof(out))
		return -1;
	return send(sock, out, m, 0) == m ? 0 : -1;
}

int good_debug_console(int sock)
{
	char line[200], out[256];
	ssize_t n;
	int m = 0;

	n = recv(sock, line, sizeof(line) - 1, 0);
	if (n <= 0)
		return -1;
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, "echo ", 5) == 0)
		m = snprintf(out, sizeof(out), "%s\r\n", line + 5);
	else if (strcmp(line, "pid") == 0)
		m = snprintf(out, sizeof(out), "%d", (int)getpid());
	else
		m = snprintf(out, sizeof(out), "?");
	if (m < 0 || m >= (int)sizeof(out))
		return -1;
	return send(sock, out, m, 0) == m ? 0 : -1;
}
