"""One judgement of an incident: both matchers asked, outputs combined, actions allowed, blocked or held."""
