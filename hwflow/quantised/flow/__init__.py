"""The steps from a model file to a report, as functions on folders: each gives the record that it leaves behind."""
