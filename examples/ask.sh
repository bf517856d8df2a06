#!/bin/sh
# Posts the facts of one incident with curl: the door is open, the temperature is unknown.
# usage: examples/ask.sh [URL of the server]
exec curl --silent --show-error --fail-with-body "${1:-http://127.0.0.1:8000}/v1/assessments" \
  --header 'Content-Type: application/json' \
  --data '{"pack": "cold_store", "as_of": "2026-05-01T12:00:00Z", "facts": {"door": {"open": true}}}'
