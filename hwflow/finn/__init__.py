"""FINN in an environment of its own: set-up, a worker that imports it, and compilation through that worker."""
