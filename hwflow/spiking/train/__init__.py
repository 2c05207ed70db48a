"""Applications of the spiking core: their data, their nets, and what they say of the spikes."""
