"""Posts a temperature to Tocsin and prints the alarm and what to do: python examples/client.py 9.5 [URL of the server]"""

import sys

from tocsin_http import NoAnswer, Problem, Tocsin

celsius, url = [*sys.argv[1:], "http://127.0.0.1:8000"][:2]
try:
    with Tocsin(url, pack="cold_store", limit=1) as tocsin:
        answer = tocsin.assess({"facts": {"room": {"celsius": float(celsius)}}})
except Problem as problem:
    sys.exit(str(problem))
except NoAnswer as error:
    sys.exit(f"{url}: {error}")
print(answer.value("alarm"), *(action["text"] for action in answer.actions), sep="\n")
for unknown in answer.unknowns:
    print(f"not known: {unknown['question']}")
