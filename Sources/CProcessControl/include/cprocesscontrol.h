// Process control calls that Swift's Glibc lacks, or that must happen between fork and exec.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// What is being done to a new process before it becomes the program.
enum cpc_stage {
  cpc_stage_fork = 1,
  cpc_stage_outputs = 2,
  cpc_stage_directory = 3,
  cpc_stage_exec = 4,
};

struct cpc_command {
  const char *_Nonnull path;
  char *_Nullable const *_Nonnull arguments;
  char *_Nullable const *_Nonnull environment;
  const char *_Nonnull directory;
  int output;       // becomes its standard output
  int error;        // becomes its standard error
  bool set_nice;
  int nice;
};

// Starts a command as the leader of a new session and process group, reading from /dev/null,
// with no signal blocked or ignored and no other descriptor open. It is killed when the calling
// thread ends.
//
// Returns its process number; -1 with *stage and *error_number set when it could not become the
// program.
pid_t cpc_start(
    const struct cpc_command *_Nonnull command, int *_Nonnull stage, int *_Nonnull error_number);

// Descendants whose parents end become children of the calling process. 0, or an errno.
int cpc_become_subreaper(void);

// Blocks SIGCHLD, SIGTERM, SIGINT and SIGHUP, ignores SIGPIPE, and returns a descriptor from
// which the blocked ones are read; -1 on failure.
int cpc_open_signals(void);

// Takes what signals have come; returns whether one of them asks to end (any but SIGCHLD).
bool cpc_take_signals(int descriptor);

struct cpc_reaped {
  pid_t process;               // 0: some are running; -1: there are no children
  int32_t exit_status;         // exit status, or -signal
  double cpu_seconds;          // its own, and that of the descendants it waited for
  int64_t peak_resident_bytes; // of the largest among them
};

// Reaps one ended child, if there is one.
struct cpc_reaped cpc_reap(void);

// A pipe that no new program inherits, its reading end non-blocking. 0, or an errno.
int cpc_pipe(int *_Nonnull reading_end, int *_Nonnull writing_end);

// 0, or an errno.
int cpc_set_nonblocking(int descriptor);
