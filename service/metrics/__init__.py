"""Figures for Prometheus: counted in each process, and shared between the workers through files."""
