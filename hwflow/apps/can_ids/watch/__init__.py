"""The detector on a bus while it runs: frames in, alarms out, and what was seen at the end. The verb `watch`."""
