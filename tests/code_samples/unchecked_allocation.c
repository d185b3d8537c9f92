/* The result of an allocation, or of opening a file, used without a look at it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct session {
    int fd;
    int state;
    char peer[32];
    struct session *next;
};

extern struct session *sessions;
extern int register_session(struct session *session);

struct session *bad_new_session(int fd) {
    struct session *session = malloc(sizeof *session);
    session->fd = fd;
    session->state = 1;
    session->next = sessions;
    return session;
}

struct session *good_new_session(int fd) {
    struct session *session = malloc(sizeof *session);
    if (!session)
        return 0;
    session->fd = fd;
    session->state = 1;
    session->next = sessions;
    return session;
}

int bad_read_serial(char *serial) {
    FILE *file = fopen("/etc/serial", "r");
    fgets(serial, 32, file);
    fclose(file);
    return 0;
}

int good_read_serial(char *serial) {
    FILE *file = fopen("/etc/serial", "r");
    if (file == NULL)
        return -1;
    fgets(serial, 32, file);
    fclose(file);
    return 0;
}

char *bad_clone(const char *bytes, unsigned length) {
    char *copy = malloc(length);
    memcpy(copy, bytes, length);
    return copy;
}

char *good_clone(const char *bytes, unsigned length) {
    char *copy = malloc(length);
    if (copy)
        memcpy(copy, bytes, length);
    return copy;
}

int *bad_counters(int count) {
    int *counters = calloc(16, sizeof *counters);
    counters[0] = count;
    counters[15] = -1;
    return counters;
}

int *good_counters(int count) {
    int *counters = calloc(16, sizeof *counters);
    if (counters == NULL) {
        perror("counters");
        exit(1);
    }
    counters[0] = count;
    counters[15] = -1;
    return counters;
}

int bad_first_word(const char *line) {
    char *copy = strdup(line);
    copy[4] = 0;
    int result = strcmp(copy, "GET ");
    free(copy);
    return result;
}

int good_first_word(const char *line) {
    char *copy = strdup(line);
    if (!copy)
        return -1;
    copy[4] = 0;
    int result = strcmp(copy, "GET ");
    free(copy);
    return result;
}
