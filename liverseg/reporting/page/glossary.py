"""What the words of the page mean: shown beside them on demand, and as a list at its end."""

GLOSSARY = {
    "Lesion and liver": (
        "Liver is label 1 or 2, for a lesion belongs to the liver. Lesion is label 2; one lesion "
        "is a component of it whose voxels are joined by their faces."
    ),
    "Dice": (
        "Twice the overlap over the sum of both volumes: 1 is a perfect fit, 0 is none. Where "
        "neither reference nor prediction has the region it is 1, as in the LiTS challenge."
    ),
    "Dice, per case": "The mean of the Dice over the cases, whatever their size.",
    "Dice, cases with lesion": "The mean over the cases whose reference has a lesion.",
    "Dice, global": "One Dice over the voxels of all cases: large lesions weigh most.",
    "95 % interval": (
        "In brackets: percentile bootstrap over patients. Two models whose intervals overlap may "
        "still differ case by case, which the paired differences tell."
    ),
    "ASSD": (
        "Average symmetric surface distance: how far the surface of the one mask lies from that of "
        "the other, in millimetres, averaged over both. Undefined where a mask is empty."
    ),
    "HD95": "The 95th percentile of the same distances: how far astray the worst places are.",
    "Burden": (
        "The volume of the lesions over that of the liver. Its error is that of the prediction "
        "minus that of the reference; RMSE is the root of its mean square over cases."
    ),
    "Matched": (
        "A reference and a predicted lesion match where their overlap is more than half of their "
        "union (IoU > 0.5); each can match but one."
    ),
    "Touched": "A reference lesion that shares a voxel with a prediction but is not matched.",
    "Missed": "A reference lesion that shares no voxel with a prediction.",
    "False positive": "A predicted lesion that matches none of the reference.",
    "Recall": "The share of the reference lesions that are matched, pooled over cases.",
    "Precision": (
        "The share of the predicted lesions that are matched, pooled over cases. In the training "
        "log: the share of the predicted lesion pixels that are right."
    ),
    "F1": "The harmonic mean of recall and precision.",
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
    "Role": (
        "Models learn from training cases; validation cases choose the epoch, the thresholds and "
        "the final model; test cases have no part in any of that. Roles are drawn by patient."
    ),
}
