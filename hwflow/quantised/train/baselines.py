"""Classifiers that a net has to beat to be worth its gates."""

import numpy as np

from hwflow.dataset import Dataset, Labels, Samples
from hwflow.errors import needed
from hwflow.evaluation import Evaluation, evaluate

_TREE_DEPTH = 12


def baselines(data: Dataset, seed: int) -> tuple[Evaluation, ...]:
    """Judge the majority class, the identifier lookup (if there are identifiers) and a decision tree on the test part."""
    said = [("majority class", majority(data.y_train, len(data.x_test)))]
    if data.identifier_columns:
        columns = slice(0, data.identifier_columns)
        said.append(("identifier lookup", lookup(data.x_train[:, columns], data.y_train, data.x_test[:, columns])))
    said.append(("decision tree", tree(data.x_train, data.y_train, data.x_test, seed)))
    return tuple(evaluate(name, data.class_names, data.y_test, labels) for name, labels in said)


def majority(y_train: Labels, samples: int) -> Labels:
    """The most frequent class of the training part, for each of `samples`."""
    return np.full(samples, np.bincount(y_train).argmax(), dtype=np.int64)


def lookup(x_train: Samples, y_train: Labels, x_test: Samples) -> Labels:
    """Each identifier's most frequent class of the training part. x: 0/1 [n, bits].

    An identifier that was never seen gets the class that is most frequent among those seen only once.
    """
    train, test = _identifiers(x_train), _identifiers(x_test)
    known, place, count = np.unique(train, return_inverse=True, return_counts=True)
    classes = int(y_train.max()) + 1
    votes = np.bincount(place * classes + y_train, minlength=len(known) * classes).reshape(-1, classes)
    once = votes[count == 1].sum(axis=0)
    stranger = int((once if once.any() else votes.sum(axis=0)).argmax())
    at = np.minimum(np.searchsorted(known, test), len(known) - 1)
    said: Labels = np.where(known[at] == test, votes.argmax(axis=1)[at], stranger).astype(np.int64)
    return said


def tree(x_train: Samples, y_train: Labels, x_test: Samples, seed: int) -> Labels:
    """scikit-learn's decision tree on all features, at most 12 decisions deep."""
    with needed("The decision tree", "train"):
        from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(max_depth=_TREE_DEPTH, random_state=seed).fit(x_train, y_train)
    return np.asarray(model.predict(x_test), dtype=np.int64)


def _identifiers(bits: Samples) -> Labels:
    identifiers: Labels = bits.astype(np.int64) @ (np.int64(1) << np.arange(bits.shape[1], dtype=np.int64))
    return identifiers
