/* Makes system calls of a process fail (LD_PRELOAD). The file that $FAULT_FILE names says how, read at every call: one line
 * "CALL ERRNO PART". CALL: write, fsync, rename, or short: a write takes half of its bytes and the next one fails, then again,
 * so that Node, which repeats short writes itself, returns a short count. PART: of the path that is hit; with a $ at its end, the end of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>

static FILE *(*real_open)(const char *, const char *);

/* 0 when `call` on `path` is to succeed, else the errno that it fails with. */
static int fault(const char *call, const char *path) {
  char wanted[16], part[256];
  int number = 0, read;
  const char *name = getenv("FAULT_FILE");
  if (!real_open) real_open = dlsym(RTLD_NEXT, "fopen");
  FILE *file = name ? real_open(name, "r") : NULL;
  if (!file) return 0;
  read = fscanf(file, "%15s %d %255s", wanted, &number, part);
  fclose(file);
  if (read != 3 || strcmp(wanted, call)) return 0;
  size_t length = strlen(part), whole = strlen(path);
  if (part[length - 1] != '$') return strstr(path, part) ? number : 0;
  return whole >= --length && !strncmp(path + whole - length, part, length) ? number : 0;
}

static int fd_fault(const char *call, int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  extern ssize_t readlink(const char *, char *, size_t);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fault(call, path);
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)
#define FAIL(number) do { errno = (number); return -1; } while (0)

/* How many bytes of `count` a write to `fd` takes, or -1 with errno set. */
static ssize_t taken(int fd, size_t count) {
  static int was_short;
  int number = fd > 2 ? fd_fault("write", fd) : 0;
  if (number) FAIL(number);
  number = fd > 2 ? fd_fault("short", fd) : 0;
  if (!number) return count;
  if (was_short) {
    was_short = 0;
    FAIL(number);
  }
  was_short = count > 1;
  return count > 1 ? count / 2 : count;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  REAL(ssize_t, "write", int, const void *, size_t);
  ssize_t size = taken(fd, count);
  return size < 0 ? size : real(fd, bytes, size);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  ssize_t size = taken(fd, count);
  return size < 0 ? size : real(fd, bytes, size, at);
}

/* Several parts at once count as one each. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  ssize_t size = taken(fd, count);
  return size < 0 ? size : real(fd, parts, size);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  REAL(ssize_t, "pwritev64", int, const struct iovec *, int, off64_t);
  ssize_t size = taken(fd, count);
  return size < 0 ? size : real(fd, parts, size, at);
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  int number = fd_fault("fsync", fd);
  if (number) FAIL(number);
  return real(fd);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  int number = fd_fault("fsync", fd);
  if (number) FAIL(number);
  return real(fd);
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  int number = fault("rename", from);
  if (number) FAIL(number);
  return real(from, to);
}
