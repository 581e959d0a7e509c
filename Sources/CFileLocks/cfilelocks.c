#define _GNU_SOURCE
#include "cfilelocks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static struct flock range(short type, int64_t start, int64_t count) {
  return (struct flock){
      .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = count, .l_pid = 0};
}

int cairn_lock(int descriptor, int64_t start, int64_t count, int waits) {
  struct flock lock = range(F_WRLCK, start, count);
  while (fcntl(descriptor, waits ? F_OFD_SETLKW : F_OFD_SETLK, &lock) < 0) {
    if (errno == EINTR) continue;
    return errno == EACCES ? -EAGAIN : -errno;
  }
  return 0;
}

int cairn_unlock(int descriptor, int64_t start, int64_t count) {
  struct flock lock = range(F_UNLCK, start, count);
  while (fcntl(descriptor, F_OFD_SETLK, &lock) < 0) {
    if (errno != EINTR) return -errno;
  }
  return 0;
}

int cairn_probe(int descriptor, int64_t start, int64_t count) {
  struct flock lock = range(F_WRLCK, start, count);
  while (fcntl(descriptor, F_OFD_GETLK, &lock) < 0) {
    if (errno != EINTR) return -errno;
  }
  return lock.l_type != F_UNLCK;
}

int cairn_reserve(int descriptor, int64_t start, int64_t count) {
  while (fallocate(descriptor, FALLOC_FL_KEEP_SIZE, start, count) < 0) {
    if (errno != EINTR) return -errno;
  }
  return 0;
}

void cairn_ignore_file_size_signal(void) { signal(SIGXFSZ, SIG_IGN); }
