#define _GNU_SOURCE
#include "cprocesscontrol.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
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
  if (command->set_nice) setpriority(PRIO_PROCESS, 0, command->nice);  // as far as allowed

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

int cpc_open_signals(void) {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGCHLD);
  sigaddset(&taken, SIGTERM);
  sigaddset(&taken, SIGINT);
  sigaddset(&taken, SIGHUP);
  // An ignored SIGCHLD, which survives exec, would let children vanish unreaped.
  signal(SIGCHLD, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  if (pthread_sigmask(SIG_BLOCK, &taken, NULL) != 0) return -1;
  return signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
}

bool cpc_take_signals(int descriptor) {
  bool should_end = false;
  struct signalfd_siginfo taken;
  while (read(descriptor, &taken, sizeof taken) == sizeof taken) {
    if (taken.ssi_signo != SIGCHLD) should_end = true;
  }
  return should_end;
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
