/* Sample functions: running helper programs from services and CGI pages. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

typedef struct webs *webs_t;
struct soap_req;

extern const char *websGetVar(webs_t wp, const char *name, const char *dflt);
extern void websError(webs_t wp, int code, const char *text);
extern const char *soap_arg(struct soap_req *rq, const char *name);
extern int soap_fault(struct soap_req *rq, int code);

/* ---- diagnostics page ---- */

int bad_cgi_ping(void)
{
	char host[64], cmd[160];
	const char *q = getenv("QUERY_STRING");

	if (!q || sscanf(q, "host=%63[^&]", host) != 1) {
		printf("Status: 400 Bad Request\r\n\r\n");
		return 1;
	}
	printf("Content-Type: text/plain\r\n\r\n");
	fflush(stdout);
	snprintf(cmd, sizeof(cmd), "ping -c 3 -W 2 %s 2>&1", host);
	return system(cmd);
}

int good_cgi_ping(void)
{
	char host[64], cmd[160];
	const char *q = getenv("QUERY_STRING");
	struct in_addr a;

	if (!q || sscanf(q, "host=%63[^&]", host) != 1 ||
	    inet_pton(AF_INET, host, &a) != 1) {
		printf("Status: 400 Bad Request\r\n\r\n");
		return 1;
	}
	printf("Content-Type: text/plain\r\n\r\n");
	fflush(stdout);
	snprintf(cmd, sizeof(cmd), "ping -c 3 -W 2 %s 2>&1", host);
	return system(cmd);
}

/* ---- nvram through the vendor tool ---- */

int bad_nvram_store(const char *key, const char *value)
{
	char cmd[256];
	int rc;

	if (!key || !*key || !value)
		return -EINVAL;
	rc = snprintf(cmd, sizeof(cmd), "nvram set %s='%s' && nvram commit", key, value);
	if (rc >= (int)sizeof(cmd))
		return -E2BIG;
	rc = system(cmd);
	return WIFEXITED(rc) ? WEXITSTATUS(rc) : -1;
}

#define KEY_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"
#define VAL_CHARS KEY_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ.:-/ "

int good_nvram_store(const char *key, const char *value)
{
	char cmd[256];
	int rc;

	if (!key || !*key || !value)
		return -EINVAL;
	if (key[strspn(key, KEY_CHARS)] != '\0' || value[strspn(value, VAL_CHARS)] != '\0')
		return -EINVAL;
	rc = snprintf(cmd, sizeof(cmd), "nvram set %s='%s' && nvram commit", key, value);
	if (rc >= (int)sizeof(cmd))
		return -E2BIG;
	rc = system(cmd);
	return WIFEXITED(rc) ? WEXITSTATUS(rc) : -1;
}

/* ---- time servers ---- */

int bad_ntp_sync(const char *conf)
{
	char line[128], cmd[192], out[128];
	FILE *fp, *pp;
	int ok = 0;

	fp = fopen(conf, "r");
	if (!fp)
		return -1;
	while (!ok && fgets(line, sizeof(line), fp)) {
		if (strncmp(line, "server ", 7) != 0)
			continue;
		line[strcspn(line, "\r\n")] = '\0';
		snprintf(cmd, sizeof(cmd), "/usr/sbin/ntpdate -u %s", line + 7);
		pp = popen(cmd, "r");
		if (!pp)
			continue;
		while (fgets(out, sizeof(out), pp))
			syslog(LOG_DEBUG, "ntp: %s", out);
		ok = pclose(pp) == 0;
	}
	fclose(fp);
	return ok ? 0 : -1;
}

int good_ntp_sync(const char *conf)
{
	char line[128];
	char *host;
	FILE *fp;
	pid_t pid;
	int ok = 0, st;

	fp = fopen(conf, "r");
	if (!fp)
		return -1;
	while (!ok && fgets(line, sizeof(line), fp)) {
		if (strncmp(line, "server ", 7) != 0)
			continue;
		line[strcspn(line, "\r\n")] = '\0';
		host = line + 7;
		if (*host == '-' || *host == '\0')
			continue;
		pid = fork();
		if (pid < 0)
			break;
		if (pid == 0) {
			execl("/usr/sbin/ntpdate", "ntpdate", "-u", host, (char *)NULL);
			_exit(127);
		}
		if (waitpid(pid, &st, 0) == pid)
			ok = WIFEXITED(st) && WEXITSTATUS(st) == 0;
	}
	fclose(fp);
	return ok ? 0 : -1;
}

/* ---- radio control port ---- */

int bad_radio_command(int sock)
{
	char buf[96], cmd[128];
	ssize_t n;

	n = recv(sock, buf, sizeof(buf) - 1, 0);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	if (strncmp(buf, "RADIO ", 6) != 0)
		return -1;
	snprintf(cmd, sizeof(cmd), "iwpriv ra0 set %s", buf + 6);
	if (system(cmd) != 0) {
		send(sock, "FAIL\n", 5, 0);
		return -1;
	}
	send(sock, "OK\n", 3, 0);
	return 0;
}

int good_radio_command(int sock)
{
	static const struct {
		const char *word;
		const char *cmd;
	} table[] = {
		{ "on", "iwpriv ra0 set RadioOn=1" },
		{ "off", "iwpriv ra0 set RadioOn=0" },
		{ "scan", "iwpriv ra0 set SiteSurvey=1" },
	};
	char buf[96];
	ssize_t n;
	unsigned i;

	n = recv(sock, buf, sizeof(buf) - 1, 0);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	if (strncmp(buf, "RADIO ", 6) != 0)
		return -1;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(buf + 6, table[i].word) == 0 && system(table[i].cmd) == 0) {
			send(sock, "OK\n", 3, 0);
			return 0;
		}
	}
	send(sock, "FAIL\n", 5, 0);
	return -1;
}

/* ---- firmware upload ---- */

int bad_upload_unpack(void)
{
	const char *name = getenv("HTTP_X_FILE_NAME");
	char *cmd = NULL;
	int rc;

	if (name == NULL || strlen(name) > 64)
		return 400;
	if (asprintf(&cmd, "tar -xzf /tmp/upload/%s -C /tmp/fw", name) < 0)
		return 500;
	rc = system(cmd);
	free(cmd);
	return rc == 0 ? 200 : 500;
}

static inline int plain_name(const char *s)
{
	if (*s == '\0' || *s == '.')
		return 0;
	for (; *s; s++) {
		if (!isalnum((unsigned char)*s) && *s != '.' && *s != '_' && *s != '-')
			return 0;
	}
	return 1;
}

int good_upload_unpack(void)
{
	const char *name = getenv("HTTP_X_FILE_NAME");
	char *cmd = NULL;
	int rc;

	if (name == NULL || strlen(name) > 64 || !plain_name(name))
		return 400;
	if (asprintf(&cmd, "tar -xzf /tmp/upload/%s -C /tmp/fw", name) < 0)
		return 500;
	rc = system(cmd);
	free(cmd);
	return rc == 0 ? 200 : 500;
}

/* ---- UPnP AddPortMapping ---- */

int bad_soap_add_mapping(struct soap_req *rq)
{
	const char *client = soap_arg(rq, "NewInternalClient");
	const char *eport = soap_arg(rq, "NewExternalPort");
	const char *iport = soap_arg(rq, "NewInternalPort");
	char cmd[256];

	if (!client || !eport || !iport)
		return soap_fault(rq, 402);
	snprintf(cmd, sizeof(cmd),
		 "iptables -t nat -A UPNP -p tcp --dport %d -j DNAT --to %s:%d",
		 atoi(eport), client, atoi(iport));
	if (system(cmd))
		return soap_fault(rq, 501);
	return 0;
}

int good_soap_add_mapping(struct soap_req *rq)
{
	const char *client = soap_arg(rq, "NewInternalClient");
	const char *eport = soap_arg(rq, "NewExternalPort");
	const char *iport = soap_arg(rq, "NewInternalPort");
	unsigned a, b, c, d;
	char cmd[256];

	if (!client || !eport || !iport)
		return soap_fault(rq, 402);
	if (sscanf(client, "%3u.%3u.%3u.%3u", &a, &b, &c, &d) != 4)
		return soap_fault(rq, 402);
	snprintf(cmd, sizeof(cmd),
		 "iptables -t nat -A UPNP -p tcp --dport %d -j DNAT --to %u.%u.%u.%u:%d",
		 atoi(eport), a & 255, b & 255, c & 255, d & 255, atoi(iport));
	if (system(cmd))
		return soap_fault(rq, 501);
	return 0;
}

/* ---- clock set by the meter head-end ---- */

int bad_clock_set(int fd)
{
	char msg[40], cmd[80];
	ssize_t n;

	n = read(fd, msg, sizeof(msg) - 1);
	if (n < 10)
		return -1;
	msg[n] = '\0';
	strcpy(cmd, "date -u -s '");
	strcat(cmd, msg);
	strcat(cmd, "' && hwclock -w");
	return system(cmd) == 0 ? 0 : -1;
}

int good_clock_set(int fd)
{
	char msg[40], cmd[80];
	int y, mo, d, h, mi, s;
	ssize_t n;

	n = read(fd, msg, sizeof(msg) - 1);
	if (n < 10)
		return -1;
	msg[n] = '\0';
	if (sscanf(msg, "%d-%d-%d %d:%d:%d", &y, &mo, &d, &h, &mi, &s) != 6)
		return -1;
	if (y < 2000 || y > 2099 || mo < 1 || mo > 12 || d < 1 || d > 31)
		return -1;
	snprintf(cmd, sizeof(cmd), "date -u -s '%04d-%02d-%02d %02d:%02d:%02d' && hwclock -w",
		 y, mo, d, h, mi, s);
	return system(cmd) == 0 ? 0 : -1;
}

/* ---- MQTT: lamp colour ---- */

int bad_mqtt_lamp(const uint8_t *payload, size_t len)
{
	char cmd[96];
	pid_t pid;
	int st;

	if (len == 0 || len > 32)
		return -1;
	snprintf(cmd, sizeof(cmd), "/usr/bin/ledctl --colour %.*s", (int)len, (const char *)payload);
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &st, 0) < 0)
		return -1;
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

int good_mqtt_lamp(const uint8_t *payload, size_t len)
{
	char colour[33];
	char *argv[] = { "ledctl", "--colour", colour, NULL };
	pid_t pid;
	int st;

	if (len == 0 || len > 32)
		return -1;
	memcpy(colour, payload, len);
	colour[len] = '\0';
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		execv("/usr/bin/ledctl", argv);
		_exit(127);
	}
	if (waitpid(pid, &st, 0) < 0)
		return -1;
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

/* ---- MAC filter form ---- */

void bad_form_mac_block(webs_t wp)
{
	const char *mac = websGetVar(wp, "mac", "");
	char cmd[128];

	if (*mac == '\0' || strlen(mac) > 40 || strchr(mac, ';') || strchr(mac, '|')) {
		websError(wp, 400, "bad address");
		return;
	}
	sprintf(cmd, "ebtables -A FORWARD -s %s -j DROP", mac);
	if (system(cmd) != 0)
		websError(wp, 500, "filter");
}

void good_form_mac_block(webs_t wp)
{
	const char *mac = websGetVar(wp, "mac", "");
	char cmd[128];
	int i, ok = strlen(mac) == 17;

	for (i = 0; ok && i < 17; i++)
		ok = (i % 3 == 2) ? mac[i] == ':' : isxdigit((unsigned char)mac[i]);
	if (!ok) {
		websError(wp, 400, "bad address");
		return;
	}
	sprintf(cmd, "ebtables -A FORWARD -s %s -j DROP", mac);
	if (system(cmd) != 0)
		websError(wp, 500, "filter");
}

/* ---- lease hook ---- */

int bad_lease_hook(int sock)
{
	unsigned char pkt[576];
	char host[256], cmd[320];
	ssize_t n;
	int hl;

	n = recvfrom(sock, pkt, sizeof(pkt), 0, NULL, NULL);
	if (n < 242 || pkt[240] != 12)
		return -1;
	hl = pkt[241];
	if (hl == 0 || 242 + hl > n)
		return -1;
	memcpy(host, pkt + 242, hl);
	host[hl] = '\0';
	snprintf(cmd, sizeof(cmd), "/usr/share/dhcp/hook.sh add %s &", host);
	return system(cmd);
}

int good_lease_hook(int sock)
{
	unsigned char pkt[576];
	char host[256];
	ssize_t n;
	int hl;

	n = recvfrom(sock, pkt, sizeof(pkt), 0, NULL, NULL);
	if (n < 242 || pkt[240] != 12)
		return -1;
	hl = pkt[241];
	if (hl == 0 || 242 + hl > n)
		return -1;
	memcpy(host, pkt + 242, hl);
	host[hl] = '\0';
	if (setenv("LEASE_HOST", host, 1) != 0)
		return -1;
	return system("/usr/share/dhcp/hook.sh add &");
}

/* ---- call log of the VoIP adapter ---- */

void bad_call_log(const char *from, int line, int seconds)
{
	char cmd[512];

	if (seconds < 0)
		seconds = 0;
	snprintf(cmd, sizeof(cmd), "logger -t voip \"line %d: %s (%d s)\"",
		 line, from ? from : "anonymous", seconds);
	if (system(cmd) == -1)
		syslog(LOG_ERR, "logger: %s", strerror(errno));
}

static inline int sq_escape(char *dst, size_t room, const char *s)
{
	size_t o = 0;

	for (; *s; s++) {
		if (o + 5 > room)
			return -1;
		if (*s == '\'') {
			memcpy(dst + o, "'\\''", 4);
			o += 4;
		} else {
			dst[o++] = *s;
		}
	}
	dst[o] = '\0';
	return 0;
}

void good_call_log(const char *from, int line, int seconds)
{
	char cmd[512], esc[256];

	if (seconds < 0)
		seconds = 0;
	if (sq_escape(esc, sizeof(esc), from ? from : "anonymous") < 0)
		return;
	snprintf(cmd, sizeof(cmd), "logger -t voip 'line %d: %s (%d s)'",
		 line, esc, seconds);
	if (system(cmd) == -1)
		syslog(LOG_ERR, "logger: %s", strerror(errno));
}

/* ---- daemon reload ---- */

int bad_daemon_reload(const char *pidfile)
{
	char pid[32], cmd[64];
	FILE *fp;

	fp = fopen(pidfile, "r");
	if (!fp)
		return -errno;
	if (fscanf(fp, "%31[^\n]", pid) != 1) {
		fclose(fp);
		return -EINVAL;
	}
	fclose(fp);
	snprintf(cmd, sizeof(cmd), "kill -HUP %s", pid);
	return system(cmd);
}

int good_daemon_reload(const char *pidfile)
{
	char pid[32], cmd[64], *e;
	long val;
	FILE *fp;

	fp = fopen(pidfile, "r");
	if (!fp)
		return -errno;
	if (fscanf(fp, "%31[^\n]", pid) != 1) {
		fclose(fp);
		return -EINVAL;
	}
	fclose(fp);
	val = strtol(pid, &e, 10);
	if (e == pid || val < 2)
		return -EINVAL;
	snprintf(cmd, sizeof(cmd), "kill -HUP %ld", val);
	return system(cmd);
}
