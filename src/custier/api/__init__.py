"""custier from Python: the same grading as the command line, frame in → frame out, for notebooks and schedulers; `custier` offers it."""
