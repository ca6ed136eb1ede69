/* The peer: the same work by libxenstore, one request at a time, as it is made to be used. Prints one figure.
 *   libxenstore read|write N    requests a second
 *   libxenstore irrelevant N    writes a second below a domain's home, where nobody asks anything
 *   libxenstore names           ms to list /local/domain and to read each name
 *   libxenstore watch N         p50 and p99 of write → event, in µs
 * gcc -O2 -pthread libxenstore.c -lxenstore; the server is at $XENSTORED_PATH. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xenstore.h>

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

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void requests(struct xs_handle *xs, int write, int count)
{
    unsigned int length;
    for (int i = 0; i < count; i++) {
        if (write) {
            if (!xs_write(xs, XBT_NULL, "/bench/node", "0123456789", 10)) die("xs_write");
        } else {
            char *value = xs_read(xs, XBT_NULL, "/bench/node", &length);
            if (!value) die("xs_read");
            free(value);
        }
    }
}

static void irrelevant(struct xs_handle *xs, int count)
{
    for (int i = 0; i < count; i++)
        if (!xs_write(xs, XBT_NULL, "/local/domain/0/data/meminfo", "0123456789", 10)) die("xs_write");
}

static void names(struct xs_handle *xs)
{
    unsigned int count, length;
    char path[128];
    char **domains = xs_directory(xs, XBT_NULL, "/local/domain", &count);
    if (!domains) die("xs_directory");
    for (unsigned int i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "/local/domain/%s/name", domains[i]);
        char *name = xs_read(xs, XBT_NULL, path, &length);
        if (!name) die(path);
        free(name);
    }
    free(domains);
}

static volatile double came;
static sem_t event;

static void *listen_for_events(void *xs)
{
    unsigned int length;
    char **what;
    while ((what = xs_read_watch(xs, &length))) {
        came = now();
        free(what);
        sem_post(&event);
    }
    return NULL;
}

static void watch(struct xs_handle *xs, int count)
{
    struct xs_handle *writer = xs_open(0);
    double *took = calloc(count, sizeof(*took));
    pthread_t listener;
    if (!writer || !took || sem_init(&event, 0, 0) || !xs_watch(xs, "/bench/node", "t")) die("xs_watch");
    if (pthread_create(&listener, NULL, listen_for_events, xs)) die("pthread_create");
    sem_wait(&event);
    for (int i = -count / 10; i < count; i++) {
        double start = now();
        if (!xs_write(writer, XBT_NULL, "/bench/node", "0123456789", 10)) die("xs_write");
        sem_wait(&event);
        if (i >= 0) took[i] = came - start;
    }
    qsort(took, count, sizeof(*took), ascending);
    printf("%.1f %.1f\n", took[count / 2] * 1e6, took[count - 1 - count / 100] * 1e6);
    exit(0);
}

int main(int argc, char **argv)
{
    struct xs_handle *xs = xs_open(0);
    int count = argc > 2 ? atoi(argv[2]) : 0;
    double start;
    if (!xs || argc < 2) die("xs_open");
    if (!strcmp(argv[1], "watch")) {
        watch(xs, count);
    } else if (!strcmp(argv[1], "names")) {
        names(xs);
        start = now();
        names(xs);
        printf("%.3f\n", (now() - start) * 1e3);
    } else if (!strcmp(argv[1], "irrelevant")) {
        irrelevant(xs, count / 10);
        start = now();
        irrelevant(xs, count);
        printf("%.0f\n", count / (now() - start));
    } else {
        requests(xs, argv[1][0] == 'w', count / 10);
        start = now();
        requests(xs, argv[1][0] == 'w', count);
        printf("%.0f\n", count / (now() - start));
    }
    xs_close(xs);
    return 0;
}
