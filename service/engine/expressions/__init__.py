"""Both matchers use these modules: the slots of an environment, the closures of expressions and atoms, and the steps that they take."""
