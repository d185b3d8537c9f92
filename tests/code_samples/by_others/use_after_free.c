/* Sample functions: ownership of buffers and list nodes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <syslog.h>
#include <unistd.h>

extern int blob_verify(const uint8_t *p, size_t len);
extern int store_value(const char *key, const char *val);
extern int handle_get(int fd, const char *path);
extern int handle_set(int fd, const char *path);
extern int record_parse(const char *rec, size_t len);
extern struct reply *query_next(int fd);
extern void notify(const char *key, const char *val);

/* ---- connected clients ---- */

struct client {
	int fd;
	unsigned flags;
	char *rxbuf;
	struct client *next;
};

int bad_clients_flush(struct client **head)
{
	struct client *c;
	int n = 0;

	for (c = *head; c != NULL; c = c->next) {
		if (c->fd >= 0)
			close(c->fd);
		free(c->rxbuf);
		free(c);
		n++;
	}
	*head = NULL;
	return n;
}

int good_clients_flush(struct client **head)
{
	struct client *c, *next;
	int n = 0;

	for (c = *head; c != NULL; c = next) {
		next = c->next;
		if (c->fd >= 0)
			close(c->fd);
		free(c->rxbuf);
		free(c);
		n++;
	}
	*head = NULL;
	return n;
}

/* ---- calibration blob ---- */

int bad_blob_load(const char *path, uint8_t **out, size_t *outlen)
{
	struct stat st;
	uint8_t *buf = NULL;
	int fd, rc = -1;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > 65536)
		goto out;
	buf = malloc(st.st_size);
	if (!buf)
		goto out;
	if (read(fd, buf, st.st_size) != (ssize_t)st.st_size) {
		syslog(LOG_ERR, "%s: short read", path);
		free(buf);
		goto out;
	}
	if (blob_verify(buf, st.st_size) < 0)
		goto out;
	*out = buf;
	*outlen = st.st_size;
	close(fd);
	return 0;
out:
	free(buf);
	close(fd);
	return rc;
}

int good_blob_load(const char *path, uint8_t **out, size_t *outlen)
{
	struct stat st;
	uint8_t *buf = NULL;
	int fd, rc = -1;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > 65536)
		goto out;
	buf = malloc(st.st_size);
	if (!buf)
		goto out;
	if (read(fd, buf, st.st_size) != (ssize_t)st.st_size) {
		syslog(LOG_ERR, "%s: short read", path);
		goto out;
	}
	if (blob_verify(buf, st.st_size) < 0)
		goto out;
	*out = buf;
	*outlen = st.st_size;
	close(fd);
	return 0;
out:
	free(buf);
	close(fd);
	return rc;
}

/* ---- telnet style sessions ---- */

struct shell_session {
	int fd;
	unsigned long rx, tx;
	char *user;
};

void bad_shell_close(struct shell_session *s, int reason)
{
	if (!s)
		return;
	if (s->fd >= 0) {
		shutdown(s->fd, SHUT_RDWR);
		close(s->fd);
	}
	free(s->user);
	free(s);
	syslog(LOG_INFO, "session closed (%d), %lu bytes in, %lu bytes out",
	       reason, s->rx, s->tx);
}

void good_shell_close(struct shell_session *s, int reason)
{
	unsigned long rx, tx;

	if (!s)
		return;
	if (s->fd >= 0) {
		shutdown(s->fd, SHUT_RDWR);
		close(s->fd);
	}
	rx = s->rx;
	tx = s->tx;
	free(s->user);
	free(s);
	syslog(LOG_INFO, "session closed (%d), %lu bytes in, %lu bytes out",
	       reason, rx, tx);
}

/* ---- stream reassembly ---- */

struct stream {
	char *buf;
	size_t used;
	size_t size;
};

int bad_stream_add(struct stream *st, const char *data, size_t n)
{
	char *tail, *nb;

	if (n > 65536 || st->used > 1048576)
		return -1;
	tail = st->buf + st->used;
	if (st->used + n > st->size) {
		nb = realloc(st->buf, st->used + n + 512);
		if (!nb)
			return -1;
		st->buf = nb;
		st->size = st->used + n + 512;
	}
	memcpy(tail, data, n);
	st->used += n;
	return 0;
}

int good_stream_add(struct stream *st, const char *data, size_t n)
{
	char *tail, *nb;

	if (n > 65536 || st->used > 1048576)
		return -1;
	if (st->used + n > st->size) {
		nb = realloc(st->buf, st->used + n + 512);
		if (!nb)
			return -1;
		st->buf = nb;
		st->size = st->used + n + 512;
	}
	tail = st->buf + st->used;
	memcpy(tail, data, n);
	st->used += n;
	return 0;
}

/* ---- queued messages ---- */

struct qmsg {
	struct qmsg *next;
	char *topic;
	uint8_t *payload;
	size_t len;
	int refs;
};

void bad_qmsg_put(struct qmsg *m)
{
	if (m == NULL || --m->refs > 0)
		return;
	if (m->topic)
		free(m->topic);
	free(m);
	if (m->payload)
		free(m->payload);
}

void good_qmsg_put(struct qmsg *m)
{
	if (m == NULL || --m->refs > 0)
		return;
	if (m->topic)
		free(m->topic);
	if (m->payload)
		free(m->payload);
	free(m);
}

/* ---- request dispatcher ---- */

int bad_request_run(int fd, const char *line)
{
	char *path = strdup(line + 1);
	int rc;

	if (!path)
		return -1;
	path[strcspn(path, "\r\n")] = '\0';
	switch (line[0]) {
	case 'G':
		rc = handle_get(fd, path);
		break;
	case 'S':
		rc = handle_set(fd, path);
		break;
	default:
		dprintf(fd, "ERR unknown verb\n");
		free(path);
		rc = -EINVAL;
		break;
	}
	if (rc < 0)
		syslog(LOG_DEBUG, "request failed: %d", rc);
	free(path);
	return rc;
}

int good_request_run(int fd, const char *line)
{
	char *path = strdup(line + 1);
	int rc;

	if (!path)
		return -1;
	path[strcspn(path, "\r\n")] = '\0';
	switch (line[0]) {
	case 'G':
		rc = handle_get(fd, path);
		break;
	case 'S':
		rc = handle_set(fd, path);
		break;
	default:
		dprintf(fd, "ERR unknown verb\n");
		free(path);
		return -EINVAL;
	}
	if (rc < 0)
		syslog(LOG_DEBUG, "request failed: %d", rc);
	free(path);
	return rc;
}

/* ---- paged queries ---- */

struct reply {
	int status;
	int more;
	unsigned total;
	char text[200];
};

unsigned bad_query_all(int fd)
{
	struct reply *r;
	unsigned sum = 0;

	do {
		r = query_next(fd);
		if (!r)
			break;
		if (r->status == 0)
			sum += r->total;
		else
			syslog(LOG_WARNING, "query: %.*s", (int)sizeof(r->text), r->text);
		free(r);
	} while (r->more);
	return sum;
}

unsigned good_query_all(int fd)
{
	struct reply *r;
	unsigned sum = 0;
	int more = 1;

	while (more && (r = query_next(fd)) != NULL) {
		if (r->status == 0)
			sum += r->total;
		else
			syslog(LOG_WARNING, "query: %.*s", (int)sizeof(r->text), r->text);
		more = r->more;
		free(r);
	}
	return sum;
}

/* ---- record import ---- */

int bad_records_import(FILE *fp)
{
	unsigned char lenb[2];
	char *rec;
	size_t len;
	int ok = 0;

	rec = malloc(65536);
	if (!rec)
		return -ENOMEM;
	while (fread(lenb, 1, 2, fp) == 2) {
		len = lenb[0] << 8 | lenb[1];
		if (fread(rec, 1, len, fp) != len)
			break;
		if (record_parse(rec, len) < 0) {
			syslog(LOG_NOTICE, "record %d skipped", ok);
			free(rec);
			continue;
		}
		ok++;
	}
	free(rec);
	return ok;
}

int good_records_import(FILE *fp)
{
	unsigned char lenb[2];
	char *rec;
	size_t len;
	int ok = 0;

	while (fread(lenb, 1, 2, fp) == 2) {
		len = lenb[0] << 8 | lenb[1];
		rec = malloc(len + 1);
		if (!rec)
			return -ENOMEM;
		if (fread(rec, 1, len, fp) != len) {
			free(rec);
			break;
		}
		rec[len] = '\0';
		if (record_parse(rec, len) < 0) {
			syslog(LOG_NOTICE, "record %d skipped", ok);
			free(rec);
			continue;
		}
		ok++;
		free(rec);
	}
	return ok;
}

/* ---- key/value files ---- */

int bad_kv_find(FILE *fp, const char *key)
{
	char *line = NULL, *val = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, fp)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		val = strchr(line, '=');
		if (!val)
			continue;
		*val++ = '\0';
		if (strcmp(line, key) == 0)
			break;
		val = NULL;
	}
	free(line);
	if (!val)
		return -ENOENT;
	return store_value(key, val);
}

int good_kv_find(FILE *fp, const char *key)
{
	char *line = NULL, *val = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc;

	while ((n = getline(&line, &cap, fp)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		val = strchr(line, '=');
		if (!val)
			continue;
		*val++ = '\0';
		if (strcmp(line, key) == 0)
			break;
		val = NULL;
	}
	rc = val ? store_value(key, val) : -ENOENT;
	free(line);
	return rc;
}

/* ---- cached nvram variables ---- */

struct cache_entry {
	char key[32];
	char *val;
	unsigned gen;
};

int bad_cache_update(struct cache_entry *e, const char *val)
{
	char *dup, *old = e->val;

	dup = val ? strdup(val) : NULL;
	if (val && !dup)
		return -ENOMEM;
	e->val = dup;
	free(old);
	if (!old || !dup || strcmp(old, dup) != 0) {
		e->gen++;
		notify(e->key, dup);
	}
	return 0;
}

int good_cache_update(struct cache_entry *e, const char *val)
{
	char *dup, *old = e->val;
	int changed;

	dup = val ? strdup(val) : NULL;
	if (val && !dup)
		return -ENOMEM;
	e->val = dup;
	changed = !old || !dup || strcmp(old, dup) != 0;
	free(old);
	if (changed) {
		e->gen++;
		notify(e->key, dup);
	}
	return 0;
}

/* ---- connection input ---- */

struct conn {
	int fd;
	int errors;
	size_t fill;
	char *in;
};

int bad_conn_input(struct conn *c)
{
	ssize_t n;

	if (!c->in) {
		c->in = malloc(2048);
		if (!c->in)
			return -ENOMEM;
		c->fill = 0;
	}
	if (c->fill >= 2047)
		c->fill = 0;
	n = recv(c->fd, c->in + c->fill, 2047 - c->fill, 0);
	if (n <= 0) {
		c->errors++;
		free(c->in);
		if (c->errors > 3)
			return -EIO;
	} else {
		c->fill += n;
	}
	c->in[c->fill] = '\0';
	return strchr(c->in, '\n') != NULL;
}

int good_conn_input(struct conn *c)
{
	ssize_t n;

	if (!c->in) {
		c->in = malloc(2048);
		if (!c->in)
			return -ENOMEM;
		c->fill = 0;
	}
	if (c->fill >= 2047)
		c->fill = 0;
	n = recv(c->fd, c->in + c->fill, 2047 - c->fill, 0);
	if (n <= 0) {
		c->errors++;
		free(c->in);
		c->in = NULL;
		if (c->errors > 3)
			return -EIO;
	} else {
		c->fill += n;
	}
	if (!c->in)
		return 0;
	c->in[c->fill] = '\0';
	return strchr(c->in, '\n') != NULL;
}

/* ---- timers ---- */

struct timer {
	struct timer *next;
	int id;
	long due;
	void (*fn)(void *);
	void *arg;
};

int bad_timer_cancel(struct timer **list, int id)
{
	struct timer **pp, *t;

	for (pp = list; (t = *pp) != NULL; pp = &t->next) {
		if (t->id != id)
			continue;
		free(t->arg);
		free(t);
		*pp = t->next;
		return 1;
	}
	return 0;
}

int good_timer_cancel(struct timer **list, int id)
{
	struct timer **pp, *t;

	for (pp = list; (t = *pp) != NULL; pp = &t->next) {
		if (t->id != id)
			continue;
		*pp = t->next;
		free(t->arg);
		free(t);
		return 1;
	}
	return 0;
}
