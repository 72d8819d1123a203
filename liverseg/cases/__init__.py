"""Cases: found in a data set, checked, described in the case table, split by patient."""
