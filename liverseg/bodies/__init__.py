"""Bodies in millimetres, painted on voxel grids: shapes, smooth fields, lesions of all kinds."""
