#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <stdarg.h>
#include <errno.h>
#include <syslog.h>
#include <unistd.h>
#include <sys/socket.h>

extern void session_link(void *s);
extern int http_reply(int fd, int code, const char *body);
extern void tree_add(void *root, const char *k, char *v);
extern int store_blob(const void *p, size_t n);

struct session {
	int fd;
	uint32_t id;
	char url[128];
	struct session *next;
};

/* ---- 1: RTSP session ---- */
struct session *bad_session_new(int fd, uint32_t id, const char *url) {
	struct session *s = malloc(sizeof(*s));

	s->fd = fd;
	s->id = id;
	snprintf(s->url, sizeof s->url, "%s", url);
	s->next = NULL;
	session_link(s);
	return s;
}

struct session *good_session_new(int fd, uint32_t id, const char *url) {
	struct session *s = malloc(sizeof(*s));

	if (!s)
		return NULL;
	s->fd = fd;
	s->id = id;
	snprintf(s->url, sizeof s->url, "%s", url);
	s->next = NULL;
	session_link(s);
	return s;
}

/* ---- 2: strdup + strtok ---- */
int bad_csv_count(const char *line, const char *want) {
	char *copy = strdup(line);
	char *sv, *tok;
	int n = 0;

	copy[strcspn(copy, "\r\n")] = '\0';
	for (tok = strtok_r(copy, ",", &sv); tok; tok = strtok_r(NULL, ",", &sv))
		if (strcmp(tok, want) == 0)
			n++;
	free(copy);
	return n;
}

int good_csv_count(const char *line, const char *want) {
	char *copy = strdup(line);
	char *sv, *tok;
	int n = 0;

	if (copy == NULL)
		return -ENOMEM;
	copy[strcspn(copy, "\r\n")] = '\0';
	for (tok = strtok_r(copy, ",", &sv); tok; tok = strtok_r(NULL, ",", &sv))
		if (strcmp(tok, want) == 0)
			n++;
	free(copy);
	return n;
}

/* ---- 3: growing read buffer ---- */
char *bad_slurp(int fd, size_t *out_len) {
	size_t cap = 0, len = 0;
	char *buf = NULL;
	ssize_t r;

	do {
		if (len + 512 > cap) {
			cap += 4096;
			buf = realloc(buf, cap);
		}
		r = read(fd, buf + len, 511);
		if (r > 0)
			len += r;
	} while (r > 0);
	buf[len] = '\0';
	*out_len = len;
	return buf;
}

char *good_slurp(int fd, size_t *out_len) {
	size_t cap = 0, len = 0;
	char *buf = NULL, *tmp;
	ssize_t r;

	do {
		if (len + 512 > cap) {
			cap += 4096;
			tmp = realloc(buf, cap);
			if (!tmp) {
				free(buf);
				return NULL;
			}
			buf = tmp;
		}
		r = read(fd, buf + len, 511);
		if (r > 0)
			len += r;
	} while (r > 0);
	buf[len] = '\0';
	*out_len = len;
	return buf;
}

/* ---- 4: frame copy ---- */
int bad_frame_forward(const uint8_t *frame, size_t len, int sock) {
	uint8_t *pkt;
	int rc;

	if (len == 0 || len > 65000)
		return -EINVAL;
	pkt = malloc(len + 12);
	memset(pkt, 0, 12);
	memcpy(pkt + 12, frame, len);
	rc = send(sock, pkt, len + 12, 0);
	free(pkt);
	return rc;
}

int good_frame_forward(const uint8_t *frame, size_t len, int sock) {
	uint8_t *pkt;
	int rc = -ENOMEM;

	if (len == 0 || len > 65000)
		return -EINVAL;
	pkt = malloc(len + 12);
	if (pkt) {
		memset(pkt, 0, 12);
		memcpy(pkt + 12, frame, len);
		rc = send(sock, pkt, len + 12, 0);
	}
	free(pkt);
	return rc;
}

/* ---- 5: second allocation forgotten ---- */
struct ring {
	uint16_t *slot;
	unsigned head, tail, size;
};

struct ring *bad_ring_create(unsigned size) {
	struct ring *r;
	unsigned i;

	r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	r->slot = calloc(size, sizeof(uint16_t));
	r->size = size;
	for (i = 0; i < size; i++)
		r->slot[i] = 0x8000;
	return r;
}

struct ring *good_ring_create(unsigned size) {
	struct ring *r;
	unsigned i;

	r = calloc(1, sizeof *r);
	if (!r)
		goto fail;
	r->slot = calloc(size, sizeof(uint16_t));
	if (!r->slot)
		goto fail;
	r->size = size;
	for (i = 0; i < size; i++)
		r->slot[i] = 0x8000;
	return r;
fail:
	free(r);
	return NULL;
}

/* ---- 6: check comes after the use ---- */
int bad_modbus_reply(int fd, const uint8_t *regs, unsigned n) {
	uint8_t *adu;
	int rc;

	adu = malloc(9 + n * 2);
	adu[7] = 0x03;
	adu[8] = (uint8_t)(n * 2);
	memcpy(adu + 9, regs, n * 2);
	memset(adu, 0, 7);
	rc = write(fd, adu, 9 + n * 2);
	if (adu)
		free(adu);
	return rc;
}

int good_modbus_reply(int fd, const uint8_t *regs, unsigned n) {
	uint8_t *adu;
	int rc;

	if ((adu = malloc(9 + n * 2)) == NULL) {
		syslog(LOG_ERR, "modbus: out of memory");
		return -1;
	}
	adu[7] = 0x03;
	adu[8] = (uint8_t)(n * 2);
	memcpy(adu + 9, regs, n * 2);
	memset(adu, 0, 7);
	rc = write(fd, adu, 9 + n * 2);
	free(adu);
	return rc;
}

/* ---- 7: json key/value ---- */
int bad_json_pair(void *root, const char *s, const char *e) {
	const char *colon = memchr(s, ':', e - s);
	char *key;

	if (!colon)
		return -1;
	key = malloc(colon - s + 1);
	strncpy(key, s, colon - s);
	key[colon - s] = '\0';
	tree_add(root, key, NULL);
	return 0;
}

int good_json_pair(void *root, const char *s, const char *e) {
	const char *colon = memchr(s, ':', e - s);
	char *key;

	if (!colon)
		return -1;
	key = malloc(colon - s + 1);
	if (key == NULL)
		return -2;
	strncpy(key, s, colon - s);
	key[colon - s] = '\0';
	tree_add(root, key, NULL);
	return 0;
}

/* ---- 8: CGI page body ---- */
int bad_cgi_page(int fd, const char *title, const char *msg) {
	size_t need = strlen(title) + strlen(msg) + 64;
	char *page = (char *)malloc(need);
	int rc;

	snprintf(page, need, "<html><title>%s</title><body>%s</body></html>", title, msg);
	rc = http_reply(fd, 200, page);
	free(page);
	return rc;
}

int good_cgi_page(int fd, const char *title, const char *msg) {
	size_t need = strlen(title) + strlen(msg) + 64;
	char *page = (char *)malloc(need);
	int rc;

	if (!page)
		return http_reply(fd, 503, "busy");
	snprintf(page, need, "<html><title>%s</title><body>%s</body></html>", title, msg);
	rc = http_reply(fd, 200, page);
	free(page);
	return rc;
}

/* ---- 9: checked on one path only ---- */
struct sample {
	uint32_t ts;
	int32_t value;
};

int bad_sample_batch(const int32_t *vals, int n, int verbose) {
	struct sample *b = calloc(n, sizeof *b);
	int i, rc;

	if (verbose) {
		if (!b) {
			fprintf(stderr, "no memory for %d samples\n", n);
			return -1;
		}
		fprintf(stderr, "batch of %d\n", n);
	}
	for (i = 0; i < n; i++) {
		b[i].ts = i * 900;
		b[i].value = vals[i];
	}
	rc = store_blob(b, n * sizeof *b);
	free(b);
	return rc;
}

int good_sample_batch(const int32_t *vals, int n, int verbose) {
	struct sample *b = calloc(n, sizeof *b);
	int i, rc;

	if (!b) {
		if (verbose)
			fprintf(stderr, "no memory for %d samples\n", n);
		return -1;
	}
	if (verbose)
		fprintf(stderr, "batch of %d\n", n);
	for (i = 0; i < n; i++) {
		b[i].ts = i * 900;
		b[i].value = vals[i];
	}
	rc = store_blob(b, n * sizeof *b);
	free(b);
	return rc;
}

/* ---- 10: linked list of users from passwd file ---- */
struct user {
	struct user *next;
	int uid;
	char name[32];
};

struct user *bad_users_load(FILE *fp) {
	struct user *head = NULL, *u;
	char line[256], nm[32];
	int uid;

	while (fgets(line, sizeof line, fp)) {
		if (sscanf(line, "%31[^:]:%*[^:]:%d", nm, &uid) != 2)
			continue;
		u = calloc(1, sizeof(struct user));
		u->uid = uid;
		strcpy(u->name, nm);
		u->next = head;
		head = u;
	}
	return head;
}

struct user *good_users_load(FILE *fp) {
	struct user *head = NULL, *u;
	char line[256], nm[32];
	int uid;

	while (fgets(line, sizeof line, fp)) {
		if (sscanf(line, "%31[^:]:%*[^:]:%d", nm, &uid) != 2)
			continue;
		u = calloc(1, sizeof(struct user));
		if (!u)
			break;
		u->uid = uid;
		strcpy(u->name, nm);
		u->next = head;
		head = u;
	}
	return head;
}
