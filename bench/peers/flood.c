/* Guests that write into their request keys as fast as xenstored takes it, each on its own ring: no library, no mercy.
 *   flood FIRST COUNT SECONDS
 * $XENSHIM_DIR has the rings (xenshim.c). Prints the requests that were answered, a second. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

static const char *const words[] = {
    "new", "new raw 64", "new 1", "send work-0", "send personal-0", "send nobody", "send ../../etc/passwd", "send disposable 7",
    "send disposable 99999999999", "cancel", "umount", "umount ok", "killme", "", "\x1b[2J\x07", "format c:", "new new new new",
    "sennnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnd",
};
static uint32_t state = 20261127;    /* the same flood every time */

static uint32_t number(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int fill(char *message)
{
    static const char key[] = "device/qpen";
    uint32_t kind = number() % 64;
    /* No XS_RM: what comes after it fails at little cost, until somebody makes the key again, which in the control is nobody. */
    struct xsd_sockmsg head = { .type = kind == 0 ? XS_MKDIR : XS_WRITE };
    char *body = message + sizeof(head);
    if (head.type == XS_MKDIR) head.len = 1 + sprintf(body, "%s/child%u", key, number() % 8);
    else head.len = 1 + sprintf(body, "%s", key);
    if (head.type == XS_WRITE) {
        const char *word = words[number() % (sizeof(words) / sizeof(*words))];
        memcpy(body + head.len, word, strlen(word));
        head.len += strlen(word);
    }
    memcpy(message, &head, sizeof(head));
    return sizeof(head) + head.len;
}

int main(int argc, char **argv)
{
    if (argc < 4) return 2;
    int first = atoi(argv[1]), count = atoi(argv[2]);
    double until = now() + atof(argv[3]), start = now();
    struct xenstore_domain_interface **rings = calloc(count, sizeof(*rings));
    char path[512], message[1024];
    long answered = 0;
    snprintf(path, sizeof(path), "%s/evtchn", getenv("XENSHIM_DIR"));
    int events = open(path, O_WRONLY | O_NONBLOCK);
    if (events < 0) return perror(path), 1;
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/ring.%d", getenv("XENSHIM_DIR"), first + i);
        int fd = open(path, O_RDWR);
        if (fd < 0) return perror(path), 1;
        rings[i] = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
    }
    while (now() < until) {
        int moved = 0;
        for (int i = 0; i < count; i++) {
            volatile struct xenstore_domain_interface *ring = rings[i];
            uint32_t here = ring->rsp_prod - ring->rsp_cons;
            if (here) {
                ring->rsp_cons += here;    /* what it says does not matter */
                answered++;
            }
            if (ring->req_prod != ring->req_cons) continue;    /* one at a time */
            int length = fill(message);
            for (int at = 0; at < length; at++) ring->req[MASK_XENSTORE_IDX(ring->req_prod + at)] = message[at];
            __sync_synchronize();
            ring->req_prod += length;
            uint32_t port = 1000 + first + i;
            if (write(events, &port, sizeof(port)) != sizeof(port) && errno != EAGAIN) return perror("evtchn"), 1;
            moved = 1;
        }
        if (!moved) usleep(50);
    }
    printf("%.0f\n", answered / (now() - start));
    return 0;
}
