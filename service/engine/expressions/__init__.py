"""What both matchers share: the slots of an environment and the closures of expressions and atoms. It knows no rule."""
