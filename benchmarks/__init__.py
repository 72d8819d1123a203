"""Speed, memory and reliability, beside what else one would use. Nothing here is a test."""
