/* A format that is not the program's own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>

void bad_log_request(const char *request) {
    syslog(LOG_INFO, request);
}

void good_log_request(const char *request) {
    syslog(LOG_INFO, "%s", request);
}

void bad_page(FILE *out) {
    const char *title = getenv("PATH_INFO");
    if (title)
        fprintf(out, title);
}

void good_page(FILE *out) {
    const char *title = getenv("PATH_INFO");
    if (title)
        fprintf(out, "<h1>%s</h1>", title);
}

int bad_echo_line(int fd) {
    char line[100];
    int count = recv(fd, line, sizeof line - 1, 0);
    if (count <= 0)
        return -1;
    line[count] = 0;
    return printf(line);
}

int good_echo_line(int fd) {
    char line[100];
    int count = recv(fd, line, sizeof line - 1, 0);
    if (count <= 0)
        return -1;
    line[count] = 0;
    return printf("%s\n", line);
}

void bad_denied(const char *user) {
    char message[128];
    snprintf(message, sizeof message, "login of %s refused", user);
    fprintf(stderr, message);
}

void good_denied(int code) {
    char message[128];
    snprintf(message, sizeof message, "login refused, code %d", code);
    fprintf(stderr, message);
}
