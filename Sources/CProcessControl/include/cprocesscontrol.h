// Process control calls that Swift's Glibc lacks, or that must happen between fork and exec.
#pragma once

#include <stdbool.h>
#include <stddef.h>
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

// Blocks SIGCHLD, SIGTERM, SIGINT and SIGHUP (the last not where it is ignored: that is nohup's
// wish) and ignores SIGPIPE. 0, or an errno.
int cpc_block_signals(void);

// The same, and a descriptor from which the blocked ones are read; -1 on failure.
int cpc_open_signals(void);

// Takes what signals have come; returns the last of them that asks to end (any but SIGCHLD), or 0.
int cpc_take_signals(int descriptor);

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

// Two connected sockets that no new program inherits: a stream of bytes, or of whole messages. 0,
// or an errno.
int cpc_socket_pair(bool keeps_messages, int *_Nonnull one, int *_Nonnull other);

// Starts a program, which may be a name to be looked for in PATH. Its standard input and output
// are these descriptors (-1: /dev/null); its standard error is inherited, or /dev/null when
// `quiet`; no signal is blocked. Returns its process number, or -errno.
pid_t cpc_spawn(
    const char *_Nonnull program, char *_Nullable const *_Nonnull arguments, int input, int output,
    bool quiet);

// Makes the calling process the leader of a session without a terminal.
void cpc_leave_terminal(void);

// Makes the calling process as nice as the main thread of another, as far as the system allows:
// the thread that started it may be nicer or less nice than its process was meant to be.
void cpc_adopt_niceness(pid_t of);

// Forks a sibling: its parent is the caller's. Only for processes of one thread. Returns as fork
// does, -errno on failure. In the new process, standard input reads nothing. Where the system
// allows no siblings it is a child, which is never to be waited for.
pid_t cpc_fork_sibling(void);

// Whether a child has ended, and is reaped by this; also true when it is no child.
bool cpc_has_ended(pid_t child);

// Reaps a child once it has ended: its exit status, or -signal; -1000 when it is no child.
int cpc_wait_for(pid_t child);

#define CPC_DESCRIPTOR_LIMIT 200

// One message that carries descriptors. 0, or an errno (EPIPE when nobody is there).
int cpc_send_descriptors(int socket, const int *_Nonnull descriptors, int count);

// How many came; 0 when the other end is closed; -errno. The descriptors are the caller's.
int cpc_receive_descriptors(int socket, int *_Nonnull descriptors);

// Writes everything, whatever it takes, without SIGPIPE. 0, or an errno.
int cpc_send_all(int socket, const void *_Nonnull bytes, size_t count);

// Reads what is there without waiting: bytes; 0 at the end; -errno (EAGAIN: nothing yet).
ssize_t cpc_receive(int socket, void *_Nonnull bytes, size_t limit);

// Closes both directions: whoever waits in it, wakes.
void cpc_shut(int socket);

// Takes a name that only one process of the machine (of its network namespace) can hold at a
// time; the kernel frees it when the last copy of the descriptor is closed. A descriptor, or
// -errno: EADDRINUSE when it is held.
int cpc_hold_name(const char *_Nonnull name);

// The process that took the name first; 0 when nobody holds it or it cannot be known.
pid_t cpc_name_holder(const char *_Nonnull name);

// 0, or an errno.
int cpc_set_nonblocking(int descriptor);
