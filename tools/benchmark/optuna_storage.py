"""Records trials through Optuna's storage interface, without sampler or pruner.

    optuna_storage.py journal|sqlite DIRECTORY TRIALS REPORTS

Prints one line of JSON: operations and seconds. An operation is one call: create a trial, set
one of 5 parameters, report one value, tell the result. What was stored is read back and counted
afterwards, through a new connection and outside the measured time.
"""

import json
import sys
import time
import warnings

import optuna
from optuna.distributions import FloatDistribution
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection
from optuna.trial import TrialState

PARAMETERS = 5


def open_storage(kind, directory):
    if kind == "journal":
        return JournalStorage(JournalFileBackend(f"{directory}/journal.log"))
    return RDBStorage(f"sqlite:///{directory}/study.db")


def record(storage, study, trials, reports):
    distribution = FloatDistribution(0.0, 1.0)
    for number in range(trials):
        trial = storage.create_new_trial(study)
        for parameter in range(PARAMETERS):
            value = ((number * PARAMETERS + parameter) * 0.618034) % 1
            storage.set_trial_param(trial, f"p{parameter}", value, distribution)
        for step in range(reports):
            storage.set_trial_intermediate_value(trial, step, 1 / (step + number + 1))
        storage.set_trial_state_values(trial, TrialState.COMPLETE, [1 / (reports + number)])


def main():
    kind, directory, trials, reports = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = open_storage(kind, directory)
    study = storage.create_new_study([StudyDirection.MINIMIZE], "bench")

    start = time.perf_counter()
    record(storage, study, trials, reports)
    seconds = time.perf_counter() - start

    again = open_storage(kind, directory)
    stored = again.get_all_trials(again.get_study_id_from_name("bench"))
    assert len(stored) == trials
    assert all(len(trial.intermediate_values) == reports for trial in stored)
    assert all(len(trial.params) == PARAMETERS for trial in stored)
    print(json.dumps({"operations": trials * (PARAMETERS + reports + 2), "seconds": seconds}))


if __name__ == "__main__":
    main()
