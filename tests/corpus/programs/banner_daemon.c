/* A stand-in for a network daemon of the corpus images. BANNER is what a real program of that name and version carries in its
 * read-only data; nothing else of that program is in here. Built twice: with every hardening option, and with none (-DCARELESS),
 * where it also calls functions that cannot be used safely. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char banner[] __attribute__((used)) = BANNER;

#ifdef CARELESS
char *gets(char *line);

int answer(const char *request) {
    char line[64];
    char command[96];
    strcpy(line, request);
    sprintf(command, "logger %s", line);
    if (gets(line) == NULL)
        return 1;
    return system(command);
}
#else
int answer(const char *request) {
    char line[64];
    if (fgets(line, sizeof line, stdin) == NULL)
        return 1;
    volatile size_t limit = sizeof line; /* not known to the compiler, so that FORTIFY's check stays in */
    snprintf(line, limit, "%s", request);
    memset(line + 8, 0, atoi(line) & 31);
    return fputs(line, stdout);
}
#endif

int main(int count, char **arguments) {
    puts(banner);
    return count > 1 ? answer(arguments[1]) : 0;
}
