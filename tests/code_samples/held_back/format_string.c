#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <stdarg.h>
#include <syslog.h>
#include <unistd.h>
#include <errno.h>
#include <sys/socket.h>

extern int lcd_line(int row, const char *text);
extern const char *tr_lookup(int id);

/* ---- 1: remote syslog message ---- */
int bad_syslog_relay(int sock) {
	char msg[1025];
	ssize_t n = recv(sock, msg, sizeof msg - 1, 0);
	int pri = LOG_INFO;
	char *p = msg;

	if (n <= 0)
		return -1;
	msg[n] = '\0';
	if (*p == '<') {
		pri = strtol(p + 1, &p, 10) & 7;
		if (*p == '>')
			p++;
	}
	syslog(pri, p);
	return 0;
}

int good_syslog_relay(int sock) {
	char msg[1025];
	ssize_t n = recv(sock, msg, sizeof msg - 1, 0);
	int pri = LOG_INFO;
	char *p = msg;

	if (n <= 0)
		return -1;
	msg[n] = '\0';
	if (*p == '<') {
		pri = strtol(p + 1, &p, 10) & 7;
		if (*p == '>')
			p++;
	}
	syslog(pri, "%s", p);
	return 0;
}

/* ---- 2: CGI error page ---- */
void bad_cgi_error(int code) {
	const char *uri = getenv("REQUEST_URI");

	printf("Status: %d\r\nContent-Type: text/plain\r\n\r\n", code);
	if (uri) {
		printf("Cannot serve ");
		printf(uri);
		putchar('\n');
	}
}

void good_cgi_error(int code) {
	const char *uri = getenv("REQUEST_URI");

	printf("Status: %d\r\nContent-Type: text/plain\r\n\r\n", code);
	if (uri) {
		printf("Cannot serve ");
		fputs(uri, stdout);
		putchar('\n');
	}
}

/* ---- 3: OSD overlay ---- */
int bad_osd_set(const char *xml) {
	char raw[64], text[64];

	if (sscanf(xml, "<text>%63[^<]", raw) != 1)
		return -1;
	if (snprintf(text, sizeof text, raw) < 0)
		return -1;
	return lcd_line(0, text);
}

int good_osd_set(const char *xml) {
	char raw[64], text[64];

	if (sscanf(xml, "<text>%63[^<]", raw) != 1)
		return -1;
	if (snprintf(text, sizeof text, "%s", raw) < 0)
		return -1;
	return lcd_line(0, text);
}

/* ---- 4: formatted twice ---- */
void bad_login_audit(const char *user, const char *addr, int ok) {
	char line[256];

	snprintf(line, sizeof line, "login %s for %s from %s",
		 ok ? "accepted" : "refused", user, addr);
	openlog("webd", LOG_PID, LOG_AUTH);
	syslog(ok ? LOG_INFO : LOG_WARNING, line);
	closelog();
}

void good_login_audit(const char *user, const char *addr, int ok) {
	openlog("webd", LOG_PID, LOG_AUTH);
	if (ok)
		syslog(LOG_INFO, "login accepted for %s from %s", user, addr);
	else
		syslog(LOG_WARNING, "login refused for %s from %s", user, addr);
	closelog();
}

/* ---- 5: banner file ---- */
int bad_motd_print(FILE *out, const char *path) {
	char line[160];
	FILE *f = fopen(path, "r");

	if (!f)
		return -errno;
	while (fgets(line, sizeof line, f) != NULL)
		fprintf(out, line);
	fclose(f);
	return 0;
}

int good_motd_print(FILE *out, const char *path) {
	char line[160];
	FILE *f = fopen(path, "r");

	if (!f)
		return -errno;
	while (fgets(line, sizeof line, f) != NULL)
		fprintf(out, "%.*s", (int)strcspn(line, "\r"), line);
	fclose(f);
	return 0;
}

/* ---- 6: unit template from a setting ---- */
int bad_meter_show(double value) {
	char out[64];
	const char *fmt = getenv("METER_FORMAT");

	if (fmt == NULL || *fmt == '\0')
		fmt = "%.2f kWh";
	snprintf(out, sizeof out, fmt, value);
	return lcd_line(1, out);
}

int good_meter_show(double value) {
	char out[64];
	const char *sel = getenv("METER_FORMAT");
	const char *fmt = "%.2f kWh";

	if (sel && strcmp(sel, "short") == 0)
		fmt = "%.0f kWh";
	else if (sel && strcmp(sel, "long") == 0)
		fmt = "%.4f kWh";
	snprintf(out, sizeof out, fmt, value);
	return lcd_line(1, out);
}

/* ---- 7: AT reply to a descriptor ---- */
int bad_at_echo(int tty, int client) {
	char resp[128];
	int n, off = 0;

	while (off < (int)sizeof(resp) - 1) {
		n = read(tty, resp + off, 1);
		if (n != 1)
			return -1;
		if (resp[off++] == '\n')
			break;
	}
	resp[off] = '\0';
	if (strncmp(resp, "ERROR", 5) == 0)
		return dprintf(client, "ERR modem\n");
	return dprintf(client, resp);
}

int good_at_echo(int tty, int client) {
	char resp[128];
	int n, off = 0;

	while (off < (int)sizeof(resp) - 1) {
		n = read(tty, resp + off, 1);
		if (n != 1)
			return -1;
		if (resp[off++] == '\n')
			break;
	}
	resp[off] = '\0';
	if (strncmp(resp, "ERROR", 5) == 0)
		return dprintf(client, "ERR modem\n");
	return dprintf(client, "OK %s", resp);
}

/* ---- 8: structure member, verbosity switch ---- */
struct request {
	int method;
	char path[96];
	char agent[128];
};

void bad_req_trace(const char *raw, int level) {
	struct request rq;

	memset(&rq, 0, sizeof rq);
	if (sscanf(raw, "GET %95s HTTP/1.1\r\nUser-Agent: %127[^\r]", rq.path, rq.agent) != 2)
		return;
	switch (level) {
	case 0:
		break;
	case 1:
		fprintf(stderr, "%s\n", rq.path);
		break;
	default:
		fprintf(stderr, rq.agent);
		fputc('\n', stderr);
		break;
	}
}

void good_req_trace(const char *raw, int level) {
	struct request rq;

	memset(&rq, 0, sizeof rq);
	if (sscanf(raw, "GET %95s HTTP/1.1\r\nUser-Agent: %127[^\r]", rq.path, rq.agent) != 2)
		return;
	switch (level) {
	case 0:
		break;
	case 1:
		fprintf(stderr, "%s\n", rq.path);
		break;
	default:
		fprintf(stderr, "%s (%s)\n", rq.path, rq.agent);
		break;
	}
}

/* ---- 9: argument as command name ---- */
int bad_cli_unknown(int argc, char *argv[]) {
	char *msg = NULL;
	int i;

	for (i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			continue;
		if (asprintf(&msg, argv[i]) < 0)
			return 1;
		syslog(LOG_NOTICE, "unknown option: %s", msg);
		free(msg);
	}
	return 0;
}

int good_cli_unknown(int argc, char *argv[]) {
	char *msg = NULL;
	int i;

	for (i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			continue;
		if (asprintf(&msg, "[%d] %s", i, argv[i]) < 0)
			return 1;
		syslog(LOG_NOTICE, "unknown option: %s", msg);
		free(msg);
	}
	return 0;
}

/* ---- 10: job ticket title ---- */
#define LOGF(fp, ...) do { fprintf(fp, __VA_ARGS__); fflush(fp); } while (0)

int bad_job_log(FILE *journal, FILE *ticket) {
	char title[100];
	unsigned pages = 0;

	if (fscanf(ticket, "title=%99[^\n]\npages=%u", title, &pages) != 2)
		return -1;
	LOGF(journal, "%u pages: ", pages);
	LOGF(journal, title);
	LOGF(journal, "\n");
	return 0;
}

int good_job_log(FILE *journal, FILE *ticket) {
	char title[100];
	unsigned pages = 0;

	if (fscanf(ticket, "title=%99[^\n]\npages=%u", title, &pages) != 2)
		return -1;
	LOGF(journal, "%u pages: ", pages);
	LOGF(journal, "%s", title);
	LOGF(journal, "\n");
	return 0;
}
