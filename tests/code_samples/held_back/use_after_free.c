#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <errno.h>
#include <time.h>
#include <syslog.h>
#include <unistd.h>
#include <sys/socket.h>

struct client {
	struct client *next;
	int fd;
	time_t last;
	char *url;
};

struct buf {
	uint8_t *data;
	size_t len;
};

extern int parse_header(const char *s);
extern int apply_config(const char *key, const char *val);
extern int verify_image(const uint8_t *p, size_t n);
extern int flash_write(const uint8_t *p, size_t n);
extern int notify_peer(int fd, const char *what);
extern int auth_ok(const char *user);

/* ---- 1: list clear reading next from the freed node ---- */
void bad_clients_clear(struct client *head) {
	struct client *c;

	for (c = head; c != NULL; c = c->next) {
		close(c->fd);
		free(c);
	}
}

void good_clients_clear(struct client *head) {
	struct client *c, *n;

	for (c = head; c != NULL; c = n) {
		n = c->next;
		close(c->fd);
		free(c);
	}
}

/* ---- 2: error path frees twice ---- */
int bad_fw_install(FILE *f, size_t size) {
	uint8_t *img = malloc(size);
	int rc = -1;

	if (!img)
		return -ENOMEM;
	if (fread(img, 1, size, f) != size)
		goto out;
	if (verify_image(img, size) != 0) {
		syslog(LOG_ERR, "bad signature");
		free(img);
		goto out;
	}
	rc = flash_write(img, size);
out:
	free(img);
	return rc;
}

int good_fw_install(FILE *f, size_t size) {
	uint8_t *img = malloc(size);
	int rc = -1;

	if (!img)
		return -ENOMEM;
	if (fread(img, 1, size, f) != size)
		goto out;
	if (verify_image(img, size) != 0) {
		syslog(LOG_ERR, "bad signature");
		goto out;
	}
	rc = flash_write(img, size);
out:
	free(img);
	return rc;
}

/* ---- 3: log after free ---- */
void bad_client_drop(struct client *c, const char *why) {
	close(c->fd);
	free(c->url);
	syslog(LOG_INFO, "client %d left %s: %s", c->fd, c->url, why);
	free(c);
}

void good_client_drop(struct client *c, const char *why) {
	close(c->fd);
	syslog(LOG_INFO, "client %d left %s: %s", c->fd, c->url, why);
	free(c->url);
	free(c);
}

/* ---- 4: pointer into a freed copy ---- */
int bad_ini_pair(const char *line) {
	char *dup = strdup(line);
	char *eq;

	if (dup == NULL)
		return -1;
	eq = strchr(dup, '=');
	if (eq == NULL) {
		free(dup);
		return 0;
	}
	*eq++ = '\0';
	if (strlen(dup) > 64)
		free(dup);
	return apply_config(dup, eq);
}

int good_ini_pair(const char *line) {
	char *dup = strdup(line);
	char *eq;
	int rc;

	if (dup == NULL)
		return -1;
	eq = strchr(dup, '=');
	if (eq == NULL) {
		free(dup);
		return 0;
	}
	*eq++ = '\0';
	if (strlen(dup) > 64) {
		free(dup);
		return -2;
	}
	rc = apply_config(dup, eq);
	free(dup);
	return rc;
}

/* ---- 5: realloc leaves the old pointer in use ---- */
int bad_buf_append(struct buf *b, const uint8_t *more, size_t n) {
	uint8_t *old = b->data;
	uint8_t *p;

	if (n == 0)
		return 0;
	p = realloc(old, b->len + n);
	if (!p)
		return -ENOMEM;
	memcpy(old + b->len, more, n);
	b->data = p;
	b->len += n;
	return 0;
}

int good_buf_append(struct buf *b, const uint8_t *more, size_t n) {
	uint8_t *old = b->data;
	uint8_t *p;

	if (n == 0)
		return 0;
	p = realloc(old, b->len + n);
	if (!p)
		return -ENOMEM;
	memcpy(p + b->len, more, n);
	b->data = p;
	b->len += n;
	return 0;
}

/* ---- 6: request retry loop ---- */
int bad_http_fetch(int fd, int tries) {
	char *resp = malloc(2048);
	int st = -1;
	ssize_t n;

	if (!resp)
		return -1;
	while (tries-- > 0) {
		n = recv(fd, resp, 2047, 0);
		if (n <= 0) {
			free(resp);
			continue;
		}
		resp[n] = '\0';
		st = parse_header(resp);
		if (st == 200)
			break;
	}
	free(resp);
	return st;
}

int good_http_fetch(int fd, int tries) {
	char *resp = NULL;
	int st = -1;
	ssize_t n;

	while (tries-- > 0) {
		resp = malloc(2048);
		if (!resp)
			return -1;
		n = recv(fd, resp, 2047, 0);
		if (n <= 0) {
			free(resp);
			resp = NULL;
			continue;
		}
		resp[n] = '\0';
		st = parse_header(resp);
		free(resp);
		if (st == 200)
			break;
	}
	return st;
}

/* ---- 7: return value read from the freed message ---- */
struct coap_msg {
	uint8_t code;
	uint16_t mid;
	size_t plen;
	uint8_t payload[256];
};

int bad_coap_take(int s) {
	struct coap_msg *m = calloc(1, sizeof *m);
	ssize_t n;

	if (!m)
		return -1;
	n = recv(s, m->payload, sizeof m->payload, 0);
	if (n < 4) {
		free(m);
		return -1;
	}
	m->code = m->payload[1];
	m->mid = m->payload[2] << 8 | m->payload[3];
	m->plen = n;
	notify_peer(s, (const char *)m->payload);
	free(m);
	if (m->code == 0x45)
		return m->mid;
	return 0;
}

int good_coap_take(int s) {
	struct coap_msg *m = calloc(1, sizeof *m);
	ssize_t n;
	int ret = 0;

	if (!m)
		return -1;
	n = recv(s, m->payload, sizeof m->payload, 0);
	if (n < 4) {
		free(m);
		return -1;
	}
	m->code = m->payload[1];
	m->mid = m->payload[2] << 8 | m->payload[3];
	m->plen = n;
	notify_peer(s, (const char *)m->payload);
	if (m->code == 0x45)
		ret = m->mid;
	free(m);
	return ret;
}

/* ---- 8: global table slot freed, used afterwards ---- */
static char *dns_cache[16];

int bad_cache_replace(unsigned idx, const char *name) {
	char *cur;

	if (idx >= 16)
		return -1;
	cur = dns_cache[idx];
	if (cur) {
		free(cur);
		if (strcmp(cur, name) == 0)
			return 1;
	}
	dns_cache[idx] = strdup(name);
	return dns_cache[idx] ? 0 : -1;
}

int good_cache_replace(unsigned idx, const char *name) {
	char *cur;

	if (idx >= 16)
		return -1;
	cur = dns_cache[idx];
	if (cur) {
		if (strcmp(cur, name) == 0)
			return 1;
		free(cur);
		dns_cache[idx] = NULL;
	}
	dns_cache[idx] = strdup(name);
	return dns_cache[idx] ? 0 : -1;
}

/* ---- 9: login form; two names for one block ---- */
int bad_login_check(int fd) {
	char *line = NULL, *user;
	size_t cap = 0;
	FILE *in = fdopen(dup(fd), "r");
	int ok = 0;

	if (!in)
		return -1;
	if (getline(&line, &cap, in) > 0) {
		user = line;
		user[strcspn(user, "\r\n")] = '\0';
		ok = auth_ok(user);
		if (!ok)
			free(user);
	}
	fclose(in);
	free(line);
	return ok;
}

int good_login_check(int fd) {
	char *line = NULL, *user;
	size_t cap = 0;
	FILE *in = fdopen(dup(fd), "r");
	int ok = 0;

	if (!in)
		return -1;
	if (getline(&line, &cap, in) > 0) {
		user = line;
		user[strcspn(user, "\r\n")] = '\0';
		ok = auth_ok(user);
		if (!ok) {
			free(user);
			line = NULL;
		}
	}
	fclose(in);
	free(line);
	return ok;
}

/* ---- 10: idle timeout unlink ---- */
int bad_client_expire(struct client **headp, time_t now) {
	struct client **pp = headp;
	int dropped = 0;

	while (*pp) {
		struct client *c = *pp;

		if (now - c->last > 60) {
			notify_peer(c->fd, "timeout");
			free(c);
			*pp = c->next;
			dropped++;
		} else {
			pp = &c->next;
		}
	}
	return dropped;
}

int good_client_expire(struct client **headp, time_t now) {
	struct client **pp = headp;
	int dropped = 0;

	while (*pp) {
		struct client *c = *pp;

		if (now - c->last > 60) {
			notify_peer(c->fd, "timeout");
			*pp = c->next;
			free(c);
			dropped++;
		} else {
			pp = &c->next;
		}
	}
	return dropped;
}
