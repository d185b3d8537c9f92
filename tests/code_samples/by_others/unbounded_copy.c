/* Sample functions: string handling in device daemons. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

extern size_t strlcpy(char *dst, const char *src, size_t size);
extern const char *nvram_get(const char *key);
extern int nvram_set(const char *key, const char *val);
extern int session_find(const char *sid);
extern void httpd_error(int code, const char *reason);
extern int acl_lookup(const char *user, int realm);
extern int add_mapping(unsigned ext, const char *proto, unsigned in, const char *host);
extern void mb_set_slave_name(int unit, const char *name);

/* ------------------------------------------------------------------ */

int bad_session_cookie(void)
{
	char cookie[128];
	char *tok, *env;

	env = getenv("HTTP_COOKIE");
	if (env == NULL || *env == '\0')
		return 401;

	strcpy(cookie, env);
	for (tok = strtok(cookie, "; "); tok; tok = strtok(NULL, "; ")) {
		if (strncmp(tok, "SID=", 4) == 0 && session_find(tok + 4) >= 0)
			return 200;
	}
	return 403;
}

int good_session_cookie(void)
{
	char cookie[128];
	char *tok, *env;

	env = getenv("HTTP_COOKIE");
	if (env == NULL || *env == '\0')
		return 401;
	if (strlen(env) >= sizeof(cookie)) {
		httpd_error(431, "Request Header Fields Too Large");
		return 431;
	}

	strcpy(cookie, env);
	for (tok = strtok(cookie, "; "); tok; tok = strtok(NULL, "; ")) {
		if (strncmp(tok, "SID=", 4) == 0 && session_find(tok + 4) >= 0)
			return 200;
	}
	return 403;
}

/* ------------------------------------------------------------------ */

struct dhcp_lease {
	uint8_t mac[6];
	uint8_t ip[4];
	long expires;
	const char *hostname;
	const char *client_id;
};

int bad_lease_write(int fd, const struct dhcp_lease *l)
{
	char line[96];
	int n;

	n = sprintf(line, "%ld %02x:%02x:%02x:%02x:%02x:%02x %u.%u.%u.%u %s %s\n",
		    l->expires,
		    l->mac[0], l->mac[1], l->mac[2], l->mac[3], l->mac[4], l->mac[5],
		    l->ip[0], l->ip[1], l->ip[2], l->ip[3],
		    l->hostname ? l->hostname : "*",
		    l->client_id ? l->client_id : "*");
	return write(fd, line, n) == n ? 0 : -1;
}

int good_lease_write(int fd, const struct dhcp_lease *l)
{
	char line[160];
	int n;

	n = snprintf(line, sizeof(line),
		     "%ld %02x:%02x:%02x:%02x:%02x:%02x %u.%u.%u.%u %s %s\n",
		     l->expires,
		     l->mac[0], l->mac[1], l->mac[2], l->mac[3], l->mac[4], l->mac[5],
		     l->ip[0], l->ip[1], l->ip[2], l->ip[3],
		     l->hostname ? l->hostname : "*",
		     l->client_id ? l->client_id : "*");
	if (n < 0)
		return -1;
	if ((size_t)n >= sizeof(line)) {
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	return write(fd, line, n) == n ? 0 : -1;
}

/* ------------------------------------------------------------------ */

FILE *bad_open_profile(const char *name, const char *mode)
{
	char path[64];
	const char *base;
	FILE *fp;

	base = nvram_get("profile_dir");
	if (!base || !*base)
		base = "/etc/profiles";

	strcpy(path, base);
	strcat(path, "/");
	strcat(path, name);
	strcat(path, ".conf");

	fp = fopen(path, mode);
	if (!fp)
		syslog(LOG_WARNING, "profile %s: %s", path, strerror(errno));
	return fp;
}

FILE *good_open_profile(const char *name, const char *mode)
{
	char path[64];
	const char *base;
	FILE *fp;

	base = nvram_get("profile_dir");
	if (!base || !*base)
		base = "/etc/profiles";

	if (strlen(base) + strlen(name) + sizeof("/.conf") > sizeof(path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	strcpy(path, base);
	strcat(path, "/");
	strcat(path, name);
	strcat(path, ".conf");

	fp = fopen(path, mode);
	if (!fp)
		syslog(LOG_WARNING, "profile %s: %s", path, strerror(errno));
	return fp;
}

/* ------------------------------------------------------------------ */

int bad_load_forwards(const char *file)
{
	char proto[8], host[40];
	unsigned ext, in;
	int count = 0;
	FILE *fp = fopen(file, "r");

	if (!fp)
		return -1;
	while (fscanf(fp, "%u %s %u %s", &ext, proto, &in, host) == 4) {
		if (ext == 0 || ext > 65535 || in == 0 || in > 65535)
			continue;
		if (add_mapping(ext, proto, in, host) == 0)
			count++;
	}
	fclose(fp);
	return count;
}

int good_load_forwards(const char *file)
{
	char proto[8], host[40];
	unsigned ext, in;
	int count = 0;
	FILE *fp = fopen(file, "r");

	if (!fp)
		return -1;
	while (fscanf(fp, "%u %7s %u %39s", &ext, proto, &in, host) == 4) {
		if (ext == 0 || ext > 65535 || in == 0 || in > 65535)
			continue;
		if (add_mapping(ext, proto, in, host) == 0)
			count++;
	}
	fclose(fp);
	return count;
}

/* ------------------------------------------------------------------ */

struct upnp_dev {
	struct upnp_dev *next;
	unsigned short port;
	char host[64];
	char path[128];
	time_t seen;
};

int bad_ssdp_location(const char *reply, struct upnp_dev *dev)
{
	const char *p;

	p = strcasestr(reply, "\r\nLOCATION:");
	if (!p)
		return 0;
	p += 11;

	dev->port = 80;
	if (sscanf(p, " http://%[^:/]:%hu%s", dev->host, &dev->port, dev->path) != 3 &&
	    sscanf(p, " http://%[^/]%s", dev->host, dev->path) != 2)
		return -EINVAL;

	dev->seen = time(NULL);
	return 1;
}

int good_ssdp_location(const char *reply, struct upnp_dev *dev)
{
	const char *p;

	p = strcasestr(reply, "\r\nLOCATION:");
	if (!p)
		return 0;
	p += 11;

	dev->port = 80;
	if (sscanf(p, " http://%63[^:/]:%hu%127s", dev->host, &dev->port, dev->path) != 3 &&
	    sscanf(p, " http://%63[^/]%127s", dev->host, dev->path) != 2)
		return -EINVAL;

	dev->seen = time(NULL);
	return 1;
}

/* ------------------------------------------------------------------ */

struct snmp_agent {
	uint32_t flags;
	char descr[80];
	char contact[48];
	uint32_t uptime;
};

void bad_agent_descr(struct snmp_agent *a, const char *vendor,
		     const char *model, const char *fwver)
{
	char *p = a->descr;

	p = stpcpy(p, vendor);
	*p++ = ' ';
	p = stpcpy(p, model);
	if (fwver && *fwver) {
		p = stpcpy(p, " v");
		stpcpy(p, fwver);
	}
	a->flags |= 0x02;
}

void good_agent_descr(struct snmp_agent *a, const char *vendor,
		      const char *model, const char *fwver)
{
	const char *part[5];
	size_t used = 0, n;
	int i, cnt = 0;

	part[cnt++] = vendor;
	part[cnt++] = " ";
	part[cnt++] = model;
	if (fwver && *fwver) {
		part[cnt++] = " v";
		part[cnt++] = fwver;
	}
	for (i = 0; i < cnt; i++) {
		n = strlen(part[i]);
		if (n >= sizeof(a->descr) - used)
			n = sizeof(a->descr) - used - 1;
		memcpy(a->descr + used, part[i], n);
		used += n;
	}
	a->descr[used] = '\0';
	a->flags |= 0x02;
}

/* ------------------------------------------------------------------ */

char *bad_mqtt_topic(const char *prefix, const char *devid, const char *leaf)
{
	char *t = malloc(64);

	if (t == NULL)
		return NULL;
	*t = '\0';
	if (prefix) {
		strcat(t, prefix);
		strcat(t, "/");
	}
	strcat(t, devid);
	strcat(t, "/");
	strcat(t, leaf);
	return t;
}

char *good_mqtt_topic(const char *prefix, const char *devid, const char *leaf)
{
	size_t need;
	char *t;

	need = strlen(devid) + 1 + strlen(leaf) + 1;
	if (prefix)
		need += strlen(prefix) + 1;
	t = malloc(need);
	if (t == NULL)
		return NULL;
	if (prefix)
		sprintf(t, "%s/%s/%s", prefix, devid, leaf);
	else
		sprintf(t, "%s/%s", devid, leaf);
	return t;
}

/* ------------------------------------------------------------------ */

extern int log_fd;

void bad_event_log(int level, const char *fmt, ...)
{
	char msg[256];
	va_list ap;
	time_t now = time(NULL);
	int n;

	if (log_fd < 0 || level > 6)
		return;
	n = (int)strftime(msg, 32, "%Y-%m-%d %H:%M:%S ", gmtime(&now));
	va_start(ap, fmt);
	n += vsprintf(msg + n, fmt, ap);
	va_end(ap);
	msg[n++] = '\n';
	write(log_fd, msg, n);
}

void good_event_log(int level, const char *fmt, ...)
{
	char msg[256];
	va_list ap;
	time_t now = time(NULL);
	int n, m;

	if (log_fd < 0 || level > 6)
		return;
	n = (int)strftime(msg, 32, "%Y-%m-%d %H:%M:%S ", gmtime(&now));
	va_start(ap, fmt);
	m = vsnprintf(msg + n, sizeof(msg) - n - 1, fmt, ap);
	va_end(ap);
	if (m < 0)
		return;
	if (m > (int)sizeof(msg) - n - 2)
		m = (int)sizeof(msg) - n - 2;
	n += m;
	msg[n++] = '\n';
	write(log_fd, msg, n);
}

/* ------------------------------------------------------------------ */

int bad_digest_user(FILE *conn, int realm)
{
	char line[1024];
	char user[32];
	char *p, *q;

	user[0] = '\0';
	while (fgets(line, sizeof(line), conn)) {
		if (line[0] == '\r' || line[0] == '\n')
			break;
		if (strncasecmp(line, "Authorization:", 14))
			continue;
		p = strstr(line, "username=\"");
		if (!p)
			continue;
		p += 10;
		q = strchr(p, '"');
		if (!q)
			return -1;
		*q = '\0';
		strcpy(user, p);
	}
	return user[0] ? acl_lookup(user, realm) : -1;
}

int good_digest_user(FILE *conn, int realm)
{
	char line[1024];
	char user[32];
	char *p;
	size_t n;

	user[0] = '\0';
	while (fgets(line, sizeof(line), conn)) {
		if (line[0] == '\r' || line[0] == '\n')
			break;
		if (strncasecmp(line, "Authorization:", 14))
			continue;
		p = strstr(line, "username=\"");
		if (!p)
			continue;
		p += 10;
		n = strcspn(p, "\"");
		if (p[n] != '"' || n > sizeof(user) - 1)
			return -1;
		strncpy(user, p, n);
		user[n] = '\0';
	}
	return user[0] ? acl_lookup(user, realm) : -1;
}

/* ------------------------------------------------------------------ */

long bad_record_usage(const char *dir)
{
	char path[128];
	struct dirent *de;
	struct stat st;
	long total = 0;
	DIR *d;

	d = opendir(dir);
	if (!d)
		return -1;
	while ((de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		sprintf(path, "%s/%s", dir, de->d_name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			total += (st.st_size + 1023) / 1024;
	}
	closedir(d);
	return total;
}

long good_record_usage(const char *dir)
{
	char path[128];
	struct dirent *de;
	struct stat st;
	long total = 0;
	DIR *d;

	d = opendir(dir);
	if (!d)
		return -1;
	while ((de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", dir, de->d_name) >= (int)sizeof(path))
			continue;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			total += (st.st_size + 1023) / 1024;
	}
	closedir(d);
	return total;
}

/* ------------------------------------------------------------------ */

int bad_scan_to_nvram(char *scan)
{
	char list[256];
	char *line, *ssid;
	int found = 0;

	list[0] = '\0';
	while ((line = strsep(&scan, "\n")) != NULL) {
		ssid = strrchr(line, '\t');
		if (!ssid || ssid[1] == '\0')
			continue;
		if (found++)
			strcat(list, ",");
		strcat(list, ssid + 1);
	}
	nvram_set("wl0_scan_result", list);
	return found;
}

int good_scan_to_nvram(char *scan)
{
	char list[256];
	char *line, *ssid;
	int found = 0;

	list[0] = '\0';
	while ((line = strsep(&scan, "\n")) != NULL) {
		ssid = strrchr(line, '\t');
		if (!ssid || ssid[1] == '\0')
			continue;
		ssid++;
		if (strlen(list) + 1 + strlen(ssid) + 1 > sizeof(list))
			break;
		if (found++)
			strcat(list, ",");
		strcat(list, ssid);
	}
	nvram_set("wl0_scan_result", list);
	return found;
}

/* ------------------------------------------------------------------ */

int bad_mb_slave_id(int tty, int unit)
{
	unsigned char adu[260];
	char name[20];
	ssize_t n;

	n = read(tty, adu, sizeof(adu) - 1);
	if (n < 5 || adu[0] != unit || adu[1] != 0x11)
		return -1;
	adu[n - 2] = '\0';		/* drop the CRC */
	if (adu[3] != 0xff)
		return 0;
	strcpy(name, (char *)adu + 4);
	mb_set_slave_name(unit, name);
	return 1;
}

int good_mb_slave_id(int tty, int unit)
{
	unsigned char adu[260];
	char name[20];
	ssize_t n;

	n = read(tty, adu, sizeof(adu) - 1);
	if (n < 7 || adu[0] != unit || adu[1] != 0x11)
		return -1;
	adu[n - 2] = '\0';		/* drop the CRC */
	if (adu[3] != 0xff)
		return 0;
	if (strlcpy(name, (char *)adu + 4, sizeof(name)) >= sizeof(name))
		syslog(LOG_NOTICE, "unit %d: name truncated", unit);
	mb_set_slave_name(unit, name);
	return 1;
}
