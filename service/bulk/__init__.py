"""Assesses files of incidents in several processes: blocks in, answers out in the same order, and a run that was cut goes on."""
