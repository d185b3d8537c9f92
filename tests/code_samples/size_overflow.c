/* The size of an allocation, from numbers that the input gives, in 32 bits. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

struct entry {
    uint32_t address, mask, gateway, flags, metric, spare;
};

extern int load_entries(int fd, struct entry *entries, uint32_t count);

int bad_table(int fd) {
    uint32_t count;
    if (read(fd, &count, sizeof count) != sizeof count)
        return -1;
    uint32_t size = ntohl(count) * (uint32_t)sizeof(struct entry);
    struct entry *entries = malloc(size);
    if (!entries)
        return -1;
    return load_entries(fd, entries, count);
}

int good_table(int fd) {
    uint32_t count;
    if (read(fd, &count, sizeof count) != sizeof count)
        return -1;
    count = ntohl(count);
    if (count > 1024)
        return -1;
    uint32_t size = count * (uint32_t)sizeof(struct entry);
    struct entry *entries = malloc(size);
    if (!entries)
        return -1;
    return load_entries(fd, entries, count);
}

void *bad_image(const char *width, const char *height) {
    unsigned size = (unsigned)atoi(width) * (unsigned)atoi(height);
    return malloc(size);
}

void *good_image(const char *width, const char *height) {
    unsigned w = (unsigned)atoi(width), h = (unsigned)atoi(height);
    if (w > 4096 || h > 4096)
        return 0;
    unsigned size = w * h;
    return malloc(size);
}

char *bad_text(const uint32_t *message) {
    uint32_t length = ntohl(message[2]);
    uint32_t size = length + 1;
    return malloc(size);
}

char *good_text(const uint16_t *message) {
    uint32_t length = ntohs(message[2]);
    uint32_t size = length + 1;
    return malloc(size);
}

void *bad_grow(void *list, const uint32_t *message) {
    uint32_t size = ntohl(message[0]) * 8u + 16u;
    return realloc(list, size);
}

void *good_grow(void *list, const uint32_t *message) {
    uint32_t count = ntohl(message[0]);
    if (count >= 10000)
        return 0;
    uint32_t size = count * 8u + 16u;
    return realloc(list, size);
}
