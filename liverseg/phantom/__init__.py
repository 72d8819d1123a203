"""Synthetic abdominal CT in LiTS layout, a function of its seed alone.

Organs are implicit functions in the patient's own millimetres (x to the left, y to the back, z to
the head; the middle of the liver lies near z = 0), bent by smooth random fields and painted onto a
voxel grid with partial volume. Trigonometry is done on axes in double precision, and volumes see
only exactly rounded arithmetic: so neither the number of workers nor the kernels that numpy picks
for a processor change a byte.
"""
