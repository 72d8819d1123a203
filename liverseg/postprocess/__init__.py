"""From probabilities to labels on the scan's own grid."""
