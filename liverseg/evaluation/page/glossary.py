"""What the words of the page mean: shown beside them on demand, and as a list at its end."""

from liverseg.pages.glossary import explain_terms

GLOSSARY = {
    "Lesion and liver": (
        "Liver is label 1 or 2, for a lesion belongs to the liver. Lesion is label 2; one lesion "
        "is a component of it whose voxels are joined by their faces."
    ),
    "95 % interval": (
        "In brackets: percentile bootstrap over patients. Two models whose intervals overlap may "
        "still differ case by case, which the paired differences tell."
    ),
    **explain_terms(),
    "Touched": "A reference lesion that shares a voxel with a prediction but is not matched.",
    "Missed": "A reference lesion that shares no voxel with a prediction.",
    "Diameter": (
        "The largest distance between two corners of a lesion within one axial slice. False "
        "positives are sized by their own."
    ),
    "Training log": (
        "Lesion pixels of the slices at the epoch whose weights were kept: the share that is right "
        "(Accuracy) and the mean binary cross-entropy (Loss); Val is the validation slices."
    ),
    "Kept epoch": "The epoch whose weights are the model; chosen on the validation slices.",
    "GMACs": "Thousand million multiply-accumulates that one slice takes.",
    "All background": "A prediction without liver and lesion: the floor that any model must beat.",
    "Calibration": (
        "Whether a pixel that is given a probability of 0.7 is lesion in 7 of 10 times. Points "
        "below the diagonal promise too much."
    ),
    "Confidence": (
        "The mean calibrated probability of a predicted lesion: what ranks true and false ones. A "
        "lesion that no prediction matches has none."
    ),
    "Role": (
        "Models learn from training cases; validation cases choose the epoch, the thresholds and "
        "the final model; test cases have no part in any of that. Roles are drawn by patient."
    ),
}
