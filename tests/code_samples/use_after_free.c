/* Memory used, or freed again, after it was freed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client {
    int fd;
    char *name;
    struct client *next;
};

extern int close_client(int fd);
extern int parse_request(const char *text);
extern void count_error(int code);

int bad_drop_client(struct client *client) {
    free(client->name);
    free(client);
    return close_client(client->fd);
}

int good_drop_client(struct client *client) {
    int fd = client->fd;
    free(client->name);
    free(client);
    return close_client(fd);
}

int bad_request(const char *text) {
    char *copy = strdup(text);
    if (!copy)
        return -1;
    int result = parse_request(copy);
    if (result < 0) {
        count_error(result);
        free(copy);
    }
    printf("request %s gave %d\n", copy, result);
    free(copy);
    return result;
}

int good_request(const char *text) {
    char *copy = strdup(text);
    if (!copy)
        return -1;
    int result = parse_request(copy);
    if (result < 0) {
        count_error(result);
        free(copy);
        return result;
    }
    printf("request %s gave %d\n", copy, result);
    free(copy);
    return result;
}

void bad_clear_list(struct client *list) {
    while (list) {
        free(list->name);
        free(list);
        list = list->next;
    }
}

void good_clear_list(struct client *list) {
    while (list) {
        struct client *next = list->next;
        free(list->name);
        free(list);
        list = next;
    }
}

void bad_rename(struct client *client, const char *name) {
    free(client->name);
    if (strlen(name) < 32)
        strcpy(client->name, name);
}

void good_rename(struct client *client, const char *name) {
    free(client->name);
    client->name = strdup(name);
    if (client->name && strlen(name) < 32)
        strcpy(client->name, name);
}

int bad_twice(int kind) {
    char *buffer = malloc(100);
    if (!buffer)
        return -1;
    int result = parse_request(buffer);
    if (kind == 3)
        free(buffer);
    count_error(result);
    free(buffer);
    return result;
}

int good_twice(int kind) {
    char *buffer = malloc(100);
    if (!buffer)
        return -1;
    int result = parse_request(buffer);
    if (kind == 3) {
        free(buffer);
        buffer = NULL;
    }
    count_error(result);
    free(buffer);
    return result;
}
