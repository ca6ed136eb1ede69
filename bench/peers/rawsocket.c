/* What the wire can carry: requests on a plain socket, so many in flight, no library. Prints requests a second.
 *   rawsocket read|write N DEPTH
 * gcc -O2 rawsocket.c; the server is at $XENSTORED_PATH. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void run(int fd, uint32_t type, const char *payload, uint32_t length, int count, int depth)
{
    static char out[1 << 20], in[1 << 20];
    size_t have = 0;
    int sent = 0, answered = 0;
    while (answered < count) {
        char *to = out;
        for (; sent < count && sent - answered < depth; sent++) {
            struct xsd_sockmsg head = { type, sent + 1, 0, length };
            memcpy(to, &head, sizeof(head));
            memcpy(to + sizeof(head), payload, length);
            to += sizeof(head) + length;
        }
        for (char *from = out; from < to;) {
            ssize_t bytes = write(fd, from, to - from);
            if (bytes <= 0) die("write");
            from += bytes;
        }
        ssize_t bytes = read(fd, in + have, sizeof(in) - have);
        if (bytes <= 0) die("read");
        have += bytes;
        size_t at = 0;
        while (have - at >= sizeof(struct xsd_sockmsg)) {
            struct xsd_sockmsg head;
            memcpy(&head, in + at, sizeof(head));
            if (have - at < sizeof(head) + head.len) break;
            if (head.type != type || head.req_id != (uint32_t)answered + 1) die("answer");
            at += sizeof(head) + head.len;
            answered++;
        }
        memmove(in, in + at, have - at);
        have -= at;
    }
}

int main(int argc, char **argv)
{
    static const char get[] = "/bench/node", put[] = "/bench/node\0" "0123456789";
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    if (argc < 4) return 2;
    int writing = argv[1][0] == 'w', count = atoi(argv[2]), depth = atoi(argv[3]);
    uint32_t type = writing ? XS_WRITE : XS_READ, length = writing ? sizeof(put) - 1 : sizeof(get);
    snprintf(to.sun_path, sizeof(to.sun_path), "%s", getenv("XENSTORED_PATH"));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to))) die("connect");
    run(fd, type, writing ? put : get, length, count / 10, depth);
    double start = now();
    run(fd, type, writing ? put : get, length, count, depth);
    printf("%.0f\n", count / (now() - start));
    return 0;
}
