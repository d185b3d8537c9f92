/* As many bytes out of a buffer on the stack as the sender asks for. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern void fill_status(char *status, int size);
extern int queue_answer(const void *bytes, unsigned length);

int bad_heartbeat(int fd) {
    uint8_t packet[64];
    if (recv(fd, packet, sizeof packet, 0) < 4)
        return -1;
    uint16_t wanted;
    memcpy(&wanted, packet + 1, sizeof wanted);
    return send(fd, packet + 3, ntohs(wanted), 0);
}

int good_heartbeat(int fd) {
    uint8_t packet[64];
    if (recv(fd, packet, sizeof packet, 0) < 4)
        return -1;
    uint16_t wanted;
    memcpy(&wanted, packet + 1, sizeof wanted);
    unsigned length = ntohs(wanted);
    if (length > sizeof packet - 3)
        return -1;
    return send(fd, packet + 3, length, 0);
}

int bad_status(int fd, const char *wanted) {
    char status[200];
    fill_status(status, sizeof status);
    return write(fd, status, strtoul(wanted, 0, 10));
}

int good_status(int fd, const char *wanted) {
    char status[200];
    fill_status(status, sizeof status);
    unsigned long length = strtoul(wanted, 0, 10);
    if (length > sizeof status)
        length = sizeof status;
    return write(fd, status, length);
}

int bad_echo(void *answer, const uint32_t *request) {
    char record[48];
    fill_status(record, sizeof record);
    memcpy(answer, record, ntohl(request[1]));
    return queue_answer(answer, 4);
}

int good_echo(void *answer, const uint32_t *request) {
    char record[48];
    fill_status(record, sizeof record);
    uint32_t length = ntohl(request[1]);
    if (length > sizeof record)
        return -1;
    memcpy(answer, record, length);
    return queue_answer(answer, 4);
}
