"""Posts with the Python client that openapi-python-client made. mypy checks this file together with the client.

Each `type: ignore` is needed: mypy ends with an error if the client did not know the values of the grade.
"""

import io
import json
import sys

from tocsin_client import Client
from tocsin_client.api.assessments import assess
from tocsin_client.api.batches import assess_batch
from tocsin_client.models import (
    AssessmentLinePrCrisis,
    AssessmentPrCrisis,
    FactsPrCrisis,
    FactsPrCrisisSocial,
    FactsPrCrisisTrend,
    IncidentPrCrisis,
    PrCrisisGrade,
    PrCrisisWarning,
    Problem,
    ProblemLine,
)
from tocsin_client.types import File

client = Client(base_url=sys.argv[1])
rising = FactsPrCrisisTrend(mentions_24h=5120, mean_7d=213, sd_7d=40)
incident = IncidentPrCrisis(FactsPrCrisis(trend=rising), locale="en", incident_id="rising")
out_of_range = IncidentPrCrisis(FactsPrCrisis(social=FactsPrCrisisSocial(hot_rank=51)))

answer = assess.sync(client=client, body=incident)
assert isinstance(answer, AssessmentPrCrisis), answer
assert answer.grade.code is PrCrisisGrade.BLUE
assert answer.grade.code != "purple"  # type: ignore[comparison-overlap]
assert answer.warning.code is PrCrisisWarning.ALARM
assert answer.actions[0].code.value == answer.to_dict()["actions"][0]["code"]

refused = assess.sync(client=client, body=out_of_range)
assert isinstance(refused, Problem), refused
assert refused.errors
assert (refused.code, refused.errors[0].path) == ("invalid-request", "facts.social.hot_rank")

again = IncidentPrCrisis.from_dict({**incident.to_dict(), "previous": answer.to_dict()})
second = assess.sync(client=client, body=again)
assert isinstance(second, AssessmentPrCrisis), second
assert second.changes is not None

posted = "\n".join(json.dumps(one.to_dict()) for one in (incident, out_of_range, incident))
reply = assess_batch.sync_detailed(client=client, body=File(io.BytesIO(posted.encode())))
lines = [json.loads(line) for line in reply.content.splitlines()]
first, wrong, last = (
    ProblemLine.from_dict(line) if "status" in line else AssessmentLinePrCrisis.from_dict(line)
    for line in lines
)
assert isinstance(first, AssessmentLinePrCrisis)
assert isinstance(last, AssessmentLinePrCrisis)
assert isinstance(wrong, ProblemLine)
assert (first.line, wrong.line, last.line) == (1, 2, 3)
assert first.grade.code is last.grade.code is PrCrisisGrade.BLUE
assert (first.incident_id, wrong.code) == ("rising", "invalid-request")
