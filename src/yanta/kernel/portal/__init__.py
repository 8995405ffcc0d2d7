"""The portal: the frame of every page, the parts it is made of, home, applications, to-dos and errors."""
