/* Text of any length into a buffer on the stack: bad_* do, good_* look at the length first or give a limit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

extern int apply_setting(const char *name, const char *value);
extern void log_line(const char *line);
extern int send_reply(int fd, const char *text);

int bad_set_hostname(const char *requested) {
    char name[64];
    strcpy(name, requested);
    return apply_setting("hostname", name);
}

int good_set_hostname(const char *requested) {
    char name[64];
    if (strlen(requested) >= sizeof name)
        return -1;
    strcpy(name, requested);
    return apply_setting("hostname", name);
}

int bad_cgi_query(void) {
    char query[256];
    const char *given = getenv("QUERY_STRING");
    if (!given)
        return -1;
    strcpy(query, given);
    return apply_setting("query", query);
}

int good_cgi_query(void) {
    char query[256];
    const char *given = getenv("QUERY_STRING");
    if (!given)
        return -1;
    snprintf(query, sizeof query, "%s", given);
    return apply_setting("query", query);
}

int bad_status_page(int fd, const char *user, int port) {
    char page[128];
    sprintf(page, "<b>%s</b> is logged in on port %d", user, port);
    return send_reply(fd, page);
}

int good_status_page(int fd, int port, int sessions) {
    char page[128];
    sprintf(page, "%d sessions on port %d", sessions, port);
    return send_reply(fd, page);
}

int bad_command_word(int fd) {
    char line[512], word[16];
    int count = recv(fd, line, sizeof line - 1, 0);
    if (count <= 0)
        return -1;
    line[count] = 0;
    if (sscanf(line, "SET %s", word) != 1)
        return -1;
    return apply_setting("word", word);
}

int good_command_word(int fd) {
    char line[512], word[16];
    int count = recv(fd, line, sizeof line - 1, 0);
    if (count <= 0)
        return -1;
    line[count] = 0;
    if (sscanf(line, "SET %15s", word) != 1)
        return -1;
    return apply_setting("word", word);
}

void bad_join_path(const char *folder, const char *file) {
    char path[80] = "/var/www/";
    strcat(path, folder);
    strcat(path, file);
    log_line(path);
}

void good_join_path(int verbose) {
    char path[80];
    strcpy(path, "/var/www/");
    strcat(path, verbose ? "long.html" : "short.html");
    log_line(path);
}
