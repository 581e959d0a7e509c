// SQLite, and what of it Swift cannot say: structures that C code extends by putting its own
// fields behind SQLite's, functions with variable arguments, and a destructor that is a number.
#pragma once
#include <sqlite3.h>

/// A virtual table with a slot for what stands behind it. SQLite knows only `base`.
typedef struct csqlite_table {
  sqlite3_vtab base;
  void *owner;
} csqlite_table;

/// A cursor with a slot for what stands behind it.
typedef struct csqlite_cursor {
  sqlite3_vtab_cursor base;
  void *owner;
} csqlite_cursor;

/// Shuts the doors that a reading connection has no use for: double-quoted words are names and
/// never text, no extension can be loaded, the schema cannot be written, no file is made.
///
/// Returns the first result that is not SQLITE_OK.
int csqlite_harden(sqlite3 *database);

/// `sqlite3_result_text64` and `sqlite3_bind_text64` for UTF-8 that SQLite shall copy.
void csqlite_result_text(sqlite3_context *context, const char *text, sqlite3_uint64 byteCount);
int csqlite_bind_text(
    sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 byteCount);

/// A copy of `text` that SQLite will free: how a virtual table hands over its error messages.
char *csqlite_copy_text(const char *text);
