#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdarg.h>
#include <stdint.h>
#include <ctype.h>
#include <syslog.h>
#include <unistd.h>
#include <sys/socket.h>
#include <netinet/in.h>

extern int rtsp_send(int fd, const char *msg);
extern int nv_set(const char *key, const char *value);
extern int lcd_show(int line, const char *text);
extern int ssdp_lookup(const char *st, const char *usn);
extern void job_enqueue(const char *path);
extern int open_share(const char *path, int flags);

/* ---- 1: RTSP transport header ---- */
int bad_rtsp_setup_reply(int fd, const char *session, const char *transport, int cseq) {
	char out[256];
	int n;

	n = sprintf(out, "RTSP/1.0 200 OK\r\nCSeq: %d\r\nSession: %s\r\nTransport: %s\r\n\r\n",
		    cseq, session, transport);
	if (n <= 0)
		return -1;
	return rtsp_send(fd, out);
}

int good_rtsp_setup_reply(int fd, const char *session, const char *transport, int cseq) {
	char out[256];
	int n;

	n = snprintf(out, sizeof(out),
		     "RTSP/1.0 200 OK\r\nCSeq: %d\r\nSession: %s\r\nTransport: %s\r\n\r\n",
		     cseq, session, transport);
	if (n <= 0 || n >= (int)sizeof(out))
		return -1;
	return rtsp_send(fd, out);
}

/* ---- 2: hostname into a settings structure ---- */
struct net_cfg {
	uint32_t addr;
	uint32_t mask;
	char hostname[32];
	char domain[64];
	int dhcp;
};

int bad_cgi_store_hostname(struct net_cfg *unused) {
	struct net_cfg cfg;
	char *q = getenv("HTTP_X_HOSTNAME");

	(void)unused;
	if (q == NULL || *q == '\0')
		return 400;
	memset(&cfg, 0, sizeof(cfg));
	strcpy(cfg.hostname, q);
	cfg.dhcp = 1;
	if (nv_set("lan_hostname", cfg.hostname) < 0)
		return 500;
	return 200;
}

int good_cgi_store_hostname(struct net_cfg *unused) {
	struct net_cfg cfg;
	char *q = getenv("HTTP_X_HOSTNAME");

	(void)unused;
	if (q == NULL || *q == '\0')
		return 400;
	memset(&cfg, 0, sizeof(cfg));
	if (strlen(q) >= sizeof(cfg.hostname))
		return 413;
	strcpy(cfg.hostname, q);
	cfg.dhcp = 1;
	if (nv_set("lan_hostname", cfg.hostname) < 0)
		return 500;
	return 200;
}

/* ---- 3: INI parse with sscanf ---- */
int bad_ini_load(FILE *fp) {
	char line[512], key[32], val[64];
	int count = 0;

	while (fgets(line, sizeof line, fp)) {
		if (line[0] == '#' || line[0] == ';' || line[0] == '\n')
			continue;
		if (sscanf(line, " %[^= ] = %s", key, val) != 2)
			continue;
		nv_set(key, val);
		count++;
	}
	return count;
}

int good_ini_load(FILE *fp) {
	char line[512], key[32], val[64];
	int count = 0;

	while (fgets(line, sizeof line, fp)) {
		if (line[0] == '#' || line[0] == ';' || line[0] == '\n')
			continue;
		if (sscanf(line, " %31[^= ] = %63s", key, val) != 2)
			continue;
		nv_set(key, val);
		count++;
	}
	return count;
}

/* ---- 4: NAS path building with strcat ---- */
#define SHARE_ROOT "/mnt/volume1/"

int bad_share_open(const char *user, const char *rel, int flags) {
	char path[128] = SHARE_ROOT;

	strcat(path, user);
	strcat(path, "/");
	while (*rel == '/')
		rel++;
	strcat(path, rel);
	return open_share(path, flags);
}

int good_share_open(const char *user, const char *rel, int flags) {
	char path[128] = SHARE_ROOT;
	size_t ul = strlen(user), rl;

	while (*rel == '/')
		rel++;
	rl = strlen(rel);
	if (ul > 32 || rl > sizeof(path) - sizeof(SHARE_ROOT) - 1 - 32) {
		syslog(LOG_WARNING, "path too long");
		return -1;
	}
	strcat(path, user);
	strcat(path, "/");
	strcat(path, rel);
	return open_share(path, flags);
}

/* ---- 5: SSDP M-SEARCH ST header ---- */
int bad_ssdp_msearch(int sock) {
	char pkt[1500];
	char st[100];
	char *p, *e;
	ssize_t n;

	n = recv(sock, pkt, sizeof(pkt) - 1, 0);
	if (n <= 0)
		return -1;
	pkt[n] = 0;
	p = strstr(pkt, "\r\nST:");
	if (!p)
		return 0;
	p += 5;
	while (*p == ' ')
		p++;
	e = strstr(p, "\r\n");
	if (e)
		*e = 0;
	strcpy(st, p);
	return ssdp_lookup(st, "uuid:device");
}

int good_ssdp_msearch(int sock) {
	char pkt[1500];
	char st[100];
	char *p, *e;
	size_t len;
	ssize_t n;

	n = recv(sock, pkt, sizeof(pkt) - 1, 0);
	if (n <= 0)
		return -1;
	pkt[n] = 0;
	p = strstr(pkt, "\r\nST:");
	if (!p)
		return 0;
	p += 5;
	while (*p == ' ')
		p++;
	e = strstr(p, "\r\n");
	len = e ? (size_t)(e - p) : strlen(p);
	if (len > sizeof(st) - 1)
		len = sizeof(st) - 1;
	memcpy(st, p, len);
	st[len] = '\0';
	return ssdp_lookup(st, "uuid:device");
}

/* ---- 6: event logging with varargs ---- */
void bad_event_log(int fd, const char *module, const char *fmt, ...) {
	char msg[200];
	va_list ap;
	int n;

	n = snprintf(msg, sizeof msg, "[%.16s] ", module);
	va_start(ap, fmt);
	n += vsprintf(msg + n, fmt, ap);
	va_end(ap);
	write(fd, msg, strlen(msg));
}

void good_event_log(int fd, const char *module, const char *fmt, ...) {
	char msg[200];
	va_list ap;
	int n;

	n = snprintf(msg, sizeof msg, "[%.16s] ", module);
	va_start(ap, fmt);
	vsnprintf(msg + n, sizeof msg - n, fmt, ap);
	va_end(ap);
	write(fd, msg, strlen(msg));
}

/* ---- 7: AT response ---- */
static inline void copy_str(char *dst, size_t cap, const char *src)
{
	size_t i = 0;

	if (cap == 0)
		return;
	for (; i + 1 < cap && src[i]; i++)
		dst[i] = src[i];
	dst[i] = '\0';
}

int bad_at_operator(FILE *modem) {
	char resp[256];
	char oper[24];
	char *q;

	fputs("AT+COPS?\r", modem);
	do {
		if (!fgets(resp, sizeof(resp), modem))
			return -1;
	} while (strncmp(resp, "+COPS:", 6) != 0);
	q = strchr(resp, '"');
	if (!q)
		return -2;
	strtok(q + 1, "\"");
	stpcpy(oper, q + 1);
	return lcd_show(1, oper);
}

int good_at_operator(FILE *modem) {
	char resp[256];
	char oper[24];
	char *q;

	fputs("AT+COPS?\r", modem);
	do {
		if (!fgets(resp, sizeof(resp), modem))
			return -1;
	} while (strncmp(resp, "+COPS:", 6) != 0);
	q = strchr(resp, '"');
	if (!q)
		return -2;
	strtok(q + 1, "\"");
	copy_str(oper, sizeof oper, q + 1);
	return lcd_show(1, oper);
}

/* ---- 8: printer spool, global buffer ---- */
static char spool_name[64];

int bad_spool_begin(const char *queue, unsigned job, const char *title) {
	const char *base = strrchr(title, '/');

	base = base ? base + 1 : title;
	switch (job & 3) {
	case 0:
		sprintf(spool_name, "/var/spool/%s.%u.ps", base, job);
		break;
	case 1:
		sprintf(spool_name, "/var/spool/%s/%u.pcl", queue, job);
		break;
	default:
		strcpy(spool_name, "/var/spool/anon");
		break;
	}
	job_enqueue(spool_name);
	return 0;
}

int good_spool_begin(const char *queue, unsigned job, const char *title) {
	const char *base = strrchr(title, '/');

	base = base ? base + 1 : title;
	switch (job & 3) {
	case 0:
		sprintf(spool_name, "/var/spool/%.30s.%u.ps", base, job);
		break;
	case 1:
		sprintf(spool_name, "/var/spool/%.24s/%u.pcl", queue, job);
		break;
	default:
		strcpy(spool_name, "/var/spool/anon");
		break;
	}
	job_enqueue(spool_name);
	return 0;
}

/* ---- 9: JSON list of channels accumulated in a loop ---- */
int bad_json_channels(int fd, const char *const *names, int count) {
	char body[512];
	char *p = body;
	int i;

	p += sprintf(p, "{\"channels\":[");
	for (i = 0; i < count; i++)
		p += sprintf(p, "%s{\"id\":%d,\"name\":\"%s\"}", i ? "," : "", i, names[i]);
	p += sprintf(p, "]}");
	return send(fd, body, p - body, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int good_json_channels(int fd, const char *const *names, int count) {
	char body[512];
	size_t used;
	int i, n;

	used = (size_t)sprintf(body, "{\"channels\":[");
	for (i = 0; i < count; i++) {
		n = snprintf(body + used, sizeof(body) - used - 2,
			     "%s{\"id\":%d,\"name\":\"%s\"}", i ? "," : "", i, names[i]);
		if (n < 0 || (size_t)n >= sizeof(body) - used - 2)
			return -1;
		used += n;
	}
	body[used++] = ']';
	body[used++] = '}';
	return send(fd, body, used, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* ---- 10: user file ---- */
struct account {
	char name[16];
	char hash[48];
	int level;
};

int bad_user_find(const char *file, const char *who, struct account *out) {
	FILE *f = fopen(file, "r");
	char user[16];
	char hash[48];
	int level, rc = -1;

	if (!f)
		return -1;
	while (fscanf(f, "%s %s %d", user, hash, &level) == 3) {
		if (strcmp(user, who) == 0) {
			memcpy(out->name, user, sizeof user);
			memcpy(out->hash, hash, sizeof hash);
			out->level = level;
			rc = 0;
			break;
		}
	}
	fclose(f);
	return rc;
}

int good_user_find(const char *file, const char *who, struct account *out) {
	FILE *f = fopen(file, "r");
	char user[16];
	char hash[48];
	int level, rc = -1;

	if (!f)
		return -1;
	while (fscanf(f, "%15s %47s %d", user, hash, &level) == 3) {
		if (strcmp(user, who) == 0) {
			memcpy(out->name, user, sizeof user);
			memcpy(out->hash, hash, sizeof hash);
			out->level = level;
			rc = 0;
			break;
		}
	}
	fclose(f);
	return rc;
}
