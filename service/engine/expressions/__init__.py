"""What both matchers share: the slots of an environment, arithmetic, and the closures of expressions and atoms. It knows no rule."""
