"""The smallest changes of known facts that make one output worse or better, and a forecast of growing figures."""
