"""Do the metrics and the degradation do what theory demands of them? Stand-ins tell."""
