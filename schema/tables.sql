-- What `cairn query` and `cairn trials --where` read: SQLite's language over a store's history.
--
-- The tables cannot be written. A column marked HIDDEN is not in `SELECT *`, but is there for
-- whoever names it. Times are text, `YYYY-MM-DD HH:MM:SS.ffffff`, in UTC unless local time was
-- asked for. They are compared (COLLATE TIME) as the times that texts mean: `2026-11-27`,
-- `2026-11-27 05:00`, `2026-11-27T05:00:00.5Z` and `2026-11-27T06:00:00+01:00`, by the same clock
-- where no zone is written. LIKE sees the text. Booleans are 1 and 0. NaN is NULL, as always in
-- SQLite. Words of a fixed set (states, samplers, directions) compare without regard to case, all
-- other texts and names by their bytes; a name of a column or table is found however it is cased.
--
-- JSON is valid JSON, whatever was recorded: NaN is null in it, an infinity is 9e999, which reads
-- as one, and what is no JSON is a string.
--
-- Trials that were dropped and reruns are rows like any other, and are counted here in the state
-- they have: `dropped IS NULL AND rerun_of IS NULL` leaves them out. `studies.best_value` does.
--
-- `last_line` is what was recorded of a failed attempt; of others it is read from the attempt's
-- output, if that is in the store, when a query wants it.
--
-- Rows come study by study in order of creation, and within a study by trial number.
--
-- What is fast:
--
-- * Equality on `study` and `number` finds a trial's rows at once, and so do `number IN (…)` and
--   ranges of numbers, in joins too.
-- * Comparisons of a column with a value (=, <, <=, >, >=, <>, IS, IN, BETWEEN, IS NULL) that are
--   joined by AND are looked at column by column, 4,096 trials at a time, and blocks of which the
--   least and the greatest value say that there is no such trial are not read. OR, functions and
--   arithmetic take a look at each row. Columns that are not named are not read.
-- * ORDER BY with LIMIT keeps the first rows only: `ORDER BY value LIMIT 10` reads the few blocks in
--   which they may be. (A number of rows in digits, and no NULLS LAST.)
-- * `series` answers what a trial's metric comes to, and `count(*)` of it, without reading a value:
--   take it instead of min(value) FROM metrics … GROUP BY number.
-- * `steps` and `choices` count a whole study column by column: take them instead of
--   avg(value) FROM metrics … GROUP BY step, and of count(*) … GROUP BY opt, state. How many trials
--   are in which state is in `studies`.

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
  created TEXT COLLATE TIME,
  updated TEXT COLLATE TIME,         -- when anything of it was last recorded
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
  state TEXT COLLATE NOCASE,         -- waiting, running, complete, pruned, failed; one whose
                                     -- worker is gone waits, and its attempt_outcome is lost
  value REAL,                        -- when there is one objective
  objectives TEXT,                   -- JSON: {"accuracy": 0.9}
  started TEXT COLLATE TIME,         -- the first attempt
  ended TEXT COLLATE TIME,
  duration_s REAL,                   -- time spent: that of all attempts that ended together
  params TEXT,                       -- JSON: params ->> 'lr'
  attrs TEXT,                        -- JSON: the user attributes
  created TEXT HIDDEN COLLATE TIME,
  sampler TEXT HIDDEN COLLATE NOCASE,          -- which proposed it
  retry_of INTEGER HIDDEN,           -- the trial whose parameters it repeats
  feasible BOOLEAN HIDDEN,           -- keeps all bounds on metrics; NULL: not known yet
  violation REAL HIDDEN,             -- by how much it breaks the worst broken; <= 0: keeps all
  attempts INTEGER HIDDEN,
  attempt_outcome TEXT HIDDEN COLLATE NOCASE,  -- of the last attempt: finished, interrupted, …
  attempt_reason TEXT HIDDEN,        -- of the last attempt: exit status 3
  last_line TEXT HIDDEN,             -- the last line that it printed; see below
  exit_status INTEGER HIDDEN,        -- of the last attempt; -9 when killed by signal 9
  host TEXT HIDDEN,                  -- of the last attempt
  worker TEXT HIDDEN,
  elapsed_s REAL HIDDEN,             -- time passed: from the first start to the end
  wall_s REAL HIDDEN,                -- as measured, of all attempts together
  cpu_s REAL HIDDEN,
  peak_rss INTEGER HIDDEN,           -- bytes: the most memory an attempt used
  note TEXT HIDDEN,                  -- what people said of it: cairn note, tag, drop, rerun
  tags TEXT HIDDEN,                  -- with commas
  dropped TEXT HIDDEN,               -- why it counts for nothing; NULL: it was not dropped
  rerun_of INTEGER HIDDEN            -- the trial that it runs again, outside the search
);

-- One row a trial of one study: the table is called as the study is. This is the one of a study
-- `digits` that minimizes `loss` over `lr` and `opt`, whose script reports the metric `loss`,
-- with a user attribute `note` and a system attribute `gpu` on some trial.
--
-- * Several objectives are shown under their names, and are `value_1`, `value_2`, … too; see
--   `pareto` below.
-- * A parameter called like one of the first columns, or `note`, `tags`, `dropped` or `rerun_of`,
--   is `param_NAME`; a user attribute is `user_KEY`. Names that differ only in case, which are one
--   to SQLite, get `_2`, `_3`.
-- * An objective's name stands for its value, unless a parameter has the name.
-- * A study with bounds shows `feasible`.
-- * Hidden columns give way: beside a parameter called `host` the host is `trial_host`, and a
--   metric's summary is `metric_NAME_last` when `NAME_last` is taken.
-- * A study called like another table here is `study_NAME`; see studies.table_name.
-- * A name that is more than letters, digits and _ needs double quotes: "val/loss_last".
-- * SQLite takes 2000 columns. First come those that every trial has and the objectives'
--   summaries, then parameters, user attributes, and the metrics' last values, minima, maxima and
--   steps, then system attributes. What is beyond is in `params`, `attrs` and `series`.
CREATE TABLE digits (
  number INTEGER,
  state TEXT COLLATE NOCASE,
  value REAL,
  started TEXT COLLATE TIME,
  ended TEXT COLLATE TIME,
  duration_s REAL,
  lr REAL,                           -- NULL where it is inactive
  opt TEXT,                          -- choices of mixed kinds: each value as it is
  user_note,
  loss REAL HIDDEN,                  -- the objective
  loss_last REAL HIDDEN,             -- the metric, by step
  loss_min REAL HIDDEN,
  loss_max REAL HIDDEN,
  loss_steps INTEGER HIDDEN,
  created TEXT HIDDEN COLLATE TIME,  -- as in trials, from here
  sampler TEXT HIDDEN COLLATE NOCASE,
  retry_of INTEGER HIDDEN,
  feasible BOOLEAN HIDDEN,
  violation REAL HIDDEN,
  attempts INTEGER HIDDEN,
  attempt_outcome TEXT HIDDEN COLLATE NOCASE,
  attempt_reason TEXT HIDDEN,
  last_line TEXT HIDDEN,
  exit_status INTEGER HIDDEN,
  host TEXT HIDDEN,
  worker TEXT HIDDEN,
  elapsed_s REAL HIDDEN,
  wall_s REAL HIDDEN,
  cpu_s REAL HIDDEN,
  peak_rss INTEGER HIDDEN,
  note TEXT HIDDEN,                  -- these four are shown where any trial has one, behind the
  tags TEXT HIDDEN,                  -- parameters and attributes
  dropped TEXT HIDDEN,
  rerun_of INTEGER HIDDEN,
  code TEXT HIDDEN,                  -- the system attribute `code`, where a trial has it
  system_gpu HIDDEN
);

-- The table of a study `pareto` with two objectives, `accuracy` and `latency`, bounded by
-- `latency <= 20`, and no trial yet.
CREATE TABLE pareto (
  number INTEGER,
  state TEXT COLLATE NOCASE,
  accuracy REAL,
  latency REAL,
  feasible BOOLEAN,
  started TEXT COLLATE TIME,
  ended TEXT COLLATE TIME,
  duration_s REAL,
  value_1 REAL HIDDEN,
  value_2 REAL HIDDEN,
  created TEXT HIDDEN COLLATE TIME,
  sampler TEXT HIDDEN COLLATE NOCASE,
  retry_of INTEGER HIDDEN,
  violation REAL HIDDEN,
  attempts INTEGER HIDDEN,
  attempt_outcome TEXT HIDDEN COLLATE NOCASE,
  attempt_reason TEXT HIDDEN,
  last_line TEXT HIDDEN,
  exit_status INTEGER HIDDEN,
  host TEXT HIDDEN,
  worker TEXT HIDDEN,
  elapsed_s REAL HIDDEN,
  wall_s REAL HIDDEN,
  cpu_s REAL HIDDEN,
  peak_rss INTEGER HIDDEN,
  note TEXT HIDDEN,
  tags TEXT HIDDEN,
  dropped TEXT HIDDEN,
  rerun_of INTEGER HIDDEN,
  code TEXT HIDDEN
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
  time TEXT COLLATE TIME
);

-- One row a metric of a trial: what its values come to, without a look at them. A value that was
-- NaN is a step like any other: `first` and `last` are NULL where it is the first or last one.
-- `min`, `max` and `mean` are of the others, NULL when there are none.
CREATE TABLE series (
  study TEXT,
  number INTEGER,
  metric TEXT,
  steps INTEGER,
  first REAL,                        -- by step, as is last
  last REAL,
  min REAL,
  max REAL,
  mean REAL,
  nans INTEGER HIDDEN                -- how many of the steps were NaN
);

-- One row a step of a metric: what all trials reported there. As in `series`, NaN is counted and
-- has no part in the others.
CREATE TABLE steps (
  study TEXT,
  metric TEXT,
  step INTEGER,
  trials INTEGER,                    -- how many reported it
  min REAL,
  max REAL,
  mean REAL,
  nans INTEGER HIDDEN
);

-- One row a value of a parameter that is chosen from a list, and a state of trials that have both:
-- how many there are, and what their values come to when the study has one objective.
CREATE TABLE choices (
  study TEXT,
  name TEXT,                         -- of the parameter
  value,
  state TEXT COLLATE NOCASE,
  trials INTEGER,
  min REAL,
  max REAL,
  mean REAL
);

-- One row an attribute.
CREATE TABLE attrs (
  study TEXT,
  number INTEGER,                    -- NULL: of the study itself
  scope TEXT COLLATE NOCASE,         -- user or system
  key TEXT,
  value,                             -- arrays and objects as JSON
  json TEXT HIDDEN                   -- as it was set, made valid
);
