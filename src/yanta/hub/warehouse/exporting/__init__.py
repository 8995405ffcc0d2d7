"""Large answers as files: read out once into parts, then written in the format asked for, in bounded memory."""
