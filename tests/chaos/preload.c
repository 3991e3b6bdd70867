/* For LD_PRELOAD: a wall clock that is wrong and a disk that is slow, both set by files that a test can change.

   CHAOS_CLOCK names a file with the number of seconds that the wall clock is off. Monotonic clocks are not changed.
   CHAOS_DISK names a file with two numbers: the speed of write() and that of pwrite(), in KiB a second; 0 is full speed.
   Only regular files are slow. SQLite writes with pwrite(), exports and uploads are written with write(). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int read_setting(const char *name, char *text, size_t size) {
    const char *path = getenv(name);
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    ssize_t length = read(file, text, size - 1);
    close(file);
    text[length > 0 ? length : 0] = 0;
    return length > 0;
}

static long offset(void) {
    char text[32];
    return read_setting("CHAOS_CLOCK", text, sizeof text) ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    long result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
    return (int)result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

/* The kernel knows nothing of our clock: give it the deadline in its own. */
int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    static int (*real)(sem_t *, const struct timespec *);
    if (!real) real = (int (*)(sem_t *, const struct timespec *))dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec deadline = *until;
    deadline.tv_sec -= offset();
    return real(semaphore, &deadline);
}

/* Sleep as long as a slow disk would need for `bytes`. */
static void be_slow(int file, size_t bytes, int is_positioned) {
    char text[64];
    long speeds[2] = {0, 0};
    struct stat about;
    if (fstat(file, &about) || !S_ISREG(about.st_mode)) return;
    if (!read_setting("CHAOS_DISK", text, sizeof text)) return;
    sscanf(text, "%ld %ld", &speeds[0], &speeds[1]);
    long speed = speeds[is_positioned];
    if (speed <= 0) return;
    double seconds = (double)bytes / (1024.0 * (double)speed);
    struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&pause, NULL);
}

ssize_t write(int file, const void *data, size_t size) {
    be_slow(file, size, 0);
    return syscall(SYS_write, file, data, size);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t position) {
    be_slow(file, size, 1);
    return syscall(SYS_pwrite64, file, data, size, position);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t position) {
    return pwrite64(file, data, size, position);
}
