/* Sample functions: message and file parsing into fixed buffers. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <syslog.h>
#include <unistd.h>

#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#endif
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))

#define GET_BE16(p) ((uint16_t)(((p)[0] << 8) | (p)[1]))
#define GET_LE32(p) ((uint32_t)(p)[0] | ((uint32_t)(p)[1] << 8) | \
		     ((uint32_t)(p)[2] << 16) | ((uint32_t)(p)[3] << 24))

extern int ctrl_dispatch(int cmd, const char *body, int len);
extern int mb_store(unsigned addr, const uint16_t *regs, unsigned qty);
extern int form_submit(const char *body);
extern int broker_deliver(const char *topic, const uint8_t *payload, size_t len);
extern int section_add(const char *name, uint32_t off, uint32_t size);
extern int render_palette(const uint8_t *pal, int ncolors);
extern int feed_response(const char *body, size_t len);
extern void param_set(const char *key, const char *val);
struct neigh;
extern int neigh_update(const struct neigh *ne);

/* ---- proprietary control port ---- */

#define CTRL_MAGIC 0x43544c31u

struct ctrl_hdr {
	uint32_t magic;
	uint16_t cmd;
	uint16_t len;
};

int bad_ctrl_recv(int s)
{
	struct ctrl_hdr h;
	char body[512];
	ssize_t n;

	n = recv(s, &h, sizeof(h), MSG_WAITALL);
	if (n != (ssize_t)sizeof(h) || ntohl(h.magic) != CTRL_MAGIC)
		return -1;
	if (h.len == 0)
		return ctrl_dispatch(ntohs(h.cmd), NULL, 0);

	n = recv(s, body, ntohs(h.len), MSG_WAITALL);
	if (n <= 0)
		return -1;
	return ctrl_dispatch(ntohs(h.cmd), body, (int)n);
}

int good_ctrl_recv(int s)
{
	struct ctrl_hdr h;
	char body[512];
	ssize_t n;

	n = recv(s, &h, sizeof(h), MSG_WAITALL);
	if (n != (ssize_t)sizeof(h) || ntohl(h.magic) != CTRL_MAGIC)
		return -1;
	if (h.len == 0)
		return ctrl_dispatch(ntohs(h.cmd), NULL, 0);
	if (ntohs(h.len) > sizeof(body)) {
		syslog(LOG_ERR, "ctrl: oversized frame (%u)", ntohs(h.len));
		shutdown(s, SHUT_RDWR);
		return -1;
	}

	n = recv(s, body, ntohs(h.len), MSG_WAITALL);
	if (n <= 0)
		return -1;
	return ctrl_dispatch(ntohs(h.cmd), body, (int)n);
}

/* ---- DHCP client options ---- */

struct dhcp_info {
	uint32_t router;
	uint32_t dns[2];
	uint32_t lease;
	char hostname[64];
	char domain[64];
};

int bad_dhcp_options(const uint8_t *opt, const uint8_t *end, struct dhcp_info *info)
{
	uint8_t code, len;

	while (end - opt >= 2 && *opt != 255) {
		if (*opt == 0) {
			opt++;
			continue;
		}
		code = opt[0];
		len = opt[1];
		opt += 2;
		if (len > end - opt)
			return -1;
		switch (code) {
		case 3:
			if (len >= 4)
				memcpy(&info->router, opt, 4);
			break;
		case 12:
			strncpy(info->hostname, (const char *)opt, len);
			info->hostname[len] = '\0';
			break;
		case 15:
			strncpy(info->domain, (const char *)opt, len);
			info->domain[len] = '\0';
			break;
		default:
			break;
		}
		opt += len;
	}
	return 0;
}

int good_dhcp_options(const uint8_t *opt, const uint8_t *end, struct dhcp_info *info)
{
	uint8_t code, len;
	size_t n;

	while (end - opt >= 2 && *opt != 255) {
		if (*opt == 0) {
			opt++;
			continue;
		}
		code = opt[0];
		len = opt[1];
		opt += 2;
		if (len > end - opt)
			return -1;
		switch (code) {
		case 3:
			if (len >= 4)
				memcpy(&info->router, opt, 4);
			break;
		case 12:
			n = MIN((size_t)len, sizeof(info->hostname) - 1);
			strncpy(info->hostname, (const char *)opt, n);
			info->hostname[n] = '\0';
			break;
		case 15:
			n = MIN((size_t)len, sizeof(info->domain) - 1);
			strncpy(info->domain, (const char *)opt, n);
			info->domain[n] = '\0';
			break;
		default:
			break;
		}
		opt += len;
	}
	return 0;
}

/* ---- Modbus, function 16 ---- */

int bad_mb_write_multiple(const uint8_t *pdu, size_t pdulen)
{
	uint16_t regs[64];
	unsigned addr, qty, i;

	if (pdulen < 6)
		return 3;
	addr = GET_BE16(pdu + 1);
	qty = GET_BE16(pdu + 3);
	if (pdulen < 6 + qty * 2)
		return 3;

	memcpy(regs, pdu + 6, qty * 2);
	for (i = 0; i < qty; i++)
		regs[i] = ntohs(regs[i]);
	return mb_store(addr, regs, qty);
}

int good_mb_write_multiple(const uint8_t *pdu, size_t pdulen)
{
	uint16_t regs[64];
	unsigned addr, qty, i;

	if (pdulen < 6)
		return 3;
	addr = GET_BE16(pdu + 1);
	qty = GET_BE16(pdu + 3);
	if (qty == 0 || qty > ARRAY_SIZE(regs) || pdu[5] != qty * 2)
		return 3;
	if (pdulen < 6 + qty * 2)
		return 3;

	memcpy(regs, pdu + 6, qty * 2);
	for (i = 0; i < qty; i++)
		regs[i] = ntohs(regs[i]);
	return mb_store(addr, regs, qty);
}

/* ---- SNMP community, BER ---- */

struct snmp_req {
	int version;
	char community[32];
	int pdu_type;
};

int bad_snmp_community(const uint8_t *p, const uint8_t *end, struct snmp_req *rq)
{
	int len, n;

	if (end - p < 2 || *p++ != 0x04)
		return -1;
	len = *p++;
	if (len & 0x80) {
		n = len & 0x7f;
		if (n > 4 || end - p < n)
			return -1;
		for (len = 0; n > 0; n--)
			len = (len << 8) | *p++;
	}
	if (len > (int)sizeof(rq->community) - 1 || len > end - p)
		return -1;
	memmove(rq->community, p, len);
	rq->community[len] = '\0';
	return 0;
}

int good_snmp_community(const uint8_t *p, const uint8_t *end, struct snmp_req *rq)
{
	uint32_t len;
	int n;

	if (end - p < 2 || *p++ != 0x04)
		return -1;
	len = *p++;
	if (len & 0x80) {
		n = len & 0x7f;
		if (n > 4 || end - p < n)
			return -1;
		for (len = 0; n > 0; n--)
			len = (len << 8) | *p++;
	}
	if (len > sizeof(rq->community) - 1 || len > (size_t)(end - p))
		return -1;
	memmove(rq->community, p, len);
	rq->community[len] = '\0';
	return 0;
}

/* ---- CGI POST body ---- */

char g_post[4096];

int bad_cgi_post(void)
{
	const char *cl = getenv("CONTENT_LENGTH");
	int len, got;

	if (!cl)
		return 411;
	len = atoi(cl);
	if (len <= 0)
		return 400;
	got = fread(g_post, 1, len, stdin);
	if (got < len)
		return 400;
	return form_submit(g_post) == 0 ? 200 : 500;
}

int good_cgi_post(void)
{
	const char *cl = getenv("CONTENT_LENGTH");
	unsigned long len;
	size_t got;

	if (!cl)
		return 411;
	len = strtoul(cl, NULL, 10);
	if (len == 0)
		return 400;
	if (len > sizeof(g_post) - 1)
		len = sizeof(g_post) - 1;
	got = fread(g_post, 1, len, stdin);
	if (got < len)
		return 400;
	g_post[got] = '\0';
	return form_submit(g_post) == 0 ? 200 : 500;
}

/* ---- BMP boot logo ---- */

int bad_bmp_palette(int fd)
{
	uint8_t hdr[54];
	uint8_t pal[256 * 4];
	uint32_t ncol, bpp;

	if (read(fd, hdr, sizeof(hdr)) != (ssize_t)sizeof(hdr))
		return -1;
	if (hdr[0] != 'B' || hdr[1] != 'M')
		return -1;
	bpp = hdr[28] | (hdr[29] << 8);
	if (bpp != 8)
		return -2;
	ncol = GET_LE32(hdr + 46);
	if (ncol == 0)
		ncol = 1u << bpp;

	memset(pal, 0, sizeof(pal));
	if (read(fd, pal, ncol * 4) != (ssize_t)(ncol * 4))
		return -1;
	return render_palette(pal, (int)ncol);
}

int good_bmp_palette(int fd)
{
	uint8_t hdr[54];
	uint8_t pal[256 * 4];
	uint32_t ncol, bpp;

	if (read(fd, hdr, sizeof(hdr)) != (ssize_t)sizeof(hdr))
		return -1;
	if (hdr[0] != 'B' || hdr[1] != 'M')
		return -1;
	bpp = hdr[28] | (hdr[29] << 8);
	if (bpp != 8)
		return -2;
	ncol = GET_LE32(hdr + 46);
	ncol = (ncol == 0 || ncol > 256) ? 256 : ncol;

	memset(pal, 0, sizeof(pal));
	if (read(fd, pal, ncol * 4) != (ssize_t)(ncol * 4))
		return -1;
	return render_palette(pal, (int)ncol);
}

/* ---- firmware container ---- */

int bad_fw_sections(FILE *fp)
{
	uint8_t raw[12];
	char name[48];
	uint32_t off, size, namelen;
	int count = 0;

	while (fread(raw, sizeof(raw), 1, fp) == 1) {
		off = GET_LE32(raw);
		size = GET_LE32(raw + 4);
		namelen = GET_LE32(raw + 8);
		if (size == 0)
			break;
		memset(name, 0, sizeof(name));
		if (fread(name, namelen, 1, fp) != 1)
			return -1;
		if (section_add(name, off, size) < 0)
			return -1;
		count++;
	}
	return count;
}

int good_fw_sections(FILE *fp)
{
	uint8_t raw[12];
	char name[48];
	uint32_t off, size, namelen;
	int count = 0;

	while (fread(raw, sizeof(raw), 1, fp) == 1) {
		off = GET_LE32(raw);
		size = GET_LE32(raw + 4);
		namelen = GET_LE32(raw + 8);
		if (size == 0)
			break;
		if (namelen < 1 || namelen >= sizeof(name)) {
			fprintf(stderr, "section %d: bad name length\n", count);
			goto corrupt;
		}
		memset(name, 0, sizeof(name));
		if (fread(name, namelen, 1, fp) != 1)
			goto corrupt;
		if (section_add(name, off, size) < 0)
			goto corrupt;
		count++;
	}
	return count;

corrupt:
	return -1;
}

/* ---- MQTT PUBLISH ---- */

int bad_mqtt_publish(const uint8_t *pkt, size_t n, unsigned qos)
{
	char topic[128];
	size_t tlen, hdr;

	if (n < 2)
		return -EPROTO;
	tlen = GET_BE16(pkt);
	hdr = 2 + tlen + (qos ? 2 : 0);
	if (hdr > n)
		return -EPROTO;

	memcpy(topic, pkt + 2, tlen);
	topic[tlen] = '\0';
	return broker_deliver(topic, pkt + hdr, n - hdr);
}

int good_mqtt_publish(const uint8_t *pkt, size_t n, unsigned qos)
{
	char topic[128];
	size_t tlen, hdr;

	if (n < 2)
		return -EPROTO;
	tlen = GET_BE16(pkt);
	hdr = 2 + tlen + (qos ? 2 : 0);
	if (hdr > n || tlen >= sizeof(topic))
		return -EPROTO;

	memcpy(topic, pkt + 2, tlen);
	topic[tlen] = '\0';
	return broker_deliver(topic, pkt + hdr, n - hdr);
}

/* ---- runtime configuration blobs ---- */

struct rt_config {
	uint32_t dirty;
	uint8_t radio[64];
	uint8_t cal[256];
	uint8_t serial[16];
};

int bad_rt_config_set(struct rt_config *rc, int id, const void *data, size_t len)
{
	uint8_t *dst;

	switch (id) {
	case 1:
		dst = rc->radio;
		break;
	case 2:
		dst = rc->cal;
		break;
	case 7:
		dst = rc->serial;
		break;
	default:
		return -ENOENT;
	}
	if (data == NULL || len == 0)
		return -EINVAL;
	memmove(dst, data, len);
	rc->dirty |= 1u << id;
	return 0;
}

int good_rt_config_set(struct rt_config *rc, int id, const void *data, size_t len)
{
	uint8_t *dst;
	size_t room;

	switch (id) {
	case 1:
		dst = rc->radio;
		room = sizeof(rc->radio);
		break;
	case 2:
		dst = rc->cal;
		room = sizeof(rc->cal);
		break;
	case 7:
		dst = rc->serial;
		room = sizeof(rc->serial);
		break;
	default:
		return -ENOENT;
	}
	if (data == NULL || len == 0 || len > room)
		return -EINVAL;
	memmove(dst, data, len);
	rc->dirty |= 1u << id;
	return 0;
}

/* ---- query string ---- */

int bad_parse_query(const char *q)
{
	char key[32], val[64];
	const char *eq, *amp;
	int pairs = 0;

	while (q && *q) {
		amp = strchr(q, '&');
		if (!amp)
			amp = q + strlen(q);
		eq = memchr(q, '=', amp - q);
		if (eq) {
			strncpy(key, q, eq - q);
			key[eq - q] = '\0';
			strncpy(val, eq + 1, amp - eq - 1);
			val[amp - eq - 1] = '\0';
			param_set(key, val);
			pairs++;
		}
		q = *amp ? amp + 1 : NULL;
	}
	return pairs;
}

static inline void slice_copy(char *dst, size_t room, const char *from, const char *to)
{
	size_t n = (size_t)(to - from);

	if (n > room - 1)
		n = room - 1;
	strncpy(dst, from, n);
	dst[n] = '\0';
}

int good_parse_query(const char *q)
{
	char key[32], val[64];
	const char *eq, *amp;
	int pairs = 0;

	while (q && *q) {
		amp = strchr(q, '&');
		if (!amp)
			amp = q + strlen(q);
		eq = memchr(q, '=', amp - q);
		if (eq) {
			slice_copy(key, sizeof(key), q, eq);
			slice_copy(val, sizeof(val), eq + 1, amp);
			param_set(key, val);
			pairs++;
		}
		q = *amp ? amp + 1 : NULL;
	}
	return pairs;
}

/* ---- HTTP client, chunked bodies ---- */

#define RESP_MAX 16384

int bad_read_chunked(FILE *conn)
{
	char line[64];
	unsigned long chunk;
	size_t off = 0;
	char *buf;
	int rc = -1;

	buf = malloc(RESP_MAX);
	if (!buf)
		return -ENOMEM;
	while (fgets(line, sizeof(line), conn)) {
		chunk = strtoul(line, NULL, 16);
		if (chunk == 0) {
			rc = feed_response(buf, off);
			break;
		}
		if (fread(buf + off, 1, chunk, conn) != chunk)
			break;
		off += chunk;
		if (!fgets(line, sizeof(line), conn))
			break;
	}
	free(buf);
	return rc;
}

int good_read_chunked(FILE *conn)
{
	char line[64];
	unsigned long chunk;
	size_t off = 0;
	char *buf;
	int rc = -1;

	buf = malloc(RESP_MAX);
	if (!buf)
		return -ENOMEM;
	while (fgets(line, sizeof(line), conn)) {
		chunk = strtoul(line, NULL, 16);
		if (chunk == 0) {
			rc = feed_response(buf, off);
			break;
		}
		if (chunk > RESP_MAX - off) {
			rc = -EMSGSIZE;
			break;
		}
		if (fread(buf + off, 1, chunk, conn) != chunk)
			break;
		off += chunk;
		if (!fgets(line, sizeof(line), conn))
			break;
	}
	free(buf);
	return rc;
}

/* ---- link-layer neighbour announcements ---- */

struct neigh {
	uint32_t ip;
	int hlen;
	unsigned char hw[16];
	long seen;
};

int bad_neigh_announce(struct neigh *ne, const unsigned char *frame, int n)
{
	uint32_t ip;
	int hlen;

	if (n < 8)
		return -1;
	if (GET_BE16(frame + 2) != 0x0800 || frame[5] != 4)
		return 0;
	hlen = frame[4];
	if (n < 8 + hlen + 4)
		return -1;
	bcopy(frame + 8, ne->hw, hlen);
	ne->hlen = hlen;
	bcopy(frame + 8 + hlen, &ip, 4);
	ne->ip = ntohl(ip);
	return neigh_update(ne);
}

int good_neigh_announce(struct neigh *ne, const unsigned char *frame, int n)
{
	uint32_t ip;
	int hlen;

	if (n < 8)
		return -1;
	if (GET_BE16(frame + 2) != 0x0800 || frame[5] != 4)
		return 0;
	hlen = frame[4];
	switch (hlen) {
	case 6:
	case 8:
	case 16:
		break;
	default:
		syslog(LOG_DEBUG, "neigh: address length %d", hlen);
		return 0;
	}
	if (n < 8 + hlen + 4)
		return -1;
	bcopy(frame + 8, ne->hw, hlen);
	ne->hlen = hlen;
	bcopy(frame + 8 + hlen, &ip, 4);
	ne->ip = ntohl(ip);
	return neigh_update(ne);
}
