"""The bare Flask application with which Tocsin's HTTP is compared. It only parses the JSON and writes it back."""

from __future__ import annotations

import json

from flask import Flask, Response, request

app = Flask(__name__, static_folder=None)


@app.post("/v1/assessments")
def echo() -> Response:
    return Response(json.dumps(json.loads(request.get_data())), mimetype="application/json")


@app.post("/v1/assessments/batch")
def echo_lines() -> Response:
    lines = (json.dumps(json.loads(line)) for line in request.get_data().splitlines())
    return Response("\n".join(lines), mimetype="application/x-ndjson")
