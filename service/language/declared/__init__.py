"""What a pack declares: facts, outputs and their hit policies, actions, deadlines, roles."""
