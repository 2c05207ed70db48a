"""The search over nets and hardware together, on Optuna: what a factory of the user's own needs is named here."""

from hwflow.search.factory import Trained as Trained
from hwflow.search.factory import TrainedSpiking as TrainedSpiking
from hwflow.search.factory import Trial as Trial
from hwflow.search.space import Between as Between
