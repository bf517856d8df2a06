// Posts with the types that openapi-typescript made, through openapi-fetch. tsc checks this file together with the types.
// Each @ts-expect-error is needed: tsc ends with an error if the types did not know the values of the grade.
import { deepEqual, equal, ok } from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Incident = components["schemas"]["Incident-pr_crisis"];
type Assessment = components["schemas"]["Assessment-pr_crisis"];
type Line = components["schemas"]["AssessmentLine-pr_crisis"] | components["schemas"]["ProblemLine"];

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });
const incident: Incident = {
  facts: { trend: { mentions_24h: 5120, mean_7d: 213, sd_7d: 40 } },
  locale: "en",
  incident_id: "rising",
};
const outOfRange: Incident = { facts: { social: { hot_rank: 51 } } };
// @ts-expect-error: a fact that the pack does not have
const misspelled: Incident = { facts: { social: { hot_rang: 1 } } };
ok(misspelled);

const { data } = await client.POST("/v1/assessments", { body: incident });
ok(data && typeof data !== "string"); // a string is a report in Markdown
equal(data.pack.name, "pr_crisis");
const answer = data as Assessment;
equal(answer.grade.code, "blue");
// @ts-expect-error: no grade of the pack
ok(answer.grade.code !== "purple");
equal(answer.warning.code, "alarm");
const codes: components["schemas"]["ActionCode-pr_crisis"][] = answer.actions.map((action) => action.code);
ok(codes.length > 0);

const { error } = await client.POST("/v1/assessments", { body: outOfRange });
ok(error);
deepEqual([error.code, error.errors?.[0]?.path], ["invalid-request", "facts.social.hot_rank"]);

const { data: second } = await client.POST("/v1/assessments", { body: { ...incident, previous: answer } });
ok(second && typeof second !== "string" && second.changes);

const { data: text } = await client.POST("/v1/assessments/batch", {
  body: [incident, outOfRange, incident].map((one) => JSON.stringify(one)).join("\n"),
  bodySerializer: (body) => body,
  headers: { "Content-Type": "application/x-ndjson" },
  parseAs: "text",
});
const lines = (text ?? "").trim().split("\n").map((line) => JSON.parse(line) as Line);
deepEqual(lines.map((line) => line.line), [1, 2, 3]);
const [first, wrong] = lines;
ok(first && "grade" in first && wrong && "errors" in wrong);
deepEqual([first.grade.code, first.incident_id, wrong.code], ["blue", "rising", "invalid-request"]);
