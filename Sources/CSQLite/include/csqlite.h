// SQLite, and what of it Swift cannot say.
#pragma once
#include <sqlite3.h>
