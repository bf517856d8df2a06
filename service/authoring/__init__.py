"""The authors' commands: they check a pack, run its cases and render problems. They must not import Flask."""
