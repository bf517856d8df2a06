"""Posts a temperature to Tocsin and prints the alarm and what to do: python examples/client.py 9.5 [URL of the server]"""

import json
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

celsius, url = [*sys.argv[1:], "http://127.0.0.1:8000"][:2]
body = {"pack": "cold_store", "facts": {"room": {"celsius": float(celsius)}}}
headers = {"Content-Type": "application/json"}
try:
    with urlopen(Request(f"{url}/v1/assessments", json.dumps(body).encode(), headers)) as response:
        answer = json.load(response)
except HTTPError as error:
    sys.exit("{code}: {detail}".format(**json.load(error)))
except URLError as error:
    sys.exit(f"{url} does not answer: {error.reason}")
print(answer["alarm"]["code"], *(action["text"] for action in answer["actions"]), sep="\n")
for unknown in answer["unknowns"]:
    print(f"not known: {unknown['question']}")
