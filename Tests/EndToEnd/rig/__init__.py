"""Cameras, players, browsers and process tools that the end-to-end tests and the benchmarks share."""
