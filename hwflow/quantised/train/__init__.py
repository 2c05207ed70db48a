"""Training data, recipes, quantisation-aware training and the figures that judge it."""
