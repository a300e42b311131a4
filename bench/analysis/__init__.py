"""What the rows say: scores, intervals, pairs, ranks, factors, literature. It writes nothing."""
