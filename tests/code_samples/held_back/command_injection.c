#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <ctype.h>
#include <errno.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <arpa/inet.h>

extern void cgi_print(const char *text);
extern int log_event(int code);

/* ---- 1: ping page ---- */
int bad_cgi_ping(void) {
	char cmd[256], line[256];
	char *qs = getenv("QUERY_STRING");
	char *host;
	FILE *p;

	if (!qs || !(host = strstr(qs, "host=")))
		return 400;
	snprintf(cmd, sizeof cmd, "ping -c 3 %s 2>&1", host + 5);
	p = popen(cmd, "r");
	if (!p)
		return 500;
	while (fgets(line, sizeof line, p))
		cgi_print(line);
	pclose(p);
	return 200;
}

int good_cgi_ping(void) {
	char cmd[256], line[256], dotted[INET_ADDRSTRLEN];
	char *qs = getenv("QUERY_STRING");
	char *host;
	struct in_addr a;
	FILE *p;

	if (!qs || !(host = strstr(qs, "host=")))
		return 400;
	host += 5;
	if (inet_pton(AF_INET, host, &a) != 1)
		return 400;
	inet_ntop(AF_INET, &a, dotted, sizeof dotted);
	snprintf(cmd, sizeof cmd, "ping -c 3 %s 2>&1", dotted);
	p = popen(cmd, "r");
	if (!p)
		return 500;
	while (fgets(line, sizeof line, p))
		cgi_print(line);
	pclose(p);
	return 200;
}

/* ---- 2: set time from a socket message ---- */
int bad_time_set(int sock) {
	char msg[64], cmd[128];
	ssize_t n = recv(sock, msg, sizeof msg - 1, 0);

	if (n <= 0)
		return -1;
	msg[n] = '\0';
	strcpy(cmd, "date -s ");
	strcat(cmd, msg);
	return system(cmd);
}

int good_time_set(int sock) {
	char msg[64], cmd[128];
	ssize_t n = recv(sock, msg, sizeof msg - 1, 0);
	long t;
	char *end;

	if (n <= 0)
		return -1;
	msg[n] = '\0';
	errno = 0;
	t = strtol(msg, &end, 10);
	if (errno || end == msg || t < 0)
		return -1;
	snprintf(cmd, sizeof cmd, "date -s @%ld", t);
	return system(cmd);
}

/* ---- 3: useradd ---- */
int bad_user_add(const char *name, const char *group) {
	char *cmd = NULL;
	int rc;

	if (strlen(name) > 32)
		return -1;
	if (asprintf(&cmd, "/usr/sbin/adduser -D -G %s '%s'", group, name) < 0)
		return -1;
	rc = system(cmd);
	free(cmd);
	return WEXITSTATUS(rc);
}

int good_user_add(const char *name, const char *group) {
	int rc;
	pid_t pid;

	if (strlen(name) > 32 || name[0] == '-' || group[0] == '-')
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		char *argv[] = { "adduser", "-D", "-G", (char *)group, (char *)name, NULL };

		execv("/usr/sbin/adduser", argv);
		_exit(127);
	}
	if (waitpid(pid, &rc, 0) < 0)
		return -1;
	return WEXITSTATUS(rc);
}

/* ---- 4: service control ---- */
int bad_service_ctl(const char *action) {
	char line[80];

	if (action == NULL || strlen(action) > 40)
		return -EINVAL;
	sprintf(line, "/etc/init.d/rtspd %s >/dev/null", action);
	return system(line) == 0 ? 0 : -EIO;
}

int good_service_ctl(const char *action) {
	static const char *const known[] = { "start", "stop", "restart", "reload" };
	char line[80];
	unsigned i;

	if (action == NULL)
		return -EINVAL;
	for (i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(action, known[i]) == 0)
			break;
	if (i == sizeof known / sizeof known[0])
		return -EINVAL;
	sprintf(line, "/etc/init.d/rtspd %s >/dev/null", known[i]);
	return system(line) == 0 ? 0 : -EIO;
}

/* ---- 5: hostname in a config file ---- */
int bad_hostname_apply(const char *cfg) {
	char line[128], cmd[160];
	FILE *f = fopen(cfg, "r");
	int rc = -1;

	if (!f)
		return -1;
	while (fgets(line, sizeof line, f)) {
		if (strncmp(line, "hostname=", 9))
			continue;
		line[strcspn(line, "\n")] = 0;
		snprintf(cmd, sizeof cmd, "hostname %s", line + 9);
		rc = system(cmd);
		break;
	}
	fclose(f);
	return rc;
}

int good_hostname_apply(const char *cfg) {
	char line[128], cmd[160];
	const unsigned char *c;
	FILE *f = fopen(cfg, "r");
	int rc = -1;

	if (!f)
		return -1;
	while (fgets(line, sizeof line, f)) {
		if (strncmp(line, "hostname=", 9))
			continue;
		line[strcspn(line, "\n")] = 0;
		for (c = (unsigned char *)line + 9; *c; c++)
			if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			      (*c >= '0' && *c <= '9') || *c == '.'))
				goto out;
		snprintf(cmd, sizeof cmd, "hostname %s", line + 9);
		rc = system(cmd);
		break;
	}
out:
	fclose(f);
	return rc;
}

/* ---- 6: exec of sh -c ---- */
int bad_script_run(int fd) {
	char req[200];
	int st, n;
	pid_t pid;

	n = read(fd, req, sizeof req - 1);
	if (n < 1)
		return -1;
	req[n] = 0;
	pid = vfork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", req, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &st, 0) < 0)
		return -1;
	return st;
}

int good_script_run(int fd) {
	char req[200];
	const char *script;
	int st, n;
	pid_t pid;

	n = read(fd, req, sizeof req - 1);
	if (n < 1)
		return -1;
	req[n] = 0;
	switch (req[0]) {
	case 'B':
		script = "/etc/scripts/backup.sh";
		break;
	case 'R':
		script = "/etc/scripts/restore.sh && sync";
		break;
	default:
		return -1;
	}
	pid = vfork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &st, 0) < 0)
		return -1;
	return st;
}

/* ---- 7: wifi key, incomplete quoting ---- */
static inline int is_hex_key(const char *s)
{
	size_t n = strspn(s, "0123456789abcdefABCDEF");

	return s[n] == '\0' && (n == 10 || n == 26 || n == 64);
}

int bad_wifi_key(void) {
	char cmd[256];
	const char *key = getenv("FORM_wpakey");

	if (!key || strlen(key) < 8 || strlen(key) > 64)
		return -1;
	snprintf(cmd, sizeof(cmd), "iwpriv ra0 set WPAPSK=\"%s\"", key);
	if (system(cmd) != 0)
		return -1;
	return log_event(12);
}

int good_wifi_key(void) {
	char cmd[256];
	const char *key = getenv("FORM_wpakey");

	if (!key || !is_hex_key(key))
		return -1;
	snprintf(cmd, sizeof(cmd), "iwpriv ra0 set WPAPSK=\"%s\"", key);
	if (system(cmd) != 0)
		return -1;
	return log_event(12);
}

/* ---- 8: TFTP upgrade: two arguments ---- */
int bad_tftp_upgrade(int argc, char **argv) {
	char cmd[300];

	if (argc < 3) {
		fprintf(stderr, "usage: %s server file\n", argv[0]);
		return 2;
	}
	snprintf(cmd, sizeof cmd, "cd /tmp && tftp -g -r %s %s && fwup /tmp/%s",
		 argv[2], argv[1], argv[2]);
	if (system(cmd)) {
		perror("tftp");
		return 1;
	}
	return 0;
}

int good_tftp_upgrade(int argc, char **argv) {
	static const char ok[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
	char cmd[300];
	int i;

	if (argc < 3) {
		fprintf(stderr, "usage: %s server file\n", argv[0]);
		return 2;
	}
	for (i = 1; i <= 2; i++) {
		if (argv[i][0] == '\0' || argv[i][strspn(argv[i], ok)] != '\0') {
			fprintf(stderr, "bad argument\n");
			return 2;
		}
	}
	snprintf(cmd, sizeof cmd, "cd /tmp && tftp -g -r %s %s && fwup /tmp/%s",
		 argv[2], argv[1], argv[2]);
	if (system(cmd)) {
		perror("tftp");
		return 1;
	}
	return 0;
}

/* ---- 9: port forwarding: number vs text ---- */
int bad_portfwd_add(const char *body) {
	char port[32], cmd[200];
	const char *p = strstr(body, "\"port\":");

	if (!p)
		return -1;
	if (sscanf(p + 7, " \"%31[^\"]\"", port) != 1)
		return -1;
	snprintf(cmd, sizeof cmd,
		 "iptables -t nat -A PREROUTING -p tcp --dport %s -j DNAT --to 192.168.1.2", port);
	return system(cmd);
}

int good_portfwd_add(const char *body) {
	char cmd[200];
	unsigned port;
	const char *p = strstr(body, "\"port\":");

	if (!p)
		return -1;
	if (sscanf(p + 7, " \"%u", &port) != 1 || port == 0 || port > 65535)
		return -1;
	snprintf(cmd, sizeof cmd,
		 "iptables -t nat -A PREROUTING -p tcp --dport %u -j DNAT --to 192.168.1.2", port);
	return system(cmd);
}

/* ---- 10: mail alert through a pipe ---- */
int bad_mail_alert(FILE *req) {
	char to[128], cmd[192];
	FILE *mp;

	if (!fgets(to, sizeof to, req))
		return -1;
	to[strcspn(to, "\r\n")] = '\0';
	if (!strchr(to, '@'))
		return -1;
	snprintf(cmd, sizeof cmd, "/usr/bin/mail -s Alarm %s", to);
	mp = popen(cmd, "w");
	if (!mp)
		return -1;
	fputs("Motion detected\n", mp);
	return pclose(mp);
}

int good_mail_alert(FILE *req) {
	char to[128];
	FILE *mp;

	if (!fgets(to, sizeof to, req))
		return -1;
	to[strcspn(to, "\r\n")] = '\0';
	if (!strchr(to, '@'))
		return -1;
	mp = popen("/usr/sbin/sendmail -t", "w");
	if (!mp)
		return -1;
	fprintf(mp, "To: %s\nSubject: Alarm\n\nMotion detected\n", to);
	return pclose(mp);
}
