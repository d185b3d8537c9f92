/* Sample functions: buffers whose size is computed from input. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <syslog.h>
#include <unistd.h>

#define RD16(p) ((uint16_t)(((p)[0] << 8) | (p)[1]))
#define RD32(p) (((uint32_t)(p)[0] << 24) | ((uint32_t)(p)[1] << 16) | \
		 ((uint32_t)(p)[2] << 8) | (uint32_t)(p)[3])

extern int frame_handle(const uint8_t *frame, uint32_t len);
extern int history_store(const uint8_t *rec, unsigned n, unsigned reclen);
extern int verify_image(const void *img, uint32_t len);
extern int rule_apply(int idx, const char *spec);

/* ---- raw pictures from the sensor board ---- */

struct picture {
	uint32_t w, h;
	uint8_t *rgb;
};

int bad_picture_load(FILE *fp, struct picture *pic)
{
	uint8_t hdr[12];
	uint32_t bytes, y;

	if (fread(hdr, 1, sizeof(hdr), fp) != sizeof(hdr) || memcmp(hdr, "RGB3", 4))
		return -1;
	pic->w = RD32(hdr + 4);
	pic->h = RD32(hdr + 8);
	bytes = pic->w * pic->h * 3;
	pic->rgb = malloc(bytes);
	if (!pic->rgb)
		return -1;
	for (y = 0; y < pic->h; y++) {
		if (fread(pic->rgb + (size_t)y * pic->w * 3, 3, pic->w, fp) != pic->w) {
			free(pic->rgb);
			pic->rgb = NULL;
			return -1;
		}
	}
	return 0;
}

#define MAX_DIM 8192u

int good_picture_load(FILE *fp, struct picture *pic)
{
	uint8_t hdr[12];
	uint32_t bytes, y;

	if (fread(hdr, 1, sizeof(hdr), fp) != sizeof(hdr) || memcmp(hdr, "RGB3", 4))
		return -1;
	pic->w = RD32(hdr + 4);
	pic->h = RD32(hdr + 8);
	if (pic->w - 1 >= MAX_DIM || pic->h - 1 >= MAX_DIM)
		return -1;
	bytes = pic->w * pic->h * 3;
	pic->rgb = malloc(bytes);
	if (!pic->rgb)
		return -1;
	for (y = 0; y < pic->h; y++) {
		if (fread(pic->rgb + (size_t)y * pic->w * 3, 3, pic->w, fp) != pic->w) {
			free(pic->rgb);
			pic->rgb = NULL;
			return -1;
		}
	}
	return 0;
}

/* ---- static routes saved by the web interface ---- */

struct route {
	uint32_t dst, mask, gw;
	uint16_t metric;
	char ifname[18];
};

struct route *bad_routes_load(int fd, uint32_t *out_count)
{
	struct route *tab;
	uint32_t count, size, i;

	if (read(fd, &count, sizeof(count)) != (ssize_t)sizeof(count))
		return NULL;
	count = ntohl(count);
	size = count * sizeof(struct route);
	tab = malloc(size);
	if (tab == NULL)
		return NULL;
	for (i = 0; i < count; i++) {
		if (read(fd, &tab[i], sizeof(tab[i])) != (ssize_t)sizeof(tab[i])) {
			free(tab);
			return NULL;
		}
		tab[i].ifname[sizeof(tab[i].ifname) - 1] = '\0';
	}
	*out_count = count;
	return tab;
}

struct route *good_routes_load(int fd, uint32_t *out_count)
{
	struct route *tab;
	uint32_t count, i;

	if (read(fd, &count, sizeof(count)) != (ssize_t)sizeof(count))
		return NULL;
	count = ntohl(count);
	tab = calloc(count, sizeof(*tab));
	if (tab == NULL)
		return NULL;
	for (i = 0; i < count; i++) {
		if (read(fd, &tab[i], sizeof(tab[i])) != (ssize_t)sizeof(tab[i])) {
			free(tab);
			return NULL;
		}
		tab[i].ifname[sizeof(tab[i].ifname) - 1] = '\0';
	}
	*out_count = count;
	return tab;
}

/* ---- length prefixed frames ---- */

int bad_frame_recv(int sock)
{
	uint8_t lenb[4], *frame;
	uint32_t len;
	int rc = -1;

	if (recv(sock, lenb, 4, MSG_WAITALL) != 4)
		return -1;
	len = RD32(lenb);
	frame = malloc(len + 1);
	if (!frame)
		return -1;
	if (recv(sock, frame, len, MSG_WAITALL) == (ssize_t)len) {
		frame[len] = 0;
		rc = frame_handle(frame, len);
	}
	free(frame);
	return rc;
}

int good_frame_recv(int sock)
{
	uint8_t lenb[4], *frame;
	uint32_t len;
	int rc = -1;

	if (recv(sock, lenb, 4, MSG_WAITALL) != 4)
		return -1;
	len = RD32(lenb);
	if (len > 0x10000)
		return -1;
	frame = malloc(len + 1);
	if (!frame)
		return -1;
	if (recv(sock, frame, len, MSG_WAITALL) == (ssize_t)len) {
		frame[len] = 0;
		rc = frame_handle(frame, len);
	}
	free(frame);
	return rc;
}

/* ---- vendor information element ---- */

struct vie {
	uint16_t len;
	uint8_t data[];
};

struct vie *bad_vie_build(const uint8_t *oui, const uint8_t *head, uint16_t headlen,
			  const uint8_t *body, uint16_t bodylen)
{
	uint16_t total = headlen + bodylen + 3;
	struct vie *v;

	v = malloc(sizeof(*v) + total);
	if (!v)
		return NULL;
	v->len = total;
	memcpy(v->data, oui, 3);
	memcpy(v->data + 3, head, headlen);
	memcpy(v->data + 3 + headlen, body, bodylen);
	return v;
}

struct vie *good_vie_build(const uint8_t *oui, const uint8_t *head, uint16_t headlen,
			   const uint8_t *body, uint16_t bodylen)
{
	size_t total = (size_t)headlen + bodylen + 3;
	struct vie *v;

	if (total > UINT16_MAX)
		return NULL;
	v = malloc(sizeof(*v) + total);
	if (!v)
		return NULL;
	v->len = (uint16_t)total;
	memcpy(v->data, oui, 3);
	memcpy(v->data + 3, head, headlen);
	memcpy(v->data + 3 + headlen, body, bodylen);
	return v;
}

/* ---- object pool ---- */

struct pool {
	void *mem;
	void *freelist;
	size_t objsize;
	size_t nobj;
};

int bad_pool_init(struct pool *pl, size_t nobj, size_t objsize)
{
	char *p;
	size_t i;

	if (objsize < sizeof(void *))
		objsize = sizeof(void *);
	pl->freelist = NULL;
	pl->mem = p = malloc(nobj * objsize);
	if (!p)
		return -ENOMEM;
	for (i = 0; i < nobj; i++, p += objsize) {
		memcpy(p, &pl->freelist, sizeof(void *));
		pl->freelist = p;
	}
	pl->objsize = objsize;
	pl->nobj = nobj;
	return 0;
}

int good_pool_init(struct pool *pl, size_t nobj, size_t objsize)
{
	char *p;
	size_t i, bytes;

	if (objsize < sizeof(void *))
		objsize = sizeof(void *);
	pl->freelist = NULL;
	if (__builtin_mul_overflow(nobj, objsize, &bytes))
		return -EOVERFLOW;
	pl->mem = p = malloc(bytes);
	if (!p)
		return -ENOMEM;
	for (i = 0; i < nobj; i++, p += objsize) {
		memcpy(p, &pl->freelist, sizeof(void *));
		pl->freelist = p;
	}
	pl->objsize = objsize;
	pl->nobj = nobj;
	return 0;
}

/* ---- growing receive buffer ---- */

struct dynbuf {
	uint8_t *data;
	uint32_t used;
	uint32_t cap;
};

int bad_dynbuf_put(struct dynbuf *b, const void *src, uint32_t len)
{
	uint32_t need;
	uint8_t *nd;

	need = b->used + len;
	if (need > b->cap || !b->data) {
		nd = realloc(b->data, need + 256);
		if (!nd)
			return -1;
		b->data = nd;
		b->cap = need + 256;
	}
	memcpy(b->data + b->used, src, len);
	b->used += len;
	return 0;
}

int good_dynbuf_put(struct dynbuf *b, const void *src, uint32_t len)
{
	uint32_t need;
	uint8_t *nd;

	need = b->used + len;
	if (need < len || need > UINT32_MAX - 256)
		return -1;
	if (need > b->cap || !b->data) {
		nd = realloc(b->data, need + 256);
		if (!nd)
			return -1;
		b->data = nd;
		b->cap = need + 256;
	}
	memcpy(b->data + b->used, src, len);
	b->used += len;
	return 0;
}

/* ---- firmware staging area, erase-block aligned ---- */

#define EB_SIZE 0x10000u
#define FLASH_MAX 0x2000000u

void *bad_stage_firmware(int fd)
{
	uint8_t hdr[16];
	uint32_t len, aligned, got;
	uint8_t *img;
	ssize_t n;

	if (read(fd, hdr, sizeof(hdr)) != (ssize_t)sizeof(hdr))
		return NULL;
	len = RD32(hdr + 4);
	aligned = (len + EB_SIZE - 1) & ~(EB_SIZE - 1);
	img = malloc(aligned);
	if (img == NULL)
		return NULL;
	for (got = 0; got < len; got += n) {
		n = read(fd, img + got, len - got);
		if (n <= 0)
			goto fail;
	}
	memset(img + len, 0xff, aligned - len);
	if (verify_image(img, len) == 0)
		return img;
fail:
	free(img);
	return NULL;
}

void *good_stage_firmware(int fd)
{
	uint8_t hdr[16];
	uint64_t aligned;
	uint32_t len, got;
	uint8_t *img;
	ssize_t n;

	if (read(fd, hdr, sizeof(hdr)) != (ssize_t)sizeof(hdr))
		return NULL;
	len = RD32(hdr + 4);
	aligned = ((uint64_t)len + EB_SIZE - 1) & ~(uint64_t)(EB_SIZE - 1);
	if (aligned == 0 || aligned > FLASH_MAX)
		return NULL;
	img = malloc((size_t)aligned);
	if (img == NULL)
		return NULL;
	for (got = 0; got < len; got += n) {
		n = read(fd, img + got, len - got);
		if (n <= 0)
			goto fail;
	}
	memset(img + len, 0xff, (size_t)aligned - len);
	if (verify_image(img, len) == 0)
		return img;
fail:
	free(img);
	return NULL;
}

/* ---- firewall rules form ---- */

struct rule_slot {
	int used;
	int order;
	char spec[48];
};

int bad_rules_from_form(FILE *in)
{
	const char *s = getenv("RULE_COUNT");
	struct rule_slot *slot;
	int n, i, rc = 0;

	if (!s)
		return -1;
	n = atoi(s);
	if (n <= 0)
		return -1;
	slot = malloc(n * (int)sizeof(*slot));
	if (!slot)
		return -1;
	for (i = 0; i < n; i++) {
		slot[i].order = i;
		slot[i].used = fgets(slot[i].spec, sizeof(slot[i].spec), in) != NULL;
		if (!slot[i].used)
			break;
	}
	while (i-- > 0)
		rc |= rule_apply(slot[i].order, slot[i].spec);
	free(slot);
	return rc;
}

int good_rules_from_form(FILE *in)
{
	const char *s = getenv("RULE_COUNT");
	struct rule_slot *slot;
	int n, i, rc = 0;

	if (!s)
		return -1;
	n = atoi(s);
	if (n <= 0 || n > 256)
		return -1;
	slot = malloc(n * (int)sizeof(*slot));
	if (!slot)
		return -1;
	for (i = 0; i < n; i++) {
		slot[i].order = i;
		slot[i].used = fgets(slot[i].spec, sizeof(slot[i].spec), in) != NULL;
		if (!slot[i].used)
			break;
	}
	while (i-- > 0)
		rc |= rule_apply(slot[i].order, slot[i].spec);
	free(slot);
	return rc;
}

/* ---- hex strings for the JSON interface ---- */

char *bad_hexdup(const uint8_t *data, unsigned int len)
{
	static const char digits[] = "0123456789abcdef";
	char *s, *p;

	s = p = malloc(len * 2 + 1);
	if (s == NULL)
		return NULL;
	while (len--) {
		*p++ = digits[*data >> 4];
		*p++ = digits[*data++ & 15];
	}
	*p = '\0';
	return s;
}

char *good_hexdup(const uint8_t *data, unsigned int len)
{
	static const char digits[] = "0123456789abcdef";
	char *s, *p;

	if (len >= UINT_MAX / 2) {
		errno = EOVERFLOW;
		return NULL;
	}
	s = p = malloc(len * 2 + 1);
	if (s == NULL)
		return NULL;
	while (len--) {
		*p++ = digits[*data >> 4];
		*p++ = digits[*data++ & 15];
	}
	*p = '\0';
	return s;
}

/* ---- meter history upload ---- */

int bad_history_recv(int sock)
{
	uint8_t hdr[8];
	uint16_t nrec, reclen, total;
	uint8_t *buf;
	unsigned i;
	int rc = -1;

	if (recv(sock, hdr, sizeof(hdr), MSG_WAITALL) != (ssize_t)sizeof(hdr))
		return -1;
	nrec = RD16(hdr + 2);
	reclen = RD16(hdr + 4);
	total = nrec * reclen;
	buf = malloc(total);
	if (!buf)
		return -1;
	for (i = 0; i < nrec; i++) {
		if (recv(sock, buf + i * reclen, reclen, MSG_WAITALL) != reclen)
			goto out;
	}
	rc = history_store(buf, nrec, reclen);
out:
	free(buf);
	return rc;
}

int good_history_recv(int sock)
{
	uint8_t hdr[8];
	uint16_t nrec, reclen;
	uint32_t total;
	uint8_t *buf;
	unsigned i;
	int rc = -1;

	if (recv(sock, hdr, sizeof(hdr), MSG_WAITALL) != (ssize_t)sizeof(hdr))
		return -1;
	nrec = RD16(hdr + 2);
	reclen = RD16(hdr + 4);
	total = (uint32_t)nrec * reclen;
	buf = malloc(total);
	if (!buf)
		return -1;
	for (i = 0; i < nrec; i++) {
		if (recv(sock, buf + i * reclen, reclen, MSG_WAITALL) != reclen)
			goto out;
	}
	rc = history_store(buf, nrec, reclen);
out:
	free(buf);
	return rc;
}

/* ---- peer table synchronisation ---- */

struct peer {
	uint32_t ip;
	uint16_t port;
	uint16_t flags;
};

struct peer_table {
	struct peer *v;
	uint32_t n;
};

int bad_peers_merge(struct peer_table *t, FILE *conn)
{
	struct peer *nv;
	uint32_t extra, i;

	if (fread(&extra, sizeof(extra), 1, conn) != 1)
		return -1;
	extra = ntohl(extra);
	if (extra == 0)
		return 0;
	nv = realloc(t->v, (t->n + extra) * sizeof(*nv));
	if (!nv)
		return -1;
	t->v = nv;
	for (i = 0; i < extra; i++) {
		if (fread(nv + t->n, sizeof(*nv), 1, conn) != 1)
			return -1;
		t->n++;
	}
	return (int)i;
}

int good_peers_merge(struct peer_table *t, FILE *conn)
{
	struct peer *nv;
	uint32_t extra, i, sum;

	if (fread(&extra, sizeof(extra), 1, conn) != 1)
		return -1;
	extra = ntohl(extra);
	if (extra == 0)
		return 0;
	if (__builtin_add_overflow(t->n, extra, &sum))
		return -1;
	nv = reallocarray(t->v, sum, sizeof(*nv));
	if (!nv)
		return -1;
	t->v = nv;
	for (i = 0; i < extra; i++) {
		if (fread(nv + t->n, sizeof(*nv), 1, conn) != 1)
			return -1;
		t->n++;
	}
	return (int)i;
}

/* ---- text screen of the front panel ---- */

char **bad_screen_alloc(unsigned rows, unsigned cols, char fill)
{
	char **line, *cell;
	unsigned r;

	if (rows == 0 || cols == 0)
		return NULL;
	line = malloc(rows * sizeof(*line));
	if (!line)
		return NULL;
	cell = malloc(rows * cols);
	if (!cell) {
		free(line);
		return NULL;
	}
	for (r = 0; r < rows; r++) {
		line[r] = cell;
		memset(cell, fill, cols);
		cell += cols;
	}
	return line;
}

static inline int area_ok(unsigned a, unsigned b, size_t limit)
{
	return b == 0 || a <= limit / b;
}

char **good_screen_alloc(unsigned rows, unsigned cols, char fill)
{
	char **line, *cell;
	unsigned r;

	if (rows == 0 || cols == 0)
		return NULL;
	if (!area_ok(rows, cols, 1u << 20))
		return NULL;
	line = malloc(rows * sizeof(*line));
	if (!line)
		return NULL;
	cell = malloc(rows * cols);
	if (!cell) {
		free(line);
		return NULL;
	}
	for (r = 0; r < rows; r++) {
		line[r] = cell;
		memset(cell, fill, cols);
		cell += cols;
	}
	return line;
}
