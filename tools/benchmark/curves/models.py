"""Real models on the data that comes with scikit-learn, each trained step by step.

A model is registered with what it is and its space; its function is a generator of the value to
report after each step, on data held out. It draws all its randomness from the seed it is given.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Callable

import numpy
from sklearn import datasets
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from space import Choice, Float, Integer, Space

warnings.simplefilter("ignore")
STEPS = 100
MODELS = {}


@dataclass
class Model:
    name: str
    about: str
    direction: str
    metric: str
    space: Space
    train: Callable


def model(about, direction, metric, *parameters):
    def register(train):
        name = train.__name__.replace("_", "-")
        MODELS[name] = Model(name, about, direction, metric, Space(list(parameters)), train)
        return train

    return register


@lru_cache(maxsize=None)
def data(name, held_out=0.4):
    """Inputs and targets for training and for judging, in that order, standardized."""
    load = {
        "digits": datasets.load_digits, "cancer": datasets.load_breast_cancer,
        "diabetes": datasets.load_diabetes, "wine": datasets.load_wine,
    }[name]
    inputs, targets = load(return_X_y=True)
    if name == "diabetes":
        targets = (targets - targets.mean()) / targets.std()
    train_x, test_x, train_y, test_y = train_test_split(
        inputs, targets, test_size=held_out, random_state=0,
    )
    scale = StandardScaler().fit(train_x)
    return scale.transform(train_x), train_y, scale.transform(test_x), test_y


def perceptron_epochs(kind, config, seed, name, score):
    """A multilayer perceptron of scikit-learn, an epoch a step."""
    train_x, train_y, test_x, test_y = data(name)
    options = {"solver": config["solver"]}
    if config["solver"] == "sgd":
        options["momentum"] = config["momentum"]
    network = kind(
        hidden_layer_sizes=(config["units"],) * config["layers"], activation=config["activation"],
        learning_rate_init=config["lr"], alpha=config["alpha"], batch_size=config["batch"],
        random_state=seed, **options,
    )
    classes = {"classes": numpy.unique(train_y)} if hasattr(network, "predict_proba") else {}
    for step in range(STEPS):
        try:
            network.partial_fit(train_x, train_y, **(classes if step == 0 else {}))
        except ValueError:  # the weights are no numbers any more
            yield float("nan")
            return
        yield score(network, test_x, test_y)


PERCEPTRON = [
    Integer("layers", 1, 2), Integer("units", 4, 64, log=True),
    Float("lr", 1e-5, 1.0, log=True), Float("alpha", 1e-6, 1e1, log=True),
    Integer("batch", 32, 256, log=True), Choice("activation", ["relu", "tanh", "logistic"]),
    Choice("solver", ["sgd", "adam"]), Float("momentum", 0.0, 0.99, when={"solver": ["sgd"]}),
]


@model("scikit-learn's MLPClassifier on digits, by epoch", "maximize", "accuracy", *PERCEPTRON)
def perceptron_digits(config, seed):
    from sklearn.neural_network import MLPClassifier

    yield from perceptron_epochs(
        MLPClassifier, config, seed, "digits", lambda network, x, y: network.score(x, y)
    )


@model("scikit-learn's MLPClassifier on breast cancer, by epoch", "minimize", "log loss",
       *PERCEPTRON)
def perceptron_cancer(config, seed):
    from sklearn.neural_network import MLPClassifier

    yield from perceptron_epochs(
        MLPClassifier, config, seed, "cancer",
        lambda network, x, y: log_loss(y, network.predict_proba(x)),
    )


@model("scikit-learn's MLPRegressor on diabetes, which it soon learns by heart, by epoch",
       "minimize", "squared error", *PERCEPTRON)
def perceptron_diabetes(config, seed):
    from sklearn.neural_network import MLPRegressor

    yield from perceptron_epochs(
        MLPRegressor, config, seed, "diabetes",
        lambda network, x, y: mean_squared_error(y, network.predict(x)),
    )


@model("scikit-learn's MLPClassifier on wine, which has few samples, by epoch",
       "minimize", "log loss", *PERCEPTRON)
def perceptron_wine(config, seed):
    from sklearn.neural_network import MLPClassifier

    yield from perceptron_epochs(
        MLPClassifier, config, seed, "wine",
        lambda network, x, y: log_loss(y, network.predict_proba(x)),
    )


@model("scikit-learn's SGDClassifier on digits, by epoch", "minimize", "log loss",
       Float("lr", 1e-6, 1.0, log=True), Float("alpha", 1e-8, 1.0, log=True),
       Choice("penalty", ["l1", "l2", "elasticnet"]),
       Choice("schedule", ["constant", "invscaling", "optimal"]), Float("power", 0.1, 0.9))
def linear_digits(config, seed):
    from sklearn.linear_model import SGDClassifier

    train_x, train_y, test_x, test_y = data("digits")
    classifier = SGDClassifier(
        loss="log_loss", learning_rate=config["schedule"], eta0=config["lr"],
        power_t=config["power"], alpha=config["alpha"], penalty=config["penalty"],
        random_state=seed,
    )
    for _ in range(STEPS):
        classifier.partial_fit(train_x, train_y, classes=range(10))
        yield log_loss(test_y, classifier.predict_proba(test_x), labels=range(10))


@model("scikit-learn's SGDRegressor on diabetes with products of its features, by epoch; large "
       "steps break it", "minimize", "squared error",
       Float("lr", 1e-6, 1e-1, log=True), Float("alpha", 1e-6, 1e2, log=True),
       Choice("penalty", ["l1", "l2"]), Choice("schedule", ["constant", "invscaling"]),
       Choice("loss", ["squared_error", "huber", "epsilon_insensitive"]))
def linear_diabetes(config, seed):
    from sklearn.linear_model import SGDRegressor
    from sklearn.preprocessing import PolynomialFeatures

    train_x, train_y, test_x, test_y = data("diabetes")
    products = PolynomialFeatures(include_bias=False)
    train_x, test_x = products.fit_transform(train_x), products.transform(test_x)
    regressor = SGDRegressor(
        loss=config["loss"], learning_rate=config["schedule"], eta0=config["lr"],
        alpha=config["alpha"], penalty=config["penalty"], random_state=seed,
    )
    for _ in range(STEPS):
        try:
            regressor.partial_fit(train_x, train_y)
        except ValueError:  # the weights are no numbers any more
            yield float("nan")
            return
        yield mean_squared_error(test_y, regressor.predict(test_x))


@model("scikit-learn's gradient boosting on diabetes, a tree a step", "minimize", "squared error",
       Float("lr", 1e-3, 1.0, log=True), Integer("depth", 1, 8), Integer("leaf", 1, 50, log=True),
       Float("subsample", 0.2, 1.0), Float("features", 0.1, 1.0))
def boosting_diabetes(config, seed):
    from sklearn.ensemble import GradientBoostingRegressor

    train_x, train_y, test_x, test_y = data("diabetes")
    trees = GradientBoostingRegressor(
        n_estimators=STEPS, learning_rate=config["lr"], max_depth=config["depth"],
        min_samples_leaf=config["leaf"], subsample=config["subsample"],
        max_features=config["features"], random_state=seed,
    ).fit(train_x, train_y)
    for predicted in trees.staged_predict(test_x):
        yield mean_squared_error(test_y, predicted)


@model("scikit-learn's AdaBoost on digits, a tree a step", "maximize", "accuracy",
       Float("lr", 1e-3, 3.0, log=True), Integer("depth", 1, 10), Integer("leaf", 1, 50, log=True))
def adaboost_digits(config, seed):
    from sklearn.ensemble import AdaBoostClassifier
    from sklearn.tree import DecisionTreeClassifier

    train_x, train_y, test_x, test_y = data("digits")
    tree = DecisionTreeClassifier(max_depth=config["depth"], min_samples_leaf=config["leaf"])
    trees = AdaBoostClassifier(
        tree, n_estimators=STEPS, learning_rate=config["lr"], random_state=seed
    ).fit(train_x, train_y)
    yield from trees.staged_score(test_x, test_y)


BOOSTING = [
    Float("lr", 1e-3, 1.0, log=True), Integer("leaves", 2, 64, log=True),
    Integer("leaf", 1, 50, log=True), Float("features", 0.1, 1.0), Float("rows", 0.3, 1.0),
    Float("l2", 1e-6, 1e2, log=True),
]


@model("LightGBM on digits, a round a step", "minimize", "log loss", *BOOSTING)
def lightgbm_digits(config, seed):
    import lightgbm

    train_x, train_y, test_x, test_y = data("digits")
    history = {}
    training = lightgbm.Dataset(train_x, train_y)
    lightgbm.train(
        {
            "objective": "multiclass", "num_class": 10, "verbosity": -1, "num_threads": 1,
            "learning_rate": config["lr"], "num_leaves": config["leaves"],
            "min_data_in_leaf": config["leaf"], "feature_fraction": config["features"],
            "bagging_fraction": config["rows"], "bagging_freq": 1, "lambda_l2": config["l2"],
            "seed": seed, "deterministic": True,
        },
        training, num_boost_round=STEPS,
        valid_sets=[lightgbm.Dataset(test_x, test_y, reference=training)],
        callbacks=[lightgbm.record_evaluation(history)],
    )
    yield from history["valid_0"]["multi_logloss"]


def xgboost_rounds(config, seed, name, objective, metric):
    import xgboost

    train_x, train_y, test_x, test_y = data(name)
    history = {}
    xgboost.train(
        {
            "objective": objective, "eval_metric": metric, "nthread": 1,
            "tree_method": "hist", "grow_policy": "lossguide", "max_depth": 0,
            "learning_rate": config["lr"], "max_leaves": config["leaves"],
            "min_child_weight": config["leaf"], "colsample_bytree": config["features"],
            "subsample": config["rows"], "lambda": config["l2"], "seed": seed,
        },
        xgboost.DMatrix(train_x, train_y), num_boost_round=STEPS,
        evals=[(xgboost.DMatrix(test_x, test_y), "test")], evals_result=history,
        verbose_eval=False,
    )
    yield from history["test"][metric]


@model("XGBoost on breast cancer, a round a step", "minimize", "log loss", *BOOSTING)
def xgboost_cancer(config, seed):
    yield from xgboost_rounds(config, seed, "cancer", "binary:logistic", "logloss")


@model("XGBoost on diabetes, which it soon learns by heart, a round a step",
       "minimize", "root squared error", *BOOSTING)
def xgboost_diabetes(config, seed):
    yield from xgboost_rounds(config, seed, "diabetes", "reg:squarederror", "rmse")
