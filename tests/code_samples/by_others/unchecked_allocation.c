/* Sample functions: allocation in services that run for months. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

extern int param_apply(const char *key, const char *val);
extern int mb_send_raw(int fd, const uint8_t *adu, size_t len);
extern int frame_crc_ok(uint8_t *p, size_t len);
extern void encode_row(uint8_t *row, const uint8_t *src, unsigned w);

/* ---- web sessions ---- */

struct session {
	struct session *next;
	int fd;
	time_t last;
	char peer[46];
	char user[32];
};

struct session *session_head;

struct session *bad_session_new(int fd, const char *peer)
{
	struct session *s;

	s = calloc(1, sizeof(*s));
	s->fd = fd;
	s->last = time(NULL);
	snprintf(s->peer, sizeof(s->peer), "%s", peer);
	s->next = session_head;
	session_head = s;
	return s;
}

struct session *good_session_new(int fd, const char *peer)
{
	struct session *s;

	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		syslog(LOG_ERR, "no memory for session from %s", peer);
		close(fd);
		return NULL;
	}
	s->fd = fd;
	s->last = time(NULL);
	snprintf(s->peer, sizeof(s->peer), "%s", peer);
	s->next = session_head;
	session_head = s;
	return s;
}

/* ---- "a=1;b=2" parameter strings ---- */

int bad_params_split(const char *arg)
{
	char *copy, *tok, *save, *eq;
	int n = 0;

	if (!arg || !*arg)
		return 0;
	copy = strdup(arg);
	for (tok = strtok_r(copy, ";", &save); tok; tok = strtok_r(NULL, ";", &save)) {
		eq = strchr(tok, '=');
		if (!eq)
			continue;
		*eq++ = '\0';
		if (param_apply(tok, eq) == 0)
			n++;
	}
	free(copy);
	return n;
}

int good_params_split(const char *arg)
{
	char *copy, *tok, *save, *eq;
	int n = 0;

	if (!arg || !*arg || !(copy = strdup(arg)))
		return 0;
	for (tok = strtok_r(copy, ";", &save); tok; tok = strtok_r(NULL, ";", &save)) {
		eq = strchr(tok, '=');
		if (!eq)
			continue;
		*eq++ = '\0';
		if (param_apply(tok, eq) == 0)
			n++;
	}
	free(copy);
	return n;
}

/* ---- /proc readers ---- */

long bad_meminfo_free(const char *procdir)
{
	char path[64], line[128];
	long kb = -1;
	FILE *fp;

	snprintf(path, sizeof(path), "%s/meminfo", procdir);
	fp = fopen(path, "r");
	while (fgets(line, sizeof(line), fp)) {
		if (sscanf(line, "MemAvailable: %ld", &kb) == 1)
			break;
	}
	fclose(fp);
	return kb;
}

long good_meminfo_free(const char *procdir)
{
	char path[64], line[128];
	long kb = -1;
	FILE *fp;

	snprintf(path, sizeof(path), "%s/meminfo", procdir);
	fp = fopen(path, "r");
	while (fp && fgets(line, sizeof(line), fp)) {
		if (sscanf(line, "MemAvailable: %ld", &kb) == 1)
			break;
	}
	if (fp)
		fclose(fp);
	return kb;
}

/* ---- Modbus/TCP request ---- */

int bad_mbtcp_send(int fd, uint16_t tid, uint8_t unit, const uint8_t *pdu, uint8_t pdulen)
{
	uint8_t *adu;
	int rc;

	adu = (uint8_t *)malloc(7 + pdulen);
	adu[0] = tid >> 8;
	adu[1] = tid & 0xff;
	adu[2] = adu[3] = 0;
	adu[4] = (pdulen + 1) >> 8;
	adu[5] = (pdulen + 1) & 0xff;
	adu[6] = unit;
	memcpy(adu + 7, pdu, pdulen);
	rc = mb_send_raw(fd, adu, 7 + pdulen);
	free(adu);
	return rc;
}

static inline void *must_malloc(size_t n)
{
	void *p = malloc(n);

	if (!p) {
		syslog(LOG_CRIT, "out of memory (%zu bytes)", n);
		abort();
	}
	return p;
}

int good_mbtcp_send(int fd, uint16_t tid, uint8_t unit, const uint8_t *pdu, uint8_t pdulen)
{
	uint8_t *adu;
	int rc;

	adu = must_malloc(7 + pdulen);
	adu[0] = tid >> 8;
	adu[1] = tid & 0xff;
	adu[2] = adu[3] = 0;
	adu[4] = (pdulen + 1) >> 8;
	adu[5] = (pdulen + 1) & 0xff;
	adu[6] = unit;
	memcpy(adu + 7, pdu, pdulen);
	rc = mb_send_raw(fd, adu, 7 + pdulen);
	free(adu);
	return rc;
}

/* ---- reading one line from a serial modem ---- */

char *bad_modem_getline(FILE *tty)
{
	size_t cap = 0, n = 0;
	char *line = NULL;
	int c;

	while ((c = getc(tty)) != EOF && c != '\n') {
		if (c == '\r')
			continue;
		if (n + 2 > cap) {
			cap += 64;
			line = realloc(line, cap);
		}
		line[n++] = (char)c;
		line[n] = '\0';
	}
	return line;
}

char *good_modem_getline(FILE *tty)
{
	size_t cap = 0, n = 0;
	char *line = NULL, *tmp;
	int c;

	while ((c = getc(tty)) != EOF && c != '\n') {
		if (c == '\r')
			continue;
		if (n + 2 > cap) {
			tmp = realloc(line, cap + 64);
			if (!tmp) {
				free(line);
				return NULL;
			}
			line = tmp;
			cap += 64;
		}
		line[n++] = (char)c;
		line[n] = '\0';
	}
	return line;
}

/* ---- double buffer of the capture thread ---- */

struct capture {
	uint8_t *front;
	uint8_t *back;
	size_t size;
	int ready;
};

int bad_capture_init(struct capture *c, size_t size)
{
	c->size = size;
	c->front = malloc(size);
	if (!c->front)
		return -ENOMEM;
	c->back = malloc(size);
	if (!c->front) {
		free(c->front);
		return -ENOMEM;
	}
	memset(c->front, 0x10, size);
	memset(c->back, 0x80, size);
	c->ready = 1;
	return 0;
}

int good_capture_init(struct capture *c, size_t size)
{
	c->size = size;
	c->front = malloc(size);
	c->back = malloc(size);
	if (!c->front || !c->back) {
		free(c->front);
		free(c->back);
		c->front = c->back = NULL;
		return -ENOMEM;
	}
	memset(c->front, 0x10, size);
	memset(c->back, 0x80, size);
	c->ready = 1;
	return 0;
}

/* ---- outgoing MQTT messages ---- */

struct outmsg {
	uint16_t mid;
	uint8_t qos;
	size_t len;
	uint8_t *payload;
	struct outmsg *next;
};

struct outmsg *bad_outmsg_new(uint16_t mid, const void *data, size_t len)
{
	struct outmsg *m = malloc(sizeof(*m));

	if (!m)
		return NULL;
	m->mid = mid;
	m->qos = 1;
	m->next = NULL;
	m->len = len;
	m->payload = malloc(len + 1);
	memcpy(m->payload, data, len);
	m->payload[len] = 0;
	return m;
}

struct outmsg *good_outmsg_new(uint16_t mid, const void *data, size_t len)
{
	struct outmsg *m = malloc(sizeof(*m));

	if (!m)
		return NULL;
	m->mid = mid;
	m->qos = 1;
	m->next = NULL;
	m->len = len;
	m->payload = malloc(len + 1);
	if (!m->payload)
		goto nomem;
	memcpy(m->payload, data, len);
	m->payload[len] = 0;
	return m;

nomem:
	free(m);
	return NULL;
}

/* ---- proprietary discovery ---- */

int bad_discovery_probe(int sock, uint32_t serial, unsigned extra)
{
	uint8_t *pkt;
	size_t len = 8 + (extra & 0x3ff);
	int rc;

	pkt = calloc(1, len);
	pkt[0] = 0xd1;
	pkt[1] = 0x5c;
	pkt[4] = serial >> 24;
	pkt[5] = serial >> 16;
	pkt[6] = serial >> 8;
	pkt[7] = serial;
	if (pkt == NULL)
		return -ENOMEM;
	rc = send(sock, pkt, len, MSG_DONTWAIT) < 0 ? -errno : 0;
	free(pkt);
	return rc;
}

int good_discovery_probe(int sock, uint32_t serial, unsigned extra)
{
	uint8_t *pkt;
	size_t len = 8 + (extra & 0x3ff);
	int rc = -ENOMEM;

	pkt = calloc(1, len);
	if (pkt != NULL) {
		pkt[0] = 0xd1;
		pkt[1] = 0x5c;
		pkt[4] = serial >> 24;
		pkt[5] = serial >> 16;
		pkt[6] = serial >> 8;
		pkt[7] = serial;
		rc = send(sock, pkt, len, MSG_DONTWAIT) < 0 ? -errno : 0;
		free(pkt);
	}
	return rc;
}

/* ---- header names ---- */

char *bad_header_name(const char *line)
{
	const char *colon = strchr(line, ':');
	char *name, *p;

	if (!colon)
		return NULL;
	name = strndup(line, colon - line);
	for (p = name; *p; p++)
		*p = (*p == '-') ? '_' : toupper((unsigned char)*p);
	return name;
}

char *good_header_name(const char *line)
{
	const char *colon = strchr(line, ':');
	char *name, *p;

	if (!colon)
		return NULL;
	name = strndup(line, colon - line);
	for (p = name; p != NULL && *p; p++)
		*p = (*p == '-') ? '_' : toupper((unsigned char)*p);
	return name;
}

/* ---- meter log ---- */

int bad_meter_log(const char *file, unsigned long wh, int phase)
{
	FILE *fp;
	time_t now = time(NULL);

	fp = fopen(file, "a");
	if (!fp)
		syslog(LOG_ERR, "cannot append to %s: %s", file, strerror(errno));

	fprintf(fp, "%ld;%d;%lu\n", (long)now, phase, wh);
	if (fclose(fp) != 0)
		return -1;
	return 0;
}

int good_meter_log(const char *file, unsigned long wh, int phase)
{
	FILE *fp;
	time_t now = time(NULL);
	int tries;

	for (tries = 0; (fp = fopen(file, "a")) == NULL; tries++) {
		if (tries == 3) {
			syslog(LOG_ERR, "cannot append to %s: %s", file, strerror(errno));
			return -1;
		}
		usleep(20000);
	}

	fprintf(fp, "%ld;%d;%lu\n", (long)now, phase, wh);
	if (fclose(fp) != 0)
		return -1;
	return 0;
}

/* ---- row table of the image encoder ---- */

uint8_t **bad_rows_encode(const uint8_t *src, unsigned w, unsigned h)
{
	uint8_t **row;
	unsigned y;

	if (w > 4096 || h > 4096)
		return NULL;
	row = malloc((h + 1) * sizeof(*row));
	if (!row)
		return NULL;
	for (y = 0; y < h; y++) {
		row[y] = malloc(w + 8);
		row[y][0] = 0;
		encode_row(row[y] + 1, src, w);
		src += w;
	}
	row[h] = NULL;
	return row;
}

uint8_t **good_rows_encode(const uint8_t *src, unsigned w, unsigned h)
{
	uint8_t **row;
	unsigned y;

	if (w > 4096 || h > 4096)
		return NULL;
	row = malloc((h + 1) * sizeof(*row));
	if (!row)
		return NULL;
	for (y = 0; y < h; y++) {
		uint8_t *r = malloc(w + 8);

		row[y] = r;
		if (r == NULL) {
			while (y-- > 0)
				free(row[y]);
			free(row);
			return NULL;
		}
		r[0] = 0;
		encode_row(r + 1, src, w);
		src += w;
	}
	row[h] = NULL;
	return row;
}

/* ---- unescape serial frames, small ones on the stack ---- */

int bad_slip_check(const uint8_t *in, size_t len)
{
	uint8_t small[128];
	uint8_t *out = len > sizeof(small) ? malloc(len) : small;
	size_t i, n = 0;
	int ok;

	for (i = 0; i < len; i++) {
		if (in[i] == 0xdb && i + 1 < len) {
			i++;
			out[n++] = in[i] == 0xdc ? 0xc0 : 0xdb;
		} else {
			out[n++] = in[i];
		}
	}
	ok = frame_crc_ok(out, n);
	if (out != small)
		free(out);
	return ok;
}

int good_slip_check(const uint8_t *in, size_t len)
{
	uint8_t small[128];
	uint8_t *out = len > sizeof(small) ? malloc(len) : small;
	size_t i, n = 0;
	int ok;

	if (!out)
		return 0;
	for (i = 0; i < len; i++) {
		if (in[i] == 0xdb && i + 1 < len) {
			i++;
			out[n++] = in[i] == 0xdc ? 0xc0 : 0xdb;
		} else {
			out[n++] = in[i];
		}
	}
	ok = frame_crc_ok(out, n);
	if (out != small)
		free(out);
	return ok;
}
