// Lets the real xenstored run where there is no Xen: an LD_PRELOAD library that answers for the hypervisor.
// Built by XenstoredProcess.cs. In $XENSHIM_DIR:
//   evtchn         a FIFO: ports (uint32) on which an event has come, written by who plays a domain (RingBridge.cs) or Xen
//   ring.<domid>   the page that a domain shares with xenstored
//   guest.<domid>  a FIFO, if somebody plays the domain: xenstored's events for it
//   dead.<domid>   if it exists, Xen says that the domain is dying; write port 1 (VIRQ_DOM_EXC) to evtchn to let it look
//   xsd_port, xsd_kva  stand in for those of /proc/xen
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>
#include <xenctrl.h>

#define EXPORT __attribute__((visibility("default")))
#define REAL(type, name, ...) type (*real)(__VA_ARGS__) = dlsym(RTLD_NEXT, name)

static const unsigned page_size = 4096, first_port = 1000;
static int events = -1;

static void name_in_dir(char *out, size_t size, const char *file)
{
    const char *dir = getenv("XENSHIM_DIR");
    snprintf(out, size, "%s/%s", dir ? dir : ".", file);
}

static void name_of_domain(char *out, size_t size, const char *kind, uint32_t domid)
{
    char file[64];
    snprintf(file, sizeof file, "%s.%u", kind, domid);
    name_in_dir(out, size, file);
}

// xenstored opens what the kernel of a dom0 would have in /proc/xen.
static const char *redirect(const char *path, char *buffer, size_t size)
{
    REAL(int, "open64", const char *, int, ...);
    struct stat at;
    int fd;

    if (strncmp(path, "/proc/xen/", 10))
        return path;
    name_in_dir(buffer, size, path + 10);
    fd = real(buffer, O_RDWR | O_CREAT, 0600);
    if (fd >= 0) {
        if (!fstat(fd, &at) && !at.st_size) {
            if (strstr(buffer, "port")) {
                if (write(fd, "2", 1) != 1)
                    perror(buffer);
            } else if (ftruncate(fd, page_size)) {
                perror(buffer);
            }
        }
        close(fd);
    }
    return buffer;
}

#define OPEN(name)                                                                              \
    EXPORT int name(const char *path, int flags, ...)                                           \
    {                                                                                           \
        REAL(int, #name, const char *, int, ...);                                               \
        char buffer[512];                                                                       \
        va_list rest;                                                                           \
        va_start(rest, flags);                                                                  \
        int mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, int) : 0;                     \
        va_end(rest);                                                                           \
        return real(redirect(path, buffer, sizeof buffer), flags, mode);                        \
    }
OPEN(open)
OPEN(open64)

// Not as root, the limits cannot be raised; it does not matter here.
EXPORT int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    REAL(int, "setrlimit", __rlimit_resource_t, const struct rlimit *);
    real(resource, limit);
    return 0;
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    REAL(int, "mkdir", const char *, mode_t);
    return strncmp(path, "/var/run/xen", 12) ? real(path, mode) : 0;
}

// oxenstored has no setting for the place of its socket.
EXPORT int bind(int fd, const struct sockaddr *address, socklen_t size)
{
    static const char place[] = "/var/run/xenstored/";
    REAL(int, "bind", int, const struct sockaddr *, socklen_t);
    struct sockaddr_un here = { .sun_family = AF_UNIX };
    const struct sockaddr_un *asked = (const struct sockaddr_un *)address;

    if (address->sa_family != AF_UNIX || strncmp(asked->sun_path, place, sizeof place - 1))
        return real(fd, address, size);
    name_in_dir(here.sun_path, sizeof here.sun_path, asked->sun_path + sizeof place - 1);
    unlink(here.sun_path);
    return real(fd, (struct sockaddr *)&here, sizeof here);
}

// For benchmarks: with XENSHIM_RUNNING set, clients are told of every domain that it is introduced, though the server has no
// ring for it. At each write the server of 4.17 looks at each ring, a microsecond for each domain, whoever watches what.
EXPORT ssize_t write(int fd, const void *data, size_t size)
{
    static ssize_t (*real)(int, const void *, size_t);
    static int running = -1;
    static unsigned char answering[1024];    // by fd: a head of such an answer was the last that was written
    const struct xsd_sockmsg *head = data;

    if (!real) {
        real = dlsym(RTLD_NEXT, "write");
        running = getenv("XENSHIM_RUNNING") != NULL;
    }
    if (!running || fd < 0 || fd >= (int)sizeof answering)
        return real(fd, data, size);
    if (answering[fd] && size == 2 && !memcmp(data, "F", 2))
        data = "T";
    answering[fd] = size == sizeof *head && head->type == XS_IS_DOMAIN_INTRODUCED;
    return real(fd, data, size);
}

static void *ring(uint32_t domid)
{
    char path[512];
    void *page = MAP_FAILED;
    int fd;

    name_of_domain(path, sizeof path, "ring", domid);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return NULL;
    if (!ftruncate(fd, page_size))
        page = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return page == MAP_FAILED ? NULL : page;
}

static int dying(uint32_t domid)
{
    char path[512];
    name_of_domain(path, sizeof path, "dead", domid);
    return !access(path, F_OK);
}

EXPORT xc_interface *xc_interface_open(xentoollog_logger *log, xentoollog_logger *build_log, unsigned flags) { return malloc(64); }
EXPORT int xc_interface_close(xc_interface *xc) { return 0; }

EXPORT int xc_domain_getinfo(xc_interface *xc, uint32_t domid, unsigned count, xc_dominfo_t *info)
{
    memset(info, 0, sizeof *info);
    info->domid = domid;
    info->running = 1;
    info->dying = dying(domid);
    return 1;
}

EXPORT int xc_domain_getinfolist(xc_interface *xc, uint32_t domid, unsigned count, xc_domaininfo_t *info)
{
    memset(info, 0, sizeof *info);
    info->domain = domid;
    if (dying(domid))
        info->flags |= XEN_DOMINF_dying;
    return 1;
}

EXPORT void *xc_map_foreign_range(xc_interface *xc, uint32_t domid, int size, int prot, unsigned long frame) { return ring(domid); }
EXPORT void *xengnttab_open(void *log, unsigned flags) { return malloc(64); }
EXPORT int xengnttab_close(void *tab) { return 0; }
EXPORT int xengnttab_set_max_grants(void *tab, uint32_t count) { return 0; }
EXPORT void *xengnttab_map_grant_ref(void *tab, uint32_t domid, uint32_t ref, int prot) { return ring(domid); }
EXPORT int xengnttab_unmap(void *tab, void *page, uint32_t count) { return munmap(page, (size_t)page_size * count); }

EXPORT void *xenevtchn_open(void *log, unsigned flags)
{
    char path[512];
    name_in_dir(path, sizeof path, "evtchn");
    mkfifo(path, 0600);
    events = open(path, O_RDWR | O_CLOEXEC);
    return events < 0 ? NULL : malloc(64);
}

EXPORT void *xenevtchn_fdopen(void *log, int fd, unsigned flags) { events = fd; return malloc(64); }
EXPORT int xenevtchn_close(void *handle) { return 0; }
EXPORT int xenevtchn_fd(void *handle) { return events; }
EXPORT int xenevtchn_unmask(void *handle, uint32_t port) { return 0; }
EXPORT int xenevtchn_unbind(void *handle, uint32_t port) { return 0; }
EXPORT int xenevtchn_bind_virq(void *handle, unsigned virq) { return 1; }
EXPORT int xenevtchn_bind_interdomain(void *handle, uint32_t domid, uint32_t remote) { return first_port + domid; }

EXPORT int xenevtchn_pending(void *handle)
{
    uint32_t port;
    return read(events, &port, sizeof port) == sizeof port ? (int)port : -1;
}

EXPORT int xenevtchn_notify(void *handle, uint32_t port)
{
    char path[512];
    int fd;

    name_of_domain(path, sizeof path, "guest", port - first_port);
    fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        if (write(fd, &port, sizeof port) != sizeof port && errno != EAGAIN)
            perror(path);
        close(fd);
    }
    return 0;
}
