"""Runs FINN's own steps. Executed by the Python of FINN's environment, so nothing here imports hwflow.

`python -m worker JOB.json`, with the fields of `job.Job`. In the job's folder it leaves the model after each step
(NN_step.onnx), FINN's reports (report/), `outputs.npz` (what each step's model gives for the vectors) and
`result.json`; or, if a step fails, `failure.json` with the step, the node and FINN's own message. What FINN prints goes
to standard output; lines that start with `@` say which step is at work.
"""
