/* Text from outside in a command line. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern int is_host_name(const char *text);
extern int show_output(FILE *output);

int bad_ping(const char *host) {
    char command[128];
    snprintf(command, sizeof command, "ping -c 1 %s", host);
    return system(command);
}

int good_ping(const char *host) {
    char command[128];
    if (!is_host_name(host))
        return -1;
    snprintf(command, sizeof command, "ping -c 1 %s", host);
    return system(command);
}

int bad_cgi_restart(void) {
    char command[256];
    const char *service = getenv("HTTP_X_SERVICE");
    if (!service)
        return -1;
    snprintf(command, sizeof command, "/etc/init.d/%s restart", service);
    return system(command);
}

int good_cgi_restart(void) {
    char command[256];
    const char *service = getenv("HTTP_X_SERVICE");
    if (!service)
        return -1;
    int number = atoi(service);
    snprintf(command, sizeof command, "/etc/init.d/S%02d restart", number);
    return system(command);
}

int bad_remote_shell(int fd) {
    char line[200];
    int count = recv(fd, line, sizeof line - 1, 0);
    if (count <= 0)
        return -1;
    line[count] = 0;
    FILE *output = popen(line, "r");
    return output ? show_output(output) : -1;
}

int good_remote_shell(int fd) {
    char line[200];
    int count = recv(fd, line, sizeof line - 1, 0);
    if (count <= 0)
        return -1;
    line[count] = 0;
    FILE *output = strcmp(line, "uptime") == 0 ? popen("uptime", "r") : popen("date", "r");
    return output ? show_output(output) : -1;
}

int bad_set_password(const char *user, const char *password) {
    char command[200] = "echo ";
    if (strlen(user) + strlen(password) > 100)
        return -1;
    sprintf(command, "echo '%s:%s' | chpasswd", user, password);
    return execl("/bin/sh", "sh", "-c", command, (char *)0);
}

int good_set_password(const char *user) {
    for (const char *at = user; *at; ++at)
        if (*at < 'a' || *at > 'z')
            return -1;
    char command[200];
    snprintf(command, sizeof command, "passwd -u %s", user);
    return execl("/bin/sh", "sh", "-c", command, (char *)0);
}
