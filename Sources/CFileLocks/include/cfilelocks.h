// File locks and other calls that Swift's Glibc lacks. All return 0 or a positive answer, or
// −errno.
#pragma once
#include <stdint.h>

/// Takes an exclusive open-file-description lock on `count` bytes from `start`. Such a lock
/// belongs to the descriptor, not to the process, so two stores open in one process exclude
/// each other as two processes do. Waits when `waits`; otherwise −EAGAIN if it is held.
int cairn_lock(int descriptor, int64_t start, int64_t count, int waits);

int cairn_unlock(int descriptor, int64_t start, int64_t count);

/// 1 when another descriptor holds an exclusive lock in the range, 0 when none does.
int cairn_probe(int descriptor, int64_t start, int64_t count);

/// Allocates blocks for `count` bytes from `start` without changing the file's size.
int cairn_reserve(int descriptor, int64_t start, int64_t count);

/// Makes a write beyond the file size limit fail with EFBIG instead of killing the process.
void cairn_ignore_file_size_signal(void);
