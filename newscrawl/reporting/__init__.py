"""What a run tells people and programs: reports, status, alerts."""
