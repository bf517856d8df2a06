"""Both matchers use these modules: the slots of an environment, and the closures of expressions and atoms."""
