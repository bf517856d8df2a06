"""The threads of a worker that judge requests, and how they tell the event loop that they have finished."""
