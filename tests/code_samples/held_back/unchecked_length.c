#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <stddef.h>
#include <unistd.h>
#include <fcntl.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <arpa/inet.h>

extern int onvif_dispatch(const char *xml, size_t len);
extern int modbus_apply(uint16_t addr, const uint16_t *regs, int n);
extern int firmware_part(const uint8_t *blk, unsigned len, uint32_t crc);
extern void audio_play(const int16_t *pcm, int samples);
extern int coap_route(const char *path);
extern int meter_record(const char *id, const uint8_t *data, int len);
extern void show_caption(const char *text);
extern int tlv_handle(int tag, const uint8_t *v, int len);
extern int dns_match(const char *name);

#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* ---- 1: DNS TXT record ---- */
int bad_dns_txt(const uint8_t *rr, int left) {
	char txt[64];
	uint16_t rdlen;

	if (left < 11)
		return -1;
	if ((rr[0] << 8 | rr[1]) != 16)
		return 0;
	rdlen = rr[8] << 8 | rr[9];
	if (rdlen == 0 || rdlen > left - 10)
		return -1;
	memcpy(txt, rr + 10, rdlen);
	txt[63] = '\0';
	return dns_match(txt);
}

int good_dns_txt(const uint8_t *rr, int left) {
	char txt[64];
	uint16_t rdlen;

	if (left < 11)
		return -1;
	if ((rr[0] << 8 | rr[1]) != 16)
		return 0;
	rdlen = rr[8] << 8 | rr[9];
	if (rdlen == 0 || rdlen > left - 10)
		return -1;
	if (rdlen >= sizeof(txt))
		rdlen = sizeof(txt) - 1;
	memcpy(txt, rr + 10, rdlen);
	txt[rdlen] = '\0';
	return dns_match(txt);
}

/* ---- 2: Content-Length ---- */
int bad_onvif_body(int fd, const char *headers) {
	char body[4096];
	const char *cl;
	int want, got = 0;
	ssize_t r;

	cl = strcasestr(headers, "Content-Length:");
	if (!cl)
		return 411;
	want = atoi(cl + 15);
	while (got < want) {
		r = read(fd, body + got, want - got);
		if (r <= 0)
			return 400;
		got += r;
	}
	return onvif_dispatch(body, got);
}

int good_onvif_body(int fd, const char *headers) {
	char body[4096];
	const char *cl;
	int want, got = 0;
	ssize_t r;

	cl = strcasestr(headers, "Content-Length:");
	if (!cl)
		return 411;
	want = atoi(cl + 15);
	if (want < 0 || want > (int)sizeof(body))
		return 413;
	while (got < want) {
		r = read(fd, body + got, want - got);
		if (r <= 0)
			return 400;
		got += r;
	}
	return onvif_dispatch(body, got);
}

/* ---- 3: Modbus write multiple registers ---- */
int bad_modbus_write_regs(const uint8_t *pdu, size_t len) {
	uint16_t regs[64];
	uint16_t addr, qty;

	if (len < 6 || pdu[0] != 0x10)
		return 1;
	addr = (uint16_t)(pdu[1] << 8 | pdu[2]);
	qty = (uint16_t)(pdu[3] << 8 | pdu[4]);
	memcpy(regs, pdu + 6, qty * 2);
	for (int i = 0; i < qty; i++)
		regs[i] = ntohs(regs[i]);
	return modbus_apply(addr, regs, qty);
}

int good_modbus_write_regs(const uint8_t *pdu, size_t len) {
	uint16_t regs[64];
	uint16_t addr, qty;

	if (len < 6 || pdu[0] != 0x10)
		return 1;
	addr = (uint16_t)(pdu[1] << 8 | pdu[2]);
	qty = (uint16_t)(pdu[3] << 8 | pdu[4]);
	if (qty == 0 || qty > 64 || len - 6 < (size_t)qty * 2)
		return 3;
	memcpy(regs, pdu + 6, qty * 2);
	for (int i = 0; i < qty; i++)
		regs[i] = ntohs(regs[i]);
	return modbus_apply(addr, regs, qty);
}

/* ---- 4: firmware image section; signed compare ---- */
struct fw_hdr {
	uint32_t magic;
	int32_t length;
	uint32_t crc;
	uint8_t type;
	uint8_t pad[3];
};

int bad_fw_section(FILE *img) {
	struct fw_hdr h;
	uint8_t block[2048];

	if (fread(&h, sizeof h, 1, img) != 1)
		return -EIO;
	if (h.magic != 0x46574831)
		return -EINVAL;
	if (h.length > 2048)
		return -E2BIG;
	if (fread(block, 1, h.length, img) == 0)
		return -EIO;
	return firmware_part(block, h.length, h.crc);
}

int good_fw_section(FILE *img) {
	struct fw_hdr h;
	uint8_t block[2048];

	if (fread(&h, sizeof h, 1, img) != 1)
		return -EIO;
	if (h.magic != 0x46574831)
		return -EINVAL;
	if ((uint32_t)h.length > 2048u)
		return -E2BIG;
	if (fread(block, 1, h.length, img) != (size_t)h.length)
		return -EIO;
	return firmware_part(block, h.length, h.crc);
}

/* ---- 5: audio ring: length-prefixed frames ---- */
int bad_audio_frame(int sock) {
	int16_t pcm[480];
	uint8_t hdr[4];
	unsigned bytes;

	if (recv(sock, hdr, sizeof hdr, MSG_WAITALL) != (ssize_t)sizeof hdr)
		return -1;
	if (hdr[0] != '$')
		return -1;
	bytes = hdr[2] << 8 | hdr[3];
	if (recv(sock, pcm, bytes, MSG_WAITALL) != (ssize_t)bytes)
		return -1;
	audio_play(pcm, bytes / 2);
	return 0;
}

int good_audio_frame(int sock) {
	int16_t pcm[480];
	uint8_t hdr[4];
	unsigned bytes;

	if (recv(sock, hdr, sizeof hdr, MSG_WAITALL) != (ssize_t)sizeof hdr)
		return -1;
	if (hdr[0] != '$')
		return -1;
	bytes = hdr[2] << 8 | hdr[3];
	bytes = MIN(bytes, sizeof(pcm));
	if (recv(sock, pcm, bytes, MSG_WAITALL) != (ssize_t)bytes)
		return -1;
	audio_play(pcm, bytes / 2);
	return 0;
}

/* ---- 6: CoAP Uri-Path with extended length nibble ---- */
int bad_coap_uri_path(const uint8_t *opt, const uint8_t *end) {
	char path[64];
	size_t pos = 0;

	while (opt < end && *opt != 0xff) {
		unsigned len = *opt & 0x0f;

		opt++;
		if (len == 13 && opt < end) {
			len = 13 + *opt++;
		} else if (len == 14 && end - opt >= 2) {
			len = 269 + (opt[0] << 8 | opt[1]);
			opt += 2;
		}
		if ((size_t)(end - opt) < len)
			return -1;
		path[pos++] = '/';
		memcpy(path + pos, opt, len);
		pos += len;
		opt += len;
	}
	path[pos] = '\0';
	return coap_route(path);
}

int good_coap_uri_path(const uint8_t *opt, const uint8_t *end) {
	char path[64];
	size_t pos = 0;

	while (opt < end && *opt != 0xff) {
		unsigned len = *opt & 0x0f;

		opt++;
		if (len == 13 && opt < end) {
			len = 13 + *opt++;
		} else if (len == 14 && end - opt >= 2) {
			len = 269 + (opt[0] << 8 | opt[1]);
			opt += 2;
		}
		if ((size_t)(end - opt) < len)
			return -1;
		if (pos + len + 2 > sizeof(path))
			return -1;
		path[pos++] = '/';
		memcpy(path + pos, opt, len);
		pos += len;
		opt += len;
	}
	path[pos] = '\0';
	return coap_route(path);
}

/* ---- 7: strncpy bounded by the source ---- */
void bad_osd_caption(const char *xml) {
	char text[40];
	const char *a = strstr(xml, "<PlainText>");
	const char *b;

	if (a == NULL)
		return;
	a += strlen("<PlainText>");
	b = strstr(a, "</PlainText>");
	if (b == NULL)
		return;
	memset(text, 0, sizeof text);
	strncpy(text, a, b - a);
	show_caption(text);
}

void good_osd_caption(const char *xml) {
	char text[40];
	const char *a = strstr(xml, "<PlainText>");
	const char *b;

	if (a == NULL)
		return;
	a += strlen("<PlainText>");
	b = strstr(a, "</PlainText>");
	if (b == NULL)
		return;
	memset(text, 0, sizeof text);
	if (b - a > (ptrdiff_t)sizeof(text) - 1)
		b = a + sizeof(text) - 1;
	strncpy(text, a, b - a);
	show_caption(text);
}

/* ---- 8: meter telegram over serial ---- */
struct telegram {
	char id[12];
	uint8_t len;
	uint8_t data[128];
};

int bad_meter_read(int tty) {
	struct telegram t;
	uint8_t start[2];

	if (read(tty, start, 2) != 2 || start[0] != 0x68)
		return -1;
	memset(&t, 0, sizeof t);
	if (read(tty, t.id, 8) != 8)
		return -1;
	t.len = start[1];
	if (read(tty, t.data, t.len) < t.len)
		return -1;
	return meter_record(t.id, t.data, t.len);
}

int good_meter_read(int tty) {
	struct telegram t;
	uint8_t start[2];

	if (read(tty, start, 2) != 2 || start[0] != 0x68)
		return -1;
	if (start[1] & 0x80)
		return -1;
	memset(&t, 0, sizeof t);
	if (read(tty, t.id, 8) != 8)
		return -1;
	t.len = start[1];
	if (read(tty, t.data, t.len) < t.len)
		return -1;
	return meter_record(t.id, t.data, t.len);
}

/* ---- 9: BACnet-like TLV; wrong limit ---- */
int bad_bacnet_tlv(const uint8_t *apdu, int len) {
	uint8_t value[96];
	int off = 0, rc = 0;

	while (off + 3 <= len && rc == 0) {
		int tag = apdu[off];
		int vlen = apdu[off + 1] << 8 | apdu[off + 2];

		off += 3;
		if (vlen > len - off)
			return -1;
		memmove(value, apdu + off, vlen);
		rc = tlv_handle(tag, value, vlen);
		off += vlen;
	}
	return rc;
}

int good_bacnet_tlv(const uint8_t *apdu, int len) {
	uint8_t value[96];
	int off = 0, rc = 0;

	while (off + 3 <= len && rc == 0) {
		int tag = apdu[off];
		int vlen = apdu[off + 1] << 8 | apdu[off + 2];

		off += 3;
		if (vlen > len - off)
			return -1;
		if (vlen <= (int)sizeof(value)) {
			memmove(value, apdu + off, vlen);
			rc = tlv_handle(tag, value, vlen);
		}
		off += vlen;
	}
	return rc;
}

/* ---- 10: thumbnail cache in a static buffer ---- */
static uint8_t thumb[8192];
static size_t thumb_len;

int bad_thumb_store(const void *jpeg, size_t size) {
	const uint8_t *p = jpeg;

	if (size < 4 || p[0] != 0xff || p[1] != 0xd8)
		return -EINVAL;
	memcpy(thumb, jpeg, size);
	thumb_len = size;
	return 0;
}

int good_thumb_store(const void *jpeg, size_t size) {
	const uint8_t *p = jpeg;
	int rc = -EINVAL;

	if (size < 4 || p[0] != 0xff || p[1] != 0xd8)
		goto out;
	rc = -ENOSPC;
	if (size > sizeof(thumb))
		goto out;
	memcpy(thumb, jpeg, size);
	thumb_len = size;
	rc = 0;
out:
	return rc;
}
