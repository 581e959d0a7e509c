#define _GNU_SOURCE
#include "cprocesscontrol.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

struct failure {
  int stage;
  int error_number;
};

// Everything from here to exec runs in a copy of a possibly multithreaded process: only
// async-signal-safe calls.

static void fail(int report, int stage) {
  struct failure failure = {stage, errno};
  ssize_t written = write(report, &failure, sizeof failure);
  _exit(written == sizeof failure ? 127 : 126);
}

static void close_on_exec_from_three(void) {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  struct rlimit limit;  // kernels before 5.11
  int end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536
                ? (int)limit.rlim_cur
                : 65536;
  for (int descriptor = 3; descriptor < end; descriptor++) {
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
}

static void become(const struct cpc_command *command, pid_t parent, int report) {
  setsid();
  // The death signal covers the killed supervisor; the check, a supervisor killed before.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);

  // All zero is SIG_DFL. Past libc, which does not let its own two signals be touched.
  unsigned long standard[4] = {0};
  for (int number = 1; number < NSIG; number++) {
    syscall(SYS_rt_sigaction, number, standard, NULL, 8);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);

  int input = open("/dev/null", O_RDONLY);
  if (input < 0 || dup2(input, 0) < 0) fail(report, cpc_stage_outputs);
  if (dup2(command->output, 1) < 0 || dup2(command->error, 2) < 0) {
    fail(report, cpc_stage_outputs);
  }
  close_on_exec_from_three();
  if (chdir(command->directory) != 0) fail(report, cpc_stage_directory);
  execve(command->path, command->arguments, command->environment);
  fail(report, cpc_stage_exec);
}

pid_t cpc_start(const struct cpc_command *command, int *stage, int *error_number) {
  int report[2];
  pid_t parent = getpid();
  *stage = cpc_stage_fork;
  if (pipe2(report, O_CLOEXEC) != 0) {
    *error_number = errno;
    return -1;
  }
  pid_t process = fork();
  if (process == 0) become(command, parent, report[1]);
  *error_number = errno;
  close(report[1]);
  if (process < 0) {
    close(report[0]);
    return -1;
  }
  // The pipe closes when the program begins; a report in it means that it never did.
  struct failure failure;
  ssize_t count;
  do {
    count = read(report[0], &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  close(report[0]);
  if (count != sizeof failure) return process;
  waitpid(process, NULL, 0);
  *stage = failure.stage;
  *error_number = failure.error_number;
  return -1;
}

int cpc_become_subreaper(void) {
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : errno;
}

static int block_signals(sigset_t *taken) {
  sigemptyset(taken);
  sigaddset(taken, SIGCHLD);
  sigaddset(taken, SIGTERM);
  sigaddset(taken, SIGINT);
  struct sigaction hangup;
  if (sigaction(SIGHUP, NULL, &hangup) != 0 || hangup.sa_handler != SIG_IGN) {
    sigaddset(taken, SIGHUP);
  }
  signal(SIGPIPE, SIG_IGN);
  return pthread_sigmask(SIG_BLOCK, taken, NULL);
}

int cpc_block_signals(void) {
  sigset_t taken;
  return block_signals(&taken);
}

int cpc_open_signals(void) {
  sigset_t taken;
  // An ignored SIGCHLD, which survives exec, would let children vanish unreaped.
  signal(SIGCHLD, SIG_DFL);
  if (block_signals(&taken) != 0) return -1;
  return signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
}

int cpc_take_signals(int descriptor) {
  int last = 0;
  struct signalfd_siginfo taken;
  while (read(descriptor, &taken, sizeof taken) == sizeof taken) {
    if (taken.ssi_signo != SIGCHLD) last = (int)taken.ssi_signo;
  }
  return last;
}

static double seconds(struct timeval time) { return (double)time.tv_sec + time.tv_usec * 1e-6; }

struct cpc_reaped cpc_reap(void) {
  struct cpc_reaped reaped = {0};
  struct rusage usage;
  int status;
  do {
    reaped.process = wait4(-1, &status, WNOHANG, &usage);
  } while (reaped.process < 0 && errno == EINTR);
  if (reaped.process <= 0) return reaped;
  reaped.exit_status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  reaped.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  reaped.peak_resident_bytes = (int64_t)usage.ru_maxrss * 1024;
  return reaped;
}

int cpc_pipe(int *reading_end, int *writing_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  *reading_end = ends[0];
  *writing_end = ends[1];
  return cpc_set_nonblocking(ends[0]);
}

int cpc_set_nonblocking(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : errno;
}

int cpc_socket_pair(bool keeps_messages, int *one, int *other) {
  int ends[2];
  int kind = keeps_messages ? SOCK_SEQPACKET : SOCK_STREAM;
  if (socketpair(AF_UNIX, kind | SOCK_CLOEXEC, 0, ends) != 0) return errno;
  *one = ends[0];
  *other = ends[1];
  return 0;
}

pid_t cpc_spawn(
    const char *program, char *const *arguments, int input, int output, bool quiet) {
  extern char **environ;
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  int failed = posix_spawn_file_actions_init(&files);
  if (failed) return -failed;
  failed = posix_spawnattr_init(&attributes);
  if (failed) {
    posix_spawn_file_actions_destroy(&files);
    return -failed;
  }
  pid_t process = 0;
  if (!failed) {
    failed = input < 0 ? posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
                       : posix_spawn_file_actions_adddup2(&files, input, 0);
  }
  if (!failed) {
    failed = output < 0 ? posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0)
                        : posix_spawn_file_actions_adddup2(&files, output, 1);
  }
  if (!failed && quiet) {
    failed = posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  }
  if (!failed) failed = posix_spawnattr_setsigmask(&attributes, &none);
  if (!failed) failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  if (!failed) failed = posix_spawnp(&process, program, &files, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failed ? -failed : process;
}

void cpc_leave_terminal(void) { setsid(); }

void cpc_adopt_niceness(pid_t of) {
  errno = 0;
  int nice = getpriority(PRIO_PROCESS, (id_t)of);
  if (errno == 0) setpriority(PRIO_PROCESS, 0, nice);
}

pid_t cpc_fork_sibling(void) {
  // Past libc, which cannot ask for a sibling; what it would do for other threads is not needed.
  long process = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
  if (process < 0 && (errno == EINVAL || errno == ENOSYS)) {
    signal(SIGCHLD, SIG_IGN);
    process = fork();
  }
  if (process < 0) return -errno;
  if (process == 0) {
    // Standard input was the line to the server, which must close when the server ends. Its
    // number must not be free, or a pipe to an objective would get it.
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, 0) < 0) _exit(1);
    close(nothing);
  }
  return (pid_t)process;
}

int cpc_wait_for(pid_t child) {
  int status;
  pid_t reaped;
  do {
    reaped = waitpid(child, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  if (reaped < 0) return -1000;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

bool cpc_has_ended(pid_t child) {
  pid_t reaped;
  do {
    reaped = waitpid(child, NULL, WNOHANG);
  } while (reaped < 0 && errno == EINTR);
  return reaped != 0;
}

int cpc_send_descriptors(int socket, const int *descriptors, int count) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * CPC_DESCRIPTOR_LIMIT)] = {0};
  char word = 'D';
  struct iovec bytes = {&word, 1};
  if (count < 1 || count > CPC_DESCRIPTOR_LIMIT) return EINVAL;
  struct msghdr message = {
      .msg_iov = &bytes,
      .msg_iovlen = 1,
      .msg_control = control,
      .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count),
  };
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
  memcpy(CMSG_DATA(header), descriptors, sizeof(int) * (size_t)count);
  ssize_t sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

int cpc_receive_descriptors(int socket, int *descriptors) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * CPC_DESCRIPTOR_LIMIT)];
  char word;
  struct iovec bytes = {&word, 1};
  struct msghdr message = {
      .msg_iov = &bytes,
      .msg_iovlen = 1,
      .msg_control = control,
      .msg_controllen = sizeof control,
  };
  ssize_t received;
  do {
    received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  if (received == 0) return 0;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
    return -EPROTO;
  }
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  memcpy(descriptors, CMSG_DATA(header), count * sizeof(int));
  return (int)count;
}

int cpc_send_all(int socket, const void *bytes, size_t count) {
  const char *rest = bytes;
  while (count > 0) {
    ssize_t sent = send(socket, rest, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno;
    rest += sent;
    count -= (size_t)sent;
  }
  return 0;
}

ssize_t cpc_receive(int socket, void *bytes, size_t limit) {
  ssize_t count;
  do {
    count = recv(socket, bytes, limit, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  return count < 0 ? -errno : count;
}

void cpc_shut(int socket) { shutdown(socket, SHUT_RDWR); }

// The abstract namespace has no files: nothing to clean up, to forge, or to lack the rights for.
static socklen_t abstract_address(const char *name, struct sockaddr_un *address) {
  size_t length = strlen(name);
  if (length > sizeof address->sun_path - 1) length = sizeof address->sun_path - 1;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path + 1, name, length);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

int cpc_hold_name(const char *name) {
  struct sockaddr_un address;
  socklen_t length = abstract_address(name, &address);
  int holder = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (holder < 0) return -errno;
  // Listening lets others ask who holds it.
  if (bind(holder, (struct sockaddr *)&address, length) != 0 || listen(holder, 128) != 0) {
    int failed = errno;
    close(holder);
    return -failed;
  }
  return holder;
}

pid_t cpc_name_holder(const char *name) {
  struct sockaddr_un address;
  socklen_t length = abstract_address(name, &address);
  int asker = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (asker < 0) return 0;
  struct ucred holder = {0};
  socklen_t size = sizeof holder;
  if (connect(asker, (struct sockaddr *)&address, length) != 0 ||
      getsockopt(asker, SOL_SOCKET, SO_PEERCRED, &holder, &size) != 0) {
    holder.pid = 0;
  }
  close(asker);
  return holder.pid;
}
