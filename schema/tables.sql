-- What `cairn query` and `cairn trials --where` read: SQLite's language over a store's history.
--
-- The tables cannot be written. A column marked HIDDEN is not in `SELECT *`, but is there for
-- whoever names it. Times are text, `YYYY-MM-DD HH:MM:SS.ffffff`, in UTC unless local time was
-- asked for, and compare as text. Booleans are 1 and 0. NaN is NULL, as always in SQLite.
-- Words of a fixed set (states, samplers, directions) compare without regard to case.
--
-- Rows come study by study in order of creation, and within a study by trial number. Equality
-- on `study` and `number` finds a trial's rows at once.

-- One row a study.
CREATE TABLE studies (
  name TEXT,
  directions TEXT COLLATE NOCASE,    -- minimize or maximize, one an objective, with commas
  objectives TEXT,                   -- their names, with commas
  sampler TEXT COLLATE NOCASE,
  pruner TEXT COLLATE NOCASE,
  trials INTEGER,                    -- how many in all, then by state
  complete INTEGER,
  pruned INTEGER,
  failed INTEGER,
  running INTEGER,
  waiting INTEGER,
  target INTEGER,                    -- how many complete or pruned ones there shall be
  best_value REAL,                   -- of a study with one objective
  best_number INTEGER,
  created TEXT,
  updated TEXT,                      -- when anything of it was last recorded
  table_name TEXT HIDDEN,            -- the study's own table, below
  seed HIDDEN,                       -- text when it is beyond 2^63 - 1
  edits INTEGER HIDDEN,              -- how often its definition was changed
  command TEXT HIDDEN,
  code TEXT HIDDEN                   -- the commit when it was last run
);

-- One row a trial of any study.
CREATE TABLE trials (
  study TEXT,
  number INTEGER,
  state TEXT COLLATE NOCASE,         -- waiting, running, complete, pruned, failed
  value REAL,                        -- when there is one objective
  objectives TEXT,                   -- JSON: {"accuracy": 0.9}
  started TEXT,                      -- the first attempt
  ended TEXT,
  duration_s REAL,
  params TEXT,                       -- JSON: params ->> 'lr'
  attrs TEXT,                        -- JSON: the user attributes
  created TEXT HIDDEN,
  sampler TEXT HIDDEN COLLATE NOCASE,          -- which proposed it
  retry_of INTEGER HIDDEN,           -- the trial whose parameters it repeats
  feasible BOOLEAN HIDDEN,           -- keeps all bounds on metrics, as far as known
  attempts INTEGER HIDDEN,
  attempt_outcome TEXT HIDDEN COLLATE NOCASE,  -- of the last attempt: finished, interrupted, …
  attempt_reason TEXT HIDDEN,        -- of the last attempt: exit status 3
  exit_status INTEGER HIDDEN,        -- of the last attempt; -9 when killed by signal 9
  host TEXT HIDDEN,                  -- of the last attempt
  worker TEXT HIDDEN,
  wall_s REAL HIDDEN,                -- of all attempts together
  cpu_s REAL HIDDEN,
  peak_rss INTEGER HIDDEN            -- bytes: the most memory an attempt used
);

-- One row a trial of one study: the table is called as the study is. This is the one of a study
-- `digits` that minimizes `loss` over `lr` and `opt`, whose script reports the metric `loss`,
-- with a user attribute `note` and a system attribute `gpu` on some trial.
--
-- * Several objectives are `value_1`, `value_2`, …
-- * A parameter called like one of the first columns is `param_NAME`; a user attribute is
--   `user_KEY`. Names that differ only in case, which are one to SQLite, get `_2`, `_3`.
-- * An objective's name stands for its value, unless a parameter has the name.
-- * Hidden columns give way: beside a parameter called `host` the host is `trial_host`, and a
--   metric's summary is `metric_NAME_last` when `NAME_last` is taken.
-- * A study called like another table here is `study_NAME`; see studies.table_name.
-- * A name that is more than letters, digits and _ needs double quotes: "val/loss_last".
-- * SQLite takes 2000 columns; what is beyond is in `series` and `attrs`.
CREATE TABLE digits (
  number INTEGER,
  state TEXT COLLATE NOCASE,
  value REAL,
  started TEXT,
  ended TEXT,
  duration_s REAL,
  lr REAL,                           -- NULL where it is inactive
  opt TEXT,                          -- choices of mixed kinds: each value as it is
  user_note,
  loss REAL HIDDEN,                  -- the objective
  loss_last REAL HIDDEN,             -- the metric, by step
  loss_min REAL HIDDEN,
  loss_max REAL HIDDEN,
  loss_steps INTEGER HIDDEN,
  created TEXT HIDDEN,               -- as in trials, from here
  sampler TEXT HIDDEN COLLATE NOCASE,
  retry_of INTEGER HIDDEN,
  feasible BOOLEAN HIDDEN,
  attempts INTEGER HIDDEN,
  attempt_outcome TEXT HIDDEN COLLATE NOCASE,
  attempt_reason TEXT HIDDEN,
  exit_status INTEGER HIDDEN,
  host TEXT HIDDEN,
  worker TEXT HIDDEN,
  wall_s REAL HIDDEN,
  cpu_s REAL HIDDEN,
  peak_rss INTEGER HIDDEN,
  code TEXT HIDDEN,                  -- the system attribute `code`, where a trial has it
  system_gpu HIDDEN
);

-- One row a parameter of a trial.
CREATE TABLE params (
  study TEXT,
  number INTEGER,
  name TEXT,
  value,
  distribution TEXT                  -- JSON, as Optuna writes it
);

-- One row a reported value, by trial, metric and step.
CREATE TABLE metrics (
  study TEXT,
  number INTEGER,
  metric TEXT,
  step INTEGER,
  value REAL,
  time TEXT
);

-- One row a metric of a trial: what its values come to, without a look at them.
CREATE TABLE series (
  study TEXT,
  number INTEGER,
  metric TEXT,
  steps INTEGER,
  first REAL,                        -- by step
  last REAL,
  min REAL,
  max REAL,
  mean REAL,
  nans INTEGER HIDDEN                -- how many values were NaN; they are in none of the above
);

-- One row an attribute.
CREATE TABLE attrs (
  study TEXT,
  number INTEGER,                    -- NULL: of the study itself
  scope TEXT COLLATE NOCASE,         -- user or system
  key TEXT,
  value,                             -- arrays and objects as JSON
  json TEXT HIDDEN                   -- as it was set
);
