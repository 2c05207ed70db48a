"""CAN traffic: logs, a vehicle that makes them, attacks on them, and features of each frame."""
