/* Disks that fail, fill up, are slow or say nothing, and clocks that jump: preloaded into a bidder under test.

   A page of 64-bit cells, shared with the test (`faults.py` has the same layout), tells what is to go wrong right now.
   Whoever waits for a slow disk looks at the page again and again, so that a test can end a wait that has no end. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { CELLS = 64, CLOCK = 0, FIRST_TARGET = 8, TARGET_CELLS = 8 };
enum { WRITE_ERROR, SYNC_ERROR, WRITE_DELAY_MS, SYNC_DELAY_MS, WRITES_HIT, SYNCS_HIT };
enum { WRITE = 0, SYNC = 1 };

static volatile int64_t *page;

__attribute__((constructor)) static void map_page(void) {
    const char *path = getenv("FAULTS_PAGE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *found = mmap(NULL, CELLS * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (found != MAP_FAILED) page = found;
}

static int ends_with(const char *text, const char *end) {
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* The cells of what a descriptor leads to; NULL for files that nothing happens to. */
static volatile int64_t *target_of(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return NULL;
    path[length] = 0;
    int target = ends_with(path, "/ledger.db-wal") ? 0 : ends_with(path, "/ledger.db") ? 1 : strstr(path, "/segments/") ? 2 : -1;
    return target < 0 ? NULL : page + FIRST_TARGET + target * TARGET_CELLS;
}

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether the call fails, after the wait that is asked for; `errno` says how. */
static int goes_wrong(int fd, int call) {
    int kept = errno;
    volatile int64_t *cells = page ? target_of(fd) : NULL;
    errno = kept;
    if (!cells) return 0;
    if (cells[WRITE_ERROR + call] || cells[WRITE_DELAY_MS + call])
        __atomic_fetch_add(&cells[WRITES_HIT + call], 1, __ATOMIC_RELAXED);
    int64_t begin_ms = monotonic_ms();
    while (monotonic_ms() - begin_ms < cells[WRITE_DELAY_MS + call]) usleep(5000);
    int64_t error = cells[WRITE_ERROR + call];
    errno = error ? (int)error : kept;
    return error != 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
    return goes_wrong(fd, WRITE) ? -1 : REAL(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    return goes_wrong(fd, WRITE) ? -1 : REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    return goes_wrong(fd, WRITE) ? -1 : REAL(pwrite64)(fd, data, size, at);
}

int fsync(int fd) { return goes_wrong(fd, SYNC) ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return goes_wrong(fd, SYNC) ? -1 : REAL(fdatasync)(fd); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    static __typeof__(&clock_gettime) real;
    if (!real) real = REAL(clock_gettime);
    int code = real(clock, now);
    if (code == 0 && page && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += page[CLOCK];
    return code;
}

int gettimeofday(struct timeval *now, void *zone) {
    int code = REAL(gettimeofday)(now, zone);
    if (code == 0 && page) now->tv_sec += page[CLOCK];
    return code;
}

time_t time(time_t *into) {
    time_t now = REAL(time)(NULL) + (page ? page[CLOCK] : 0);
    if (into) *into = now;
    return now;
}
