/* Sample functions: replying to and storing parts of received messages. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <syslog.h>
#include <unistd.h>

#define BE16(p) ((uint16_t)(((p)[0] << 8) | (p)[1]))
#define BE32(p) (((uint32_t)(p)[0] << 24) | ((uint32_t)(p)[1] << 16) | \
		 ((uint32_t)(p)[2] << 8) | (uint32_t)(p)[3])
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))

extern int device_ident(char *buf, size_t len);
extern uint8_t cfg_shadow[2048];
extern uint16_t holding_regs[200];
extern int gateway_mode(int mode, const char *peer);
struct host_entry;
extern int host_record(const struct host_entry *he);
extern int mtd_prepare(int fd, uint32_t crc);

/* ------------------------------------------------------------------ */

#define KA_REQUEST	1
#define KA_REPLY	2
#define KA_PAD		16

int bad_keepalive_reply(int sock)
{
	uint8_t req[1024];
	uint8_t *resp, *bp;
	unsigned int payload;
	ssize_t n;
	int rc;

	n = recv(sock, req, sizeof(req), 0);
	if (n < 3)
		return -1;
	if (req[0] != KA_REQUEST)
		return 0;
	payload = BE16(req + 1);

	resp = malloc(3 + payload + KA_PAD);
	if (!resp)
		return -1;
	bp = resp;
	*bp++ = KA_REPLY;
	*bp++ = payload >> 8;
	*bp++ = payload & 0xff;
	memcpy(bp, req + 3, payload);
	memset(bp + payload, 0, KA_PAD);
	rc = send(sock, resp, 3 + payload + KA_PAD, 0) < 0 ? -1 : 1;
	free(resp);
	return rc;
}

int good_keepalive_reply(int sock)
{
	uint8_t req[1024];
	uint8_t *resp, *bp;
	unsigned int payload;
	ssize_t n;
	int rc;

	n = recv(sock, req, sizeof(req), 0);
	if (n < 3)
		return -1;
	if (req[0] != KA_REQUEST)
		return 0;
	payload = BE16(req + 1);
	if (3 + payload > (size_t)n)
		return 0;

	resp = malloc(3 + payload + KA_PAD);
	if (!resp)
		return -1;
	bp = resp;
	*bp++ = KA_REPLY;
	*bp++ = payload >> 8;
	*bp++ = payload & 0xff;
	memcpy(bp, req + 3, payload);
	memset(bp + payload, 0, KA_PAD);
	rc = send(sock, resp, 3 + payload + KA_PAD, 0) < 0 ? -1 : 1;
	free(resp);
	return rc;
}

/* ------------------------------------------------------------------ */

struct ident_req {
	uint8_t op;
	uint8_t flags;
	uint16_t maxlen;
};

int bad_send_ident(int fd)
{
	struct ident_req rq;
	char ident[64];

	if (read(fd, &rq, sizeof(rq)) != (ssize_t)sizeof(rq))
		return -EIO;
	if (rq.op != 'I')
		return -EINVAL;
	memset(ident, 0, sizeof(ident));
	if (device_ident(ident, sizeof(ident)) < 0)
		return -ENODEV;
	if (write(fd, ident, ntohs(rq.maxlen)) < 0)
		return -errno;
	return 0;
}

int good_send_ident(int fd)
{
	struct ident_req rq;
	char ident[64];

	if (read(fd, &rq, sizeof(rq)) != (ssize_t)sizeof(rq))
		return -EIO;
	if (rq.op != 'I')
		return -EINVAL;
	memset(ident, 0, sizeof(ident));
	if (device_ident(ident, sizeof(ident)) < 0)
		return -ENODEV;
	if (write(fd, ident, min_t(size_t, ntohs(rq.maxlen), sizeof(ident))) < 0)
		return -errno;
	return 0;
}

/* ------------------------------------------------------------------ */

int bad_cfg_dump(int sock, const uint8_t *msg, int msglen)
{
	uint32_t off, len;

	if (msglen < 12 || msg[0] != 0x5a)
		return -1;
	off = BE32(msg + 4);
	len = BE32(msg + 8);
	if (off + len > sizeof(cfg_shadow)) {
		syslog(LOG_WARNING, "cfg dump: range %u+%u", off, len);
		return -1;
	}
	return send(sock, cfg_shadow + off, len, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int good_cfg_dump(int sock, const uint8_t *msg, int msglen)
{
	uint32_t off, len;

	if (msglen < 12 || msg[0] != 0x5a)
		return -1;
	off = BE32(msg + 4);
	len = BE32(msg + 8);
	if (off > sizeof(cfg_shadow) || len > sizeof(cfg_shadow) - off) {
		syslog(LOG_WARNING, "cfg dump: range %u+%u", off, len);
		return -1;
	}
	return send(sock, cfg_shadow + off, len, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------ */

#define TOKEN_LEN 16

bool bad_check_token(int fd, const uint8_t token[TOKEN_LEN])
{
	uint8_t pkt[64];
	ssize_t n;
	unsigned tlen;

	n = read(fd, pkt, sizeof(pkt));
	if (n < 3 || pkt[0] != 'A')
		return false;
	tlen = pkt[1];
	if (tlen == 0)
		return false;
	if (memcmp(pkt + 2, token, tlen) != 0) {
		syslog(LOG_AUTH | LOG_NOTICE, "token mismatch");
		return false;
	}
	return true;
}

bool good_check_token(int fd, const uint8_t token[TOKEN_LEN])
{
	uint8_t pkt[64];
	ssize_t n;
	unsigned tlen;

	n = read(fd, pkt, sizeof(pkt));
	if (n < 3 || pkt[0] != 'A')
		return false;
	tlen = pkt[1];
	if (tlen == 0 || tlen > TOKEN_LEN || (ssize_t)(tlen + 2) > n)
		return false;
	if (memcmp(pkt + 2, token, tlen) != 0) {
		syslog(LOG_AUTH | LOG_NOTICE, "token mismatch");
		return false;
	}
	return tlen == TOKEN_LEN;
}

/* ------------------------------------------------------------------ */

struct mqtt_client {
	int fd;
	uint16_t keepalive;
	uint16_t will_len;
	uint8_t will[256];
};

/* p points behind the client identifier, left is what remains of the packet */
int bad_mqtt_will(struct mqtt_client *c, const uint8_t *p, int left)
{
	unsigned tlen, wlen;

	if (left < 2)
		return -1;
	tlen = BE16(p);
	p += 2;
	left -= 2;
	if ((int)tlen + 2 > left)
		return -1;
	p += tlen;
	wlen = BE16(p);
	p += 2;
	if (wlen > sizeof(c->will))
		return -1;
	memmove(c->will, p, wlen);
	c->will_len = wlen;
	return 0;
}

int good_mqtt_will(struct mqtt_client *c, const uint8_t *p, int left)
{
	unsigned tlen, wlen;

	if (left < 2)
		return -1;
	tlen = BE16(p);
	p += 2;
	left -= 2;
	if ((int)tlen + 2 > left)
		return -1;
	p += tlen;
	left -= tlen;
	wlen = BE16(p);
	p += 2;
	left -= 2;
	if (wlen > sizeof(c->will) || (int)wlen > left)
		return -1;
	memmove(c->will, p, wlen);
	c->will_len = wlen;
	return 0;
}

/* ------------------------------------------------------------------ */

int bad_discovery_name(int sock, int mode)
{
	unsigned char pkt[64];
	char peer[320];
	struct sockaddr_in from;
	socklen_t sl = sizeof(from);
	ssize_t n;

	n = recvfrom(sock, pkt, sizeof(pkt), 0, (struct sockaddr *)&from, &sl);
	if (n < 4 || pkt[0] != 0xd1 || pkt[1] != 0x5c)
		return -1;
	snprintf(peer, sizeof(peer), "%s/", inet_ntoa(from.sin_addr));
	strncat(peer, (char *)pkt + 4, pkt[3]);
	return gateway_mode(mode, peer);
}

int good_discovery_name(int sock, int mode)
{
	unsigned char pkt[64];
	char peer[320];
	struct sockaddr_in from;
	socklen_t sl = sizeof(from);
	ssize_t n;
	int namelen;

	n = recvfrom(sock, pkt, sizeof(pkt), 0, (struct sockaddr *)&from, &sl);
	if (n < 4 || pkt[0] != 0xd1 || pkt[1] != 0x5c)
		return -1;
	namelen = pkt[3];
	if (namelen > n - 4)
		namelen = n - 4;
	snprintf(peer, sizeof(peer), "%s/", inet_ntoa(from.sin_addr));
	strncat(peer, (char *)pkt + 4, namelen);
	return gateway_mode(mode, peer);
}

/* ------------------------------------------------------------------ */

struct host_entry {
	uint32_t ip;
	uint32_t ttl;
	char name[256];
};

int bad_dns_answer_name(const uint8_t *msg, size_t msglen, size_t pos, struct host_entry *he)
{
	const uint8_t *p = msg + pos;
	size_t out = 0;
	uint8_t len;

	if (pos >= msglen)
		return -1;
	while ((len = *p++) != 0) {
		if (len & 0xc0)
			break;
		if (out + len + 2 > sizeof(he->name))
			return -1;
		if (out)
			he->name[out++] = '.';
		memmove(he->name + out, p, len);
		out += len;
		p += len;
	}
	he->name[out] = '\0';
	return host_record(he);
}

int good_dns_answer_name(const uint8_t *msg, size_t msglen, size_t pos, struct host_entry *he)
{
	const uint8_t *p, *end = msg + msglen;
	size_t out = 0;
	uint8_t len;

	if (pos >= msglen)
		return -1;
	for (p = msg + pos; p < end && *p != 0; p += len) {
		len = *p++;
		if (len & 0xc0)
			break;
		if (len > end - p || out + len + 2 > sizeof(he->name))
			return -1;
		if (out)
			he->name[out++] = '.';
		memmove(he->name + out, p, len);
		out += len;
	}
	he->name[out] = '\0';
	return host_record(he);
}

/* ------------------------------------------------------------------ */

/* Save the Exif block of a snapshot for the gallery page. */
int bad_jpeg_save_exif(const uint8_t *jpg, size_t size, FILE *out)
{
	size_t i = 2;
	unsigned seglen;

	if (size < 4 || jpg[0] != 0xff || jpg[1] != 0xd8)
		return -1;
	while (i + 4 <= size) {
		if (jpg[i] != 0xff)
			return -1;
		if (jpg[i + 1] == 0xda)
			break;
		seglen = BE16(jpg + i + 2);
		if (seglen < 2)
			return -1;
		if (jpg[i + 1] == 0xe1)
			return fwrite(jpg + i + 4, 1, seglen - 2, out) == seglen - 2 ? 1 : -1;
		i += 2 + seglen;
	}
	return 0;
}

int good_jpeg_save_exif(const uint8_t *jpg, size_t size, FILE *out)
{
	size_t i = 2;
	unsigned seglen;

	if (size < 4 || jpg[0] != 0xff || jpg[1] != 0xd8)
		return -1;
	while (i + 4 <= size) {
		if (jpg[i] != 0xff)
			return -1;
		if (jpg[i + 1] == 0xda)
			break;
		seglen = BE16(jpg + i + 2);
		if (seglen < 2 || seglen > size - i - 2)
			return -1;
		if (jpg[i + 1] == 0xe1)
			return fwrite(jpg + i + 4, 1, seglen - 2, out) == seglen - 2 ? 1 : -1;
		i += 2 + seglen;
	}
	return 0;
}

/* ------------------------------------------------------------------ */

int bad_mb_read_holding(int sock, const uint8_t *req, int reqlen)
{
	uint8_t head[9];
	uint16_t start, count;

	if (reqlen != 12)
		return -1;
	memcpy(head, req, 8);
	start = BE16(req + 8);
	count = BE16(req + 10);
	if (count == 0 || count > 125) {
		head[5] = 3;
		head[7] |= 0x80;
		head[8] = 3;
		return send(sock, head, 9, 0) == 9 ? 0 : -1;
	}
	head[4] = 0;
	head[5] = (uint8_t)(3 + count * 2);
	head[8] = (uint8_t)(count * 2);
	if (send(sock, head, 9, MSG_MORE) != 9)
		return -1;
	return send(sock, &holding_regs[start], count * sizeof(uint16_t), 0) > 0 ? 0 : -1;
}

int good_mb_read_holding(int sock, const uint8_t *req, int reqlen)
{
	uint8_t head[9];
	uint16_t start, count;
	uint8_t err = 0;

	if (reqlen != 12)
		return -1;
	memcpy(head, req, 8);
	start = BE16(req + 8);
	count = BE16(req + 10);
	if (count == 0 || count > 125)
		err = 3;
	else if (start + count > (int)(sizeof(holding_regs) / sizeof(holding_regs[0])))
		err = 2;
	if (err) {
		head[5] = 3;
		head[7] |= 0x80;
		head[8] = err;
		return send(sock, head, 9, 0) == 9 ? 0 : -1;
	}
	head[4] = 0;
	head[5] = (uint8_t)(3 + count * 2);
	head[8] = (uint8_t)(count * 2);
	if (send(sock, head, 9, MSG_MORE) != 9)
		return -1;
	return send(sock, &holding_regs[start], count * sizeof(uint16_t), 0) > 0 ? 0 : -1;
}

/* ------------------------------------------------------------------ */

/* Keep the raw value of one option for the hook scripts. */
int bad_dhcp_opt_save(const uint8_t *opts, size_t optlen, uint8_t want, const char *file)
{
	const uint8_t *p = opts;
	FILE *fp;
	int rc;

	while (p < opts + optlen && *p != 0xff) {
		if (*p == 0) {
			p++;
			continue;
		}
		if (*p == want) {
			fp = fopen(file, "w");
			if (!fp)
				return -errno;
			rc = fwrite(p + 2, 1, p[1], fp) == p[1] ? 0 : -EIO;
			fclose(fp);
			return rc;
		}
		p += 2 + p[1];
	}
	return -ENOENT;
}

int good_dhcp_opt_save(const uint8_t *opts, size_t optlen, uint8_t want, const char *file)
{
	size_t i = 0, l;
	FILE *fp;
	int rc;

	while (i + 1 < optlen) {
		if (opts[i] == 0xff)
			break;
		if (opts[i] == 0) {
			i++;
			continue;
		}
		l = opts[i + 1];
		if (i + 2 + l > optlen)
			return -EBADMSG;
		if (opts[i] == want) {
			fp = fopen(file, "w");
			if (!fp)
				return -errno;
			rc = fwrite(opts + i + 2, 1, l, fp) == l ? 0 : -EIO;
			fclose(fp);
			return rc;
		}
		i += 2 + l;
	}
	return -ENOENT;
}

/* ------------------------------------------------------------------ */

struct boot_hdr {
	uint32_t magic;
	uint32_t hdr_len;
	uint32_t data_len;
	uint32_t crc;
};

int bad_write_bootblock(int sock, int mtd)
{
	struct boot_hdr h;
	unsigned char blk[4096];
	ssize_t n;

	n = recv(sock, blk, sizeof(blk), 0);
	if (n < (ssize_t)sizeof(h))
		return -1;
	memcpy(&h, blk, sizeof(h));
	if (ntohl(h.magic) != 0x27051956 || ntohl(h.hdr_len) != sizeof(h))
		return -1;
	if (mtd_prepare(mtd, ntohl(h.crc)) < 0)
		return -1;
	if (write(mtd, blk + sizeof(h), ntohl(h.data_len)) != (ssize_t)ntohl(h.data_len)) {
		syslog(LOG_ERR, "bootblock: short write");
		return -1;
	}
	return fsync(mtd);
}

int good_write_bootblock(int sock, int mtd)
{
	struct boot_hdr h;
	unsigned char blk[4096];
	ssize_t n, todo, w;
	unsigned char *p;

	n = recv(sock, blk, sizeof(blk), 0);
	if (n < (ssize_t)sizeof(h))
		return -1;
	memcpy(&h, blk, sizeof(h));
	if (ntohl(h.magic) != 0x27051956 || ntohl(h.hdr_len) != sizeof(h))
		return -1;
	if (ntohl(h.data_len) != (uint32_t)(n - (ssize_t)sizeof(h)))
		return -1;
	if (mtd_prepare(mtd, ntohl(h.crc)) < 0)
		return -1;
	todo = ntohl(h.data_len);
	p = blk + sizeof(h);
	while (todo > 0) {
		w = write(mtd, p, todo);
		if (w <= 0) {
			syslog(LOG_ERR, "bootblock: short write");
			return -1;
		}
		p += w;
		todo -= w;
	}
	return fsync(mtd);
}

/* ------------------------------------------------------------------ */

int bad_echo_reply(int raw)
{
	uint8_t pkt[1500];
	struct sockaddr_in from;
	socklen_t sl = sizeof(from);
	unsigned ihl, tot;
	ssize_t n;

	n = recvfrom(raw, pkt, sizeof(pkt), 0, (struct sockaddr *)&from, &sl);
	if (n < 28)
		return -1;
	ihl = (pkt[0] & 0x0f) * 4;
	if (ihl < 20 || ihl + 8 > (unsigned)n)
		return -1;
	tot = BE16(pkt + 2);
	if (tot < ihl + 8 || pkt[9] != 1 || pkt[ihl] != 8)
		return 0;

	pkt[ihl] = 0;
	pkt[ihl + 2] = pkt[ihl + 3] = 0;
	return sendto(raw, pkt + ihl, tot - ihl, 0,
		      (struct sockaddr *)&from, sl) < 0 ? -1 : 1;
}

int good_echo_reply(int raw)
{
	uint8_t pkt[1500];
	struct sockaddr_in from;
	socklen_t sl = sizeof(from);
	unsigned ihl, tot;
	ssize_t n;

	n = recvfrom(raw, pkt, sizeof(pkt), 0, (struct sockaddr *)&from, &sl);
	if (n < 28)
		return -1;
	ihl = (pkt[0] & 0x0f) * 4;
	if (ihl < 20 || ihl + 8 > (unsigned)n)
		return -1;
	tot = BE16(pkt + 2);
	if (tot > (unsigned)n)
		tot = n;
	if (tot < ihl + 8 || pkt[9] != 1 || pkt[ihl] != 8)
		return 0;

	pkt[ihl] = 0;
	pkt[ihl + 2] = pkt[ihl + 3] = 0;
	return sendto(raw, pkt + ihl, tot - ihl, 0,
		      (struct sockaddr *)&from, sl) < 0 ? -1 : 1;
}
