#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <unistd.h>
#include <errno.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

extern void fill_status(uint8_t *buf, size_t cap);
extern int regs_snapshot(uint16_t *dst, int max);
extern int load_token(char *tok, size_t cap);
extern void queue_push(const void *data, size_t len);

/* ---- 1: heartbeat echo ---- */
int bad_heartbeat_echo(int s) {
	uint8_t in[256], out[65540];
	uint16_t plen;
	ssize_t n;

	n = recv(s, in, sizeof(in), 0);
	if (n < 3)
		return -1;
	plen = in[1] << 8 | in[2];
	out[0] = 2;
	out[1] = in[1];
	out[2] = in[2];
	memcpy(out + 3, in + 3, plen);
	return send(s, out, 3 + plen, 0) < 0 ? -1 : 0;
}

int good_heartbeat_echo(int s) {
	uint8_t in[256], out[65540];
	uint16_t plen;
	ssize_t n;

	n = recv(s, in, sizeof(in), 0);
	if (n < 3)
		return -1;
	plen = in[1] << 8 | in[2];
	if (plen > n - 3)
		return -1;
	out[0] = 2;
	out[1] = in[1];
	out[2] = in[2];
	memcpy(out + 3, in + 3, plen);
	return send(s, out, 3 + plen, 0) < 0 ? -1 : 0;
}

/* ---- 2: Modbus read holding registers ---- */
int bad_modbus_read_regs(int fd, const uint8_t *req) {
	uint16_t regs[125];
	unsigned qty = (unsigned)req[3] << 8 | req[4];
	uint8_t head[3] = { 0x11, 0x03, 0 };

	regs_snapshot(regs, 125);
	head[2] = (uint8_t)(qty * 2);
	if (write(fd, head, sizeof head) != sizeof head)
		return -1;
	if (write(fd, regs, qty * sizeof(uint16_t)) < 0)
		return -1;
	return 0;
}

int good_modbus_read_regs(int fd, const uint8_t *req) {
	uint16_t regs[125];
	unsigned qty = (unsigned)req[3] << 8 | req[4];
	uint8_t head[3] = { 0x11, 0x03, 0 };

	if (qty - 1 >= 125)
		return -EINVAL;
	regs_snapshot(regs, 125);
	head[2] = (uint8_t)(qty * 2);
	if (write(fd, head, sizeof head) != sizeof head)
		return -1;
	if (write(fd, regs, qty * sizeof(uint16_t)) < 0)
		return -1;
	return 0;
}

/* ---- 3: diagnostics page: "len" query parameter ---- */
int bad_cgi_dump_status(void) {
	uint8_t status[512];
	const char *q = getenv("QUERY_STRING");
	size_t len = sizeof status;
	const char *p;

	fill_status(status, sizeof status);
	if (q && (p = strstr(q, "len=")) != NULL)
		len = strtoul(p + 4, NULL, 10);
	printf("Content-Type: application/octet-stream\r\n\r\n");
	fwrite(status, 1, len, stdout);
	return fflush(stdout);
}

int good_cgi_dump_status(void) {
	uint8_t status[512];
	const char *q = getenv("QUERY_STRING");
	size_t len = sizeof status;
	const char *p;

	fill_status(status, sizeof status);
	if (q && (p = strstr(q, "len=")) != NULL)
		len = strtoul(p + 4, NULL, 10);
	if (len > sizeof status)
		len = sizeof status;
	printf("Content-Type: application/octet-stream\r\n\r\n");
	fwrite(status, 1, len, stdout);
	return fflush(stdout);
}

/* ---- 4: token compare ---- */
int bad_token_check(const uint8_t *msg, size_t msglen) {
	char token[32];
	uint8_t n;

	if (msglen < 2 || load_token(token, sizeof token) != 0)
		return 0;
	n = msg[0];
	if (n > msglen - 1)
		return 0;
	return memcmp(token, msg + 1, n) == 0;
}

int good_token_check(const uint8_t *msg, size_t msglen) {
	char token[32];
	uint8_t n;

	if (msglen < 2 || load_token(token, sizeof token) != 0)
		return 0;
	n = msg[0];
	if (n > msglen - 1)
		return 0;
	if (n != sizeof token)
		return 0;
	return memcmp(token, msg + 1, n) == 0;
}

/* ---- 5: TFTP-like data block into queue on disk ---- */
int bad_record_append(FILE *log, int sock) {
	struct {
		uint16_t type;
		uint16_t len;
		uint8_t data[508];
	} m;
	struct sockaddr_in from;
	socklen_t fl = sizeof from;
	ssize_t r;

	r = recvfrom(sock, &m, sizeof m, 0, (struct sockaddr *)&from, &fl);
	if (r < 4)
		return -1;
	if (ntohs(m.type) != 3)
		return 0;
	if (fwrite(m.data, ntohs(m.len), 1, log) != 1)
		return -1;
	return ntohs(m.len);
}

int good_record_append(FILE *log, int sock) {
	struct {
		uint16_t type;
		uint16_t len;
		uint8_t data[508];
	} m;
	struct sockaddr_in from;
	socklen_t fl = sizeof from;
	unsigned len;
	ssize_t r;

	r = recvfrom(sock, &m, sizeof m, 0, (struct sockaddr *)&from, &fl);
	if (r < 4)
		return -1;
	if (ntohs(m.type) != 3)
		return 0;
	len = ntohs(m.len);
	if (4 + len > (size_t)r)
		return -1;
	if (len && fwrite(m.data, len, 1, log) != 1)
		return -1;
	return len;
}

/* ---- 6: offset + length read from a table ---- */
static const uint8_t sine_table[1024] = { 1, 3, 5, 7, 9, 11, 13 };

int bad_tone_fetch(int fd, uint32_t off, uint32_t len) {
	if (off >= sizeof(sine_table))
		return -1;
	if (write(fd, sine_table + off, len) != (ssize_t)len)
		return -1;
	return 0;
}

int good_tone_fetch(int fd, uint32_t off, uint32_t len) {
	if (off >= sizeof(sine_table))
		return -1;
	if (len > sizeof(sine_table) - off)
		return -1;
	if (write(fd, sine_table + off, len) != (ssize_t)len)
		return -1;
	return 0;
}

/* ---- 7: serial frame, forwarded to TCP ---- */
int bad_serial_bridge(int tty, int net) {
	uint8_t frame[64];
	int n, plen;

	for (;;) {
		n = read(tty, frame, sizeof frame);
		if (n <= 0)
			break;
		if (frame[0] != 0x7e || n < 4)
			continue;
		plen = frame[1];
		if (send(net, &frame[2], plen, MSG_NOSIGNAL) != plen)
			return -1;
	}
	return n;
}

int good_serial_bridge(int tty, int net) {
	uint8_t frame[64];
	int n, plen;

	for (;;) {
		n = read(tty, frame, sizeof frame);
		if (n <= 0)
			break;
		if (frame[0] != 0x7e || n < 4)
			continue;
		plen = frame[1];
		if (plen + 2 > n) {
			fprintf(stderr, "short frame %d/%d\n", n, plen);
			continue;
		}
		if (send(net, &frame[2], plen, MSG_NOSIGNAL) != plen)
			return -1;
	}
	return n;
}

/* ---- 8: firmware chunk from file header (signed) ---- */
int bad_fw_name_copy(FILE *f, char *dst, size_t cap) {
	uint8_t page[128];
	int32_t nlen;
	size_t got;

	got = fread(page, 1, sizeof page, f);
	if (got < 8)
		return -1;
	memcpy(&nlen, page + 4, sizeof nlen);
	if (nlen < 0 || (size_t)nlen >= cap)
		return -1;
	memcpy(dst, page + 8, nlen);
	dst[nlen] = 0;
	return nlen;
}

int good_fw_name_copy(FILE *f, char *dst, size_t cap) {
	uint8_t page[128];
	int32_t nlen;
	size_t got;

	got = fread(page, 1, sizeof page, f);
	if (got < 8)
		return -1;
	memcpy(&nlen, page + 4, sizeof nlen);
	if (nlen < 0 || (size_t)nlen >= cap || (size_t)nlen > got - 8)
		return -1;
	memcpy(dst, page + 8, nlen);
	dst[nlen] = 0;
	return nlen;
}

/* ---- 9: audio history on heap, fixed size ---- */
static inline size_t bounded(size_t v, size_t hi)
{
	return v > hi ? hi : v;
}

int bad_audio_history(int client, const uint8_t *cmd) {
	uint8_t *hist = calloc(1, 4096);
	uint32_t want;
	int rc;

	if (hist == NULL)
		return -ENOMEM;
	fill_status(hist, 4096);
	memcpy(&want, cmd + 2, 4);
	want = ntohl(want);
	rc = send(client, hist, want, 0);
	free(hist);
	return rc < 0 ? -EIO : 0;
}

int good_audio_history(int client, const uint8_t *cmd) {
	uint8_t *hist = calloc(1, 4096);
	uint32_t want;
	int rc;

	if (hist == NULL)
		return -ENOMEM;
	fill_status(hist, 4096);
	memcpy(&want, cmd + 2, 4);
	want = ntohl(want);
	rc = send(client, hist, bounded(want, 4096), 0);
	free(hist);
	return rc < 0 ? -EIO : 0;
}

/* ---- 10: snprintf return value as length ---- */
int bad_banner_send(int fd) {
	char buf[128];
	char user[256];
	int n;

	n = recv(fd, user, sizeof user - 1, 0);
	if (n <= 0)
		return -1;
	user[n] = '\0';
	user[strcspn(user, "\r\n")] = '\0';
	n = snprintf(buf, sizeof buf, "331 Password required for %s.\r\n", user);
	if (n < 0)
		return -1;
	return send(fd, buf, n, 0);
}

int good_banner_send(int fd) {
	char buf[128];
	char user[256];
	int n;

	n = recv(fd, user, sizeof user - 1, 0);
	if (n <= 0)
		return -1;
	user[n] = '\0';
	user[strcspn(user, "\r\n")] = '\0';
	n = snprintf(buf, sizeof buf, "331 Password required for %s.\r\n", user);
	if (n < 0)
		return -1;
	if (n >= (int)sizeof buf)
		n = sizeof buf - 1;
	return send(fd, buf, n, 0);
}
