"""Words ready to send: a file for an action in the folder drafts."""
