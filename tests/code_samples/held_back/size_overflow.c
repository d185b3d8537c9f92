#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <limits.h>
#include <unistd.h>
#include <errno.h>
#include <sys/socket.h>
#include <arpa/inet.h>

extern int decode_rgb(const uint8_t *src, uint8_t *dst, uint32_t w, uint32_t h);
extern int read_full(int fd, void *buf, uint32_t n);
extern void sched_install(void *entries, uint32_t n);

struct sched_entry {
	uint32_t start;
	uint32_t stop;
	uint16_t action;
	uint16_t channel;
};

/* ---- 1: thumbnail ---- */
uint8_t *bad_thumb_decode(const uint8_t *bmp, int len) {
	uint32_t w, h;
	uint8_t *pix;

	if (len < 54)
		return NULL;
	memcpy(&w, bmp + 18, 4);
	memcpy(&h, bmp + 22, 4);
	pix = malloc(w * h * 3);
	if (pix == NULL)
		return NULL;
	if (decode_rgb(bmp + 54, pix, w, h) < 0) {
		free(pix);
		return NULL;
	}
	return pix;
}

uint8_t *good_thumb_decode(const uint8_t *bmp, int len) {
	uint32_t w, h;
	uint8_t *pix;

	if (len < 54)
		return NULL;
	memcpy(&w, bmp + 18, 4);
	memcpy(&h, bmp + 22, 4);
	if (w == 0 || h == 0 || w > 4096 || h > 4096)
		return NULL;
	pix = malloc(w * h * 3);
	if (pix == NULL)
		return NULL;
	if (decode_rgb(bmp + 54, pix, w, h) < 0) {
		free(pix);
		return NULL;
	}
	return pix;
}

/* ---- 2: schedule upload ---- */
int bad_sched_receive(int s) {
	struct sched_entry *tab;
	uint32_t count, i;

	if (recv(s, &count, sizeof count, MSG_WAITALL) != sizeof count)
		return -1;
	count = ntohl(count);
	tab = malloc(count * (uint32_t)sizeof(*tab));
	if (!tab)
		return -1;
	for (i = 0; i < count; i++) {
		if (recv(s, &tab[i], sizeof(*tab), MSG_WAITALL) != sizeof(*tab)) {
			free(tab);
			return -1;
		}
	}
	sched_install(tab, count);
	return 0;
}

int good_sched_receive(int s) {
	struct sched_entry *tab;
	uint32_t count, i;

	if (recv(s, &count, sizeof count, MSG_WAITALL) != sizeof count)
		return -1;
	count = ntohl(count);
	tab = calloc(count, sizeof(*tab));
	if (!tab)
		return -1;
	for (i = 0; i < count; i++) {
		if (recv(s, &tab[i], sizeof(*tab), MSG_WAITALL) != sizeof(*tab)) {
			free(tab);
			return -1;
		}
	}
	sched_install(tab, count);
	return 0;
}

/* ---- 3: length + 1 for terminator ---- */
char *bad_msg_string(int fd) {
	uint32_t len;
	char *s;

	if (read(fd, &len, 4) != 4)
		return NULL;
	s = malloc(len + 1);
	if (!s)
		return NULL;
	if (read_full(fd, s, len) < 0) {
		free(s);
		return NULL;
	}
	s[len] = '\0';
	return s;
}

char *good_msg_string(int fd) {
	uint32_t len;
	char *s;

	if (read(fd, &len, 4) != 4)
		return NULL;
	if (len == UINT32_MAX)
		return NULL;
	s = malloc(len + 1);
	if (!s)
		return NULL;
	if (read_full(fd, s, len) < 0) {
		free(s);
		return NULL;
	}
	s[len] = '\0';
	return s;
}

/* ---- 4: firmware header: header + payload + signature ---- */
struct fw_desc {
	uint32_t magic;
	uint32_t payload;
	uint32_t siglen;
};

void *bad_fw_load(FILE *f, uint32_t *total) {
	struct fw_desc d;
	uint8_t *img;
	uint32_t need;

	if (fread(&d, sizeof d, 1, f) != 1 || d.magic != 0x27051956)
		return NULL;
	need = sizeof d + d.payload + d.siglen;
	img = malloc(need);
	if (!img)
		return NULL;
	memcpy(img, &d, sizeof d);
	if (fread(img + sizeof d, 1, d.payload, f) != d.payload ||
	    fread(img + sizeof d + d.payload, 1, d.siglen, f) != d.siglen) {
		free(img);
		return NULL;
	}
	*total = need;
	return img;
}

void *good_fw_load(FILE *f, uint32_t *total) {
	struct fw_desc d;
	uint8_t *img;
	uint64_t need;

	if (fread(&d, sizeof d, 1, f) != 1 || d.magic != 0x27051956)
		return NULL;
	need = (uint64_t)sizeof d + d.payload + d.siglen;
	if (need > 16u * 1024 * 1024)
		return NULL;
	img = malloc((size_t)need);
	if (!img)
		return NULL;
	memcpy(img, &d, sizeof d);
	if (fread(img + sizeof d, 1, d.payload, f) != d.payload ||
	    fread(img + sizeof d + d.payload, 1, d.siglen, f) != d.siglen) {
		free(img);
		return NULL;
	}
	*total = (uint32_t)need;
	return img;
}

/* ---- 5: grow a list ---- */
struct strlist {
	char **v;
	unsigned n;
	unsigned cap;
};

int bad_list_reserve(struct strlist *l, unsigned extra) {
	char **nv;
	unsigned want = l->n + extra;

	if (extra == 0)
		return 0;
	nv = realloc(l->v, want * (unsigned)sizeof(char *));
	if (nv == NULL)
		return -ENOMEM;
	l->v = nv;
	memset(&nv[l->n], 0, (size_t)extra * sizeof(char *));
	l->cap = want;
	return 0;
}

int good_list_reserve(struct strlist *l, unsigned extra) {
	char **nv;
	unsigned want, bytes;

	if (extra == 0)
		return 0;
	if (__builtin_add_overflow(l->n, extra, &want) ||
	    __builtin_mul_overflow(want, (unsigned)sizeof(char *), &bytes))
		return -EOVERFLOW;
	nv = realloc(l->v, bytes);
	if (nv == NULL)
		return -ENOMEM;
	l->v = nv;
	memset(&nv[l->n], 0, (size_t)extra * sizeof(char *));
	l->cap = want;
	return 0;
}

/* ---- 6: CGI rows parameter, atoi ---- */
int *bad_cgi_history(const char *rows_arg, const char *cols_arg) {
	int rows = atoi(rows_arg);
	int cols = atoi(cols_arg);
	int *grid, i, j;

	if (rows <= 0 || cols <= 0)
		return NULL;
	grid = malloc((unsigned)(rows * cols) * 4u);
	if (!grid)
		return NULL;
	for (i = 0; i < rows; i++)
		for (j = 0; j < cols; j++)
			grid[(size_t)i * cols + j] = -1;
	return grid;
}

int *good_cgi_history(const char *rows_arg, const char *cols_arg) {
	int rows = atoi(rows_arg);
	int cols = atoi(cols_arg);
	int *grid, i, j;

	if (rows <= 0 || cols <= 0)
		return NULL;
	if (rows > INT_MAX / 4 / cols)
		return NULL;
	grid = malloc((unsigned)(rows * cols) * 4u);
	if (!grid)
		return NULL;
	for (i = 0; i < rows; i++)
		for (j = 0; j < cols; j++)
			grid[(size_t)i * cols + j] = -1;
	return grid;
}

/* ---- 7: audio buffer: samples * channels * width ---- */
struct wav_fmt {
	uint16_t channels;
	uint16_t bits;
	uint32_t samples;
};

void *bad_audio_alloc(const struct wav_fmt *w, FILE *src) {
	uint32_t frame = w->channels * ((w->bits + 7u) / 8u);
	uint32_t bytes = w->samples * frame;
	uint8_t *p = malloc(bytes);

	if (p && fread(p, frame, w->samples, src) != w->samples) {
		free(p);
		p = NULL;
	}
	return p;
}

void *good_audio_alloc(const struct wav_fmt *w, FILE *src) {
	uint32_t frame = w->channels * ((w->bits + 7u) / 8u);
	uint8_t *p;

	if (frame == 0 || w->samples > 0x1000000u / frame)
		return NULL;
	p = malloc(w->samples * frame);
	if (p && fread(p, frame, w->samples, src) != w->samples) {
		free(p);
		p = NULL;
	}
	return p;
}

/* ---- 8: percent/HTML escape: worst case expansion ---- */
char *bad_html_escape(const char *in, uint32_t len) {
	char *out = malloc(len * 6 + 1), *o = out;
	uint32_t i;

	if (!out)
		return NULL;
	for (i = 0; i < len; i++) {
		if (in[i] == '"') {
			memcpy(o, "&quot;", 6);
			o += 6;
		} else {
			*o++ = in[i];
		}
	}
	*o = 0;
	return out;
}

char *good_html_escape(const char *in, uint32_t len) {
	char *out, *o;
	uint32_t i;

	if (len >= (UINT32_MAX - 1) / 6)
		return NULL;
	o = out = malloc(len * 6 + 1);
	if (!out)
		return NULL;
	for (i = 0; i < len; i++) {
		if (in[i] == '"') {
			memcpy(o, "&quot;", 6);
			o += 6;
		} else {
			*o++ = in[i];
		}
	}
	*o = 0;
	return out;
}

/* ---- 9: DNS-like rr count from a file in a 16 bit product ---- */
uint32_t *bad_lease_table(FILE *db) {
	uint8_t hdr[8];
	uint32_t *t;
	uint16_t bytes, nets, hosts;
	unsigned i;

	if (fread(hdr, 1, 8, db) != 8)
		return NULL;
	nets = hdr[0] << 8 | hdr[1];
	hosts = hdr[2] << 8 | hdr[3];
	bytes = nets * hosts * sizeof(uint32_t);
	t = malloc(bytes);
	if (!t)
		return NULL;
	for (i = 0; i < (unsigned)nets * hosts; i++)
		if (fread(&t[i], 4, 1, db) != 1)
			break;
	return t;
}

uint32_t *good_lease_table(FILE *db) {
	uint8_t hdr[8];
	uint32_t *t;
	uint16_t nets, hosts;
	unsigned i;

	if (fread(hdr, 1, 8, db) != 8)
		return NULL;
	nets = hdr[0] << 8 | hdr[1];
	hosts = hdr[2] << 8 | hdr[3];
	if (nets > 256 || hosts > 1024)
		return NULL;
	t = malloc(nets * hosts * sizeof(uint32_t));
	if (!t)
		return NULL;
	for (i = 0; i < (unsigned)nets * hosts; i++)
		if (fread(&t[i], 4, 1, db) != 1)
			break;
	return t;
}

/* ---- 10: variable structure: header + n * element ---- */
struct point { int16_t x, y; uint32_t z; };
struct zone {
	uint32_t id;
	uint32_t n;
	struct point pt[];
};

struct zone *bad_zone_parse(const char *csv) {
	char *end;
	uint32_t id = strtoul(csv, &end, 10);
	uint32_t n, i;
	struct zone *z;

	if (*end++ != ',')
		return NULL;
	n = strtoul(end, &end, 10);
	z = malloc((uint32_t)(sizeof(*z) + n * sizeof(struct point)));
	if (z == NULL)
		return NULL;
	z->id = id;
	z->n = n;
	for (i = 0; i < n && *end == ','; i++) {
		z->pt[i].x = strtol(end + 1, &end, 10);
		z->pt[i].y = 0;
		z->pt[i].z = i;
	}
	return z;
}

struct zone *good_zone_parse(const char *csv) {
	char *end;
	uint32_t id = strtoul(csv, &end, 10);
	uint32_t n, i;
	struct zone *z;

	if (*end++ != ',')
		return NULL;
	n = strtoul(end, &end, 10);
	switch (n) {
	case 1 ... 64:
		break;
	default:
		errno = EINVAL;
		return NULL;
	}
	z = malloc((uint32_t)(sizeof(*z) + n * sizeof(struct point)));
	if (z == NULL)
		return NULL;
	z->id = id;
	z->n = n;
	for (i = 0; i < n && *end == ','; i++) {
		z->pt[i].x = strtol(end + 1, &end, 10);
		z->pt[i].y = 0;
		z->pt[i].z = i;
	}
	return z;
}
