/* As many bytes into a buffer on the stack as the sender says. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct frame {
    uint16_t type;
    uint16_t length;
    uint8_t body[];
};

extern int handle_body(const void *body, unsigned length);

int bad_frame(const struct frame *frame) {
    uint8_t body[128];
    unsigned length = ntohs(frame->length);
    memcpy(body, frame->body, length);
    return handle_body(body, length);
}

int good_frame(const struct frame *frame) {
    uint8_t body[128];
    unsigned length = ntohs(frame->length);
    if (length > sizeof body)
        return -1;
    memcpy(body, frame->body, length);
    return handle_body(body, length);
}

int bad_read_block(int fd) {
    char block[256];
    uint32_t size;
    if (read(fd, &size, sizeof size) != sizeof size)
        return -1;
    if (read(fd, block, ntohl(size)) < 0)
        return -1;
    return handle_body(block, sizeof block);
}

int good_read_block(int fd) {
    char block[256];
    uint32_t size;
    if (read(fd, &size, sizeof size) != sizeof size)
        return -1;
    size = ntohl(size);
    if (size > sizeof block)
        size = sizeof block;
    if (read(fd, block, size) < 0)
        return -1;
    return handle_body(block, sizeof block);
}

int bad_content_length(int fd, const char *header) {
    char body[1024];
    int length = atoi(header);
    if (recv(fd, body, length, 0) <= 0)
        return -1;
    return handle_body(body, 4);
}

int good_content_length(int fd, const char *header) {
    char body[1024];
    int length = atoi(header);
    if (length < 0 || length > (int)sizeof body)
        return -1;
    if (recv(fd, body, length, 0) <= 0)
        return -1;
    return handle_body(body, 4);
}

int bad_option(const uint8_t *option) {
    uint8_t copy[32];
    memcpy(copy, option + 2, option[1]);
    return handle_body(copy, sizeof copy);
}

int good_option(const uint8_t *option) {
    uint8_t copy[256];
    memcpy(copy, option + 2, option[1]);
    return handle_body(copy, sizeof copy);
}
