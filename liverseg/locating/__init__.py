"""Where the liver is: a network that finds it on coarse slices, before the models look closely."""
