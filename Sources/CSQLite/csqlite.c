#include "csqlite.h"

int csqlite_harden(sqlite3 *database) {
  static const struct {
    int option;
    int value;
  } settings[] = {
      {SQLITE_DBCONFIG_DQS_DML, 0},
      {SQLITE_DBCONFIG_DQS_DDL, 0},
      {SQLITE_DBCONFIG_DEFENSIVE, 1},
      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
  };
  for (unsigned i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    int result = sqlite3_db_config(database, settings[i].option, settings[i].value, (int *)0);
    if (result != SQLITE_OK) return result;
  }
  // What is sorted stays in memory, where its size is limited, and fills no disk.
  return sqlite3_exec(database, "PRAGMA temp_store = MEMORY", 0, 0, 0);
}

void csqlite_result_text(sqlite3_context *context, const char *text, sqlite3_uint64 byteCount) {
  sqlite3_result_text64(context, text ? text : "", byteCount, SQLITE_TRANSIENT, SQLITE_UTF8);
}

int csqlite_bind_text(
    sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 byteCount) {
  return sqlite3_bind_text64(
      statement, index, text ? text : "", byteCount, SQLITE_TRANSIENT, SQLITE_UTF8);
}

char *csqlite_copy_text(const char *text) { return sqlite3_mprintf("%s", text); }
