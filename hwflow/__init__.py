"""hwflow: from a trained quantised or spiking net to an FPGA, bit for bit."""

__version__ = "0.1.0"
