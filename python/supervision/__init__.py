"""Runs one script: starts it at most once, holds its limits, records its output and says how it ended.

Three processes: the supervisor watches and records; its guard is the script's parent and ends whatever is left when the
supervisor is killed; then comes the script. On Linux both adopt orphans, so that all a script starts stays below them.

Standard library only, and of that only what is quick to import: every script waits for it.
"""
